import type { Finding } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';

/** The finding that git cannot be started. */
export function noGit(reason: string): Finding {
  return finding('base.no-git', {
    detail: `A revision is read with git, and ${reason}.\nInstall git, or name a file: --base earlier.yaml`,
  });
}

/** The finding that a file is in no repository that git opens. */
export function noRepository(file: string, said: string): Finding {
  return finding('base.no-repository', {
    detail: `${printable(file)}: git says: ${said}\nRun it in a checkout, or name a file: --base earlier.yaml`,
  });
}

/** The finding that a repository has no such revision. */
export function unknownRevision(name: string): Finding {
  return finding('base.unknown-revision', {
    detail: `The repository has no commit "${printable(name)}".\nName a branch, a tag or a commit that git log shows; a branch of the server as origin/NAME.`,
  });
}

/** The finding that a clone without its history does not have a revision. */
export function notInShallowClone(name: string): Finding {
  return finding('base.shallow-clone', {
    detail: `"${printable(name)}" is not among the commits of this shallow clone, so what it asked for cannot be told.\nFetch the history: fetch-depth: 0 of actions/checkout, GIT_DEPTH: "0" of GitLab, or git fetch --unshallow.`,
  });
}
