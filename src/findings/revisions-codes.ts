import type { Findings } from './finding-entry.ts';

/** Git revisions of the estate files: the base of a plan, and the one that connections are trusted from. */
export const revisions = {
  'base.no-git': {
    severity: 'error',
    summary: 'git cannot be run',
    means: '`--base` or `--applied` names a revision, and git cannot be started.',
    why: "What a file said in another revision is read with the system's git.",
    remedy: 'Install git, or name a file that ends in `.yaml` instead of a revision.',
  },
  'base.no-repository': {
    severity: 'error',
    summary: 'The estate file is in no git repository',
    means: '`--base` or `--applied` names a revision, and git does not open a repository around the estate file.',
    why: 'A revision is one of a repository. In a container git also refuses one that belongs to another user, and says so.',
    remedy:
      'Run it in a checkout. Where git speaks of dubious ownership, name the folder in `safe.directory` of its configuration.',
  },
  'base.unknown-revision': {
    severity: 'error',
    summary: 'There is no such revision',
    means: 'The repository has no commit of the name that `--base` or `--applied` has.',
    why: 'Without it the changes cannot be separated, and a check that quietly left that out would mislead.',
    remedy: 'Use a branch, a tag or a commit that `git log` shows there. A branch of the server is `origin/main`.',
  },
  'base.shallow-clone': {
    severity: 'error',
    summary: 'The clone does not have the revision',
    means: 'The revision is not among the commits that this clone has, because it was made without its history.',
    why: 'CI systems fetch one commit by default. The base, and the commit before it, are needed as well.',
    remedy:
      'Set `fetch-depth: 0` of `actions/checkout`, or `GIT_DEPTH: "0"` in GitLab, or run `git fetch --unshallow`.',
  },
  'base.unusable': {
    severity: 'warning',
    summary: 'What a change comes from cannot be told',
    means: 'The files of the base, or of what was applied last, have errors or cannot be read.',
    why: 'What they asked for is then not known. The plan is whole and right, only where its changes come from is not said.',
    remedy:
      'Nothing needs to be done for the plan. Another `--base` or `--applied` that passes `reconcile validate` gives the labels.',
  },
  'base.absent': {
    severity: 'note',
    summary: 'The base does not have the file',
    means: 'The base has none of the estate files.',
    why: 'A file that is new asks for everything in it for the first time.',
    remedy: 'Nothing, if the file is new. If it was renamed, name the earlier one: `--base earlier.yaml`.',
  },
  'base.let-go': {
    severity: 'note',
    summary: 'Something is no longer asked for',
    means:
      'The base, or without one the last run that was applied, asks for a host, a setting, a domain or a cohort that this file does not mention any more.',
    why: 'What is not named is left alone, so the live value stays, and no later check will look at it. Accounts of a cohort that is gone belong to the cohorts that are left.',
    remedy: 'To have a key taken out, say so: `~` as its value. To go on managing it, keep it in the file.',
  },
  'base.applied-alone': {
    severity: 'error',
    summary: '--applied needs --base',
    means: '`--applied` was given without `--base`.',
    why: 'It only divides the changes that a base asks for into drift and what was never applied.',
    remedy: 'Add `--base`, for instance `--base origin/main`.',
  },
  'connections.changed': {
    severity: 'error',
    summary: 'A target is not contacted, because its connection was changed',
    means:
      'With `--connections-from`, a host or the directory would be reached in another way than the trusted revision says: another address, URL, user, key, secret, path or program, or another file that one of them names.',
    why: 'A pull request could send the passwords of a CI job to an address of its own, or run a program with them. So the target is not contacted, and counts as one that could not be read.',
    remedy:
      'Merge the change of connections first, alone. Where a command of the repository gives the secret, keep that command elsewhere, or take the secret from `{ env: NAME }`.',
  },
  'connections.unusable': {
    severity: 'error',
    summary: 'The trusted revision has errors',
    means: 'The estate files have errors in the revision that `--connections-from` names.',
    why: 'How targets are reached is taken from that revision only, so nothing can be contacted.',
    remedy: 'Correct the files there first, or name a revision in which they are right.',
  },
  'connections.unsigned': {
    severity: 'error',
    summary: 'A plan without its estate files has to be signed',
    means: '`apply --connections FILE` was given for a plan, and no `--signers`.',
    why: 'Without the estate files nothing proves that the plan asks for the wanted state, except the signatures of people whom this machine trusts.',
    remedy: 'Have the plan signed and name the signers with `--signers`, or name its estate files with `-f`.',
  },
  'connections.missing': {
    severity: 'error',
    summary: 'Hosts of the plan have no connection',
    means: 'The file of `apply --connections` does not have all hosts of the plan.',
    why: 'A plan does not say how its hosts are reached. All of them are asked for their locks before anything is written.',
    remedy: 'Add the hosts to the file, under `cs6.hosts` or `cs7.hosts`.',
  },
} satisfies Findings<'base' | 'connections'>;
