import type { Findings } from './finding-entry.ts';

/** Git revisions of the estate files: the base of a plan, and the one that connections are trusted from. */
export const revisions = {
  'base.no-git': {
    severity: 'error',
    summary: 'git cannot be run',
    means: '`--base` or `--applied` names a revision, and git cannot be started.',
    why: "reconcile reads other revisions of a file with the system's git.",
    remedy: 'Install git, or name a file that ends in `.yaml` instead of a revision.',
  },
  'base.no-repository': {
    severity: 'error',
    summary: 'The estate file is not in a git repository',
    means: '`--base` or `--applied` names a revision, and git finds no usable repository around the estate file.',
    why: 'Only a repository has revisions. In a container, git also refuses a repository that belongs to another user, and says so.',
    remedy:
      'Run the command in a checkout. If git reports dubious ownership, add the folder to `safe.directory` in the configuration of git.',
  },
  'base.unknown-revision': {
    severity: 'error',
    summary: 'There is no such revision',
    means: 'The repository has no commit with the name in `--base` or `--applied`.',
    why: 'Without the commit, the changes cannot be separated. A check that silently left that out would mislead you.',
    remedy: 'Use a branch, a tag or a commit that `git log` shows. For a branch of the server, write `origin/main`.',
  },
  'base.shallow-clone': {
    severity: 'error',
    summary: 'The clone does not have the revision',
    means: 'This clone does not have the commit, because it was made without the full history.',
    why: 'CI systems fetch one commit by default. The base and the commit before it are needed too.',
    remedy:
      'Set `fetch-depth: 0` for `actions/checkout` or `GIT_DEPTH: "0"` in GitLab, or run `git fetch --unshallow`.',
  },
  'base.unusable': {
    severity: 'warning',
    summary: 'The origin of changes is not known',
    means: 'The files of the base, or of the last applied revision, have errors or cannot be read.',
    why: 'Their wanted state is then not known. The plan is complete and right, but does not show where its changes come from.',
    remedy:
      'You can use the plan as it is. To see the origin of changes, use a `--base` or `--applied` that passes `reconcile validate`.',
  },
  'base.absent': {
    severity: 'note',
    summary: 'The base does not have the file',
    means: 'The base has none of the estate files.',
    why: 'The file is new, so it asks for everything in it for the first time.',
    remedy:
      'If the file is new, you do not have to do anything. If it was renamed, name the earlier file: `--base earlier.yaml`.',
  },
  'base.let-go': {
    severity: 'note',
    summary: 'The file no longer mentions something',
    means:
      'This file no longer mentions a host, a setting, a domain or a cohort. The base asked for it, or without a base the last applied run.',
    why: 'reconcile leaves everything alone that the file does not name. The live value stays, and no later check compares it. Accounts of a removed cohort belong to the remaining cohorts.',
    remedy: 'To remove a key from the server, set its value to `~`. To keep managing it, keep it in the file.',
  },
  'base.applied-alone': {
    severity: 'error',
    summary: '--applied needs --base or --origin',
    means: 'You gave `--applied` without `--base` and without `--origin`.',
    why: 'The option only divides the changes that a base asks for: into drift and changes that were never applied.',
    remedy: 'Add `--base`, for example `--base origin/main`. Or add `--origin`.',
  },
  'base.needs-origin': {
    severity: 'error',
    summary: 'apply needs --origin with --base or --applied',
    means: 'You gave `apply --base` or `apply --applied` without `--origin`.',
    why: 'The options say where changes come from. `apply` only asks that to choose some of them. Without `--origin` it would change everything that differs.',
    remedy:
      'Add `--origin drift` to put back only what drifted. To see where changes come from, use `reconcile plan --base origin/main`.',
  },
  'base.origin-unknown': {
    severity: 'error',
    summary: 'It is not known what was applied last',
    means:
      'You gave `--origin`. No record of a complete run can be read, and no revision was named, or the named one has errors.',
    why: 'A difference is drift only if it was applied before. Without that fact, changes that were never applied could be taken for drift, and the other way round.',
    remedy:
      'Name the revision that was applied last with `--applied`. Or apply the whole file once: later commands know it from the record of that run.',
  },
  'base.unread': {
    severity: 'warning',
    summary: 'The origin of some changes is not known',
    means: 'What the base, or the last applied state, asks of a target could not be compared with the live state.',
    why: 'The changes of this target count as planned, although some of them may be drift. With `--origin` such a plan is refused.',
    remedy:
      'Fix what the message says. Often a group or a base of an earlier cohort no longer exists. Or leave the target out with `--except`.',
  },
  'connections.changed': {
    severity: 'error',
    summary: 'A target was not contacted because its connection was changed',
    means:
      'You gave `--connections-from`, and the connection to a host or to the directory differs from the trusted revision. The address, URL, user, key, secret, path or program is another one, or a file that one of them names.',
    why: 'A pull request could send the passwords of a CI job to another address, or run a program with them. So the target was not contacted, and counts as one that could not be read.',
    remedy:
      'First merge the change of connections in a separate pull request. If a command in the repository prints the secret, move that command elsewhere, or use `{ env: NAME }`.',
  },
  'connections.unusable': {
    severity: 'error',
    summary: 'The trusted revision has errors',
    means: 'The estate files in the revision of `--connections-from` have errors.',
    why: 'Connections come only from that revision, so no target can be contacted.',
    remedy: 'First correct the files there, or name a revision without errors.',
  },
  'connections.unsigned': {
    severity: 'error',
    summary: 'A plan without its estate files must be signed',
    means: 'You gave `apply --connections FILE` without `--signers`.',
    why: 'Without the estate files, only signatures of people whom this machine trusts can prove that the plan asks for the wanted state.',
    remedy: 'Have the plan signed and name the trusted signers with `--signers`, or name its estate files with `-f`.',
  },
  'connections.missing': {
    severity: 'error',
    summary: 'Hosts of the plan have no connection',
    means: 'The file of `apply --connections` lacks some hosts of the plan.',
    why: 'A plan does not say how to reach its hosts. All of them are locked before anything is written.',
    remedy: 'Add the hosts to the file, under `cs6.hosts` or `cs7.hosts`.',
  },
} satisfies Findings<'base' | 'connections'>;
