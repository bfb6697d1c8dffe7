import { printable, webAddress } from '../../core/printable.ts';

/** What CI says of the job that this is. */
export interface CiJob {
  /** The login of the person who started it. */
  readonly actor?: string;
  /** The web address of the job. */
  readonly link?: string;
  /** The commit that it is about, hexadecimal. What is checked out, git has to say. */
  readonly commit?: string;
  /** Who made that commit. */
  readonly author?: string;
  /** The folder of the checkout. */
  readonly folder?: string;
  /** The repository as an address ends: `ops/estate`. */
  readonly repository?: string;
  /** What comes before the id in the address of a commit's page. */
  readonly commitPages?: string;
  /** `pull request 17`, `merge request 17`. */
  readonly request?: { readonly name: string; readonly link: string };
}

/** The value of a variable; empty where it is not set. */
type ValueOf = (name: string) => string;

/**
 * The job of GitHub Actions (https://docs.github.com/actions), GitLab CI (https://docs.gitlab.com/ci/variables) or Jenkins that
 * the program runs in; nothing elsewhere. The variable that says so must be set, because the others may be left over.
 */
export function ciJob(environment: Readonly<Record<string, string | undefined>>): CiJob | undefined {
  const of: ValueOf = name => environment[name] ?? '';
  if (of('GITHUB_ACTIONS') === 'true') return githubJob(of);
  if (of('GITLAB_CI') === 'true') return gitlabJob(of);
  return of('JENKINS_URL') === '' ? undefined : jenkinsJob(of);
}

function githubJob(of: ValueOf): CiJob {
  const pages = `${of('GITHUB_SERVER_URL')}/${of('GITHUB_REPOSITORY')}`;
  const [, number = ''] = /^refs\/pull\/(\d+)\//.exec(of('GITHUB_REF')) ?? [];
  const attempt = of('GITHUB_RUN_ATTEMPT') === '' ? '' : `/attempts/${of('GITHUB_RUN_ATTEMPT')}`;
  return {
    ...filled({
      actor: oneLine(of('GITHUB_ACTOR')),
      link: of('GITHUB_RUN_ID') === '' ? '' : webAddress(`${pages}/actions/runs/${of('GITHUB_RUN_ID')}${attempt}`),
      commit: commitId(of('GITHUB_SHA')),
      folder: of('GITHUB_WORKSPACE'),
      repository: of('GITHUB_REPOSITORY'),
      commitPages: `${pages}/commit/`,
    }),
    ...requestOf('pull', number, `${pages}/pull/${number}`),
  };
}

function gitlabJob(of: ValueOf): CiJob {
  const pages = `${of('CI_PROJECT_URL')}/-`;
  const number = of('CI_MERGE_REQUEST_IID');
  return {
    ...filled({
      actor: oneLine(of('GITLAB_USER_LOGIN')),
      link: webAddress(of('CI_JOB_URL')),
      commit: commitId(of('CI_COMMIT_SHA')),
      author: oneLine(of('CI_COMMIT_AUTHOR')),
      folder: of('CI_PROJECT_DIR'),
      repository: of('CI_PROJECT_PATH'),
      commitPages: `${pages}/commit/`,
    }),
    ...requestOf('merge', number, `${pages}/merge_requests/${number}`),
  };
}

/** `BUILD_USER_ID` is set by the plugin Build User Vars, the variables of changes by Multibranch Pipeline. */
function jenkinsJob(of: ValueOf): CiJob {
  return {
    ...filled({
      actor: oneLine(of('BUILD_USER_ID')),
      link: webAddress(of('BUILD_URL')),
      commit: commitId(of('GIT_COMMIT')),
      folder: of('WORKSPACE'),
      repository: of('GIT_URL'),
    }),
    ...requestOf('pull', of('CHANGE_ID'), of('CHANGE_URL')),
  };
}

function requestOf(kind: 'pull' | 'merge', number: string, link: string): Pick<CiJob, 'request'> {
  if (!/^\d{1,15}$/.test(number) || webAddress(link) === undefined) return {};
  return { request: { name: `${kind} request ${number}`, link } };
}

/** Those of the texts that say something. */
function filled<K extends string>(texts: Readonly<Record<K, string | undefined>>): { readonly [N in K]?: string } {
  const said: { [N in K]?: string } = {};
  for (const name in texts) if (texts[name]) said[name] = texts[name];
  return said;
}

/** The id of a commit, or nothing where a text can be none. */
export function commitId(text: string): string | undefined {
  return /^[0-9a-f]{7,64}$/.test(text) ? text : undefined;
}

/** Longest name that is kept, in characters. */
const longestName = 200;

/** A name from outside in one printable line, without a mail address after it: a report goes to more people than a repository. */
export function oneLine(name: string): string {
  return printable(withoutAddress(name.trimEnd())).replaceAll('\n', ' ').trim().slice(0, longestName);
}

function withoutAddress(name: string): string {
  const start = name.endsWith('>') ? name.indexOf('<', name.lastIndexOf('>', name.length - 2) + 1) : -1;
  return start < 0 ? name : name.slice(0, start);
}
