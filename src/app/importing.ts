import type { DesiredState, Host } from '../core/desired.ts';
import { type ExaminedStep, type ExaminedTarget, stateOfTarget } from '../core/examination.ts';
import { distinctFindings, type Finding } from '../core/finding.ts';
import type { ImportOutcome, ImportReport } from '../core/import-report.ts';
import { shellLine } from '../core/next-command.ts';
import { readingExitCode } from '../core/report.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { draftEstate, gather, statedValue } from '../import/compose-estate.ts';
import type { DirectoryFacts, Facts, LookedHost } from '../import/fact.ts';
import type { GivenOptions } from '../import/given-options.ts';
import { hostEdits, type NamedHost } from '../import/host-words.ts';
import type { Interview, Person } from '../import/questions.ts';
import type { ExamineConnection, ExaminePorts } from '../ports/ports.ts';
import type { ExamineContext, LocalContext, ReadContext } from './context.ts';
import { connectedSteps } from './doctor-steps.ts';
import { loadText } from './load-estate.ts';

/** What is to be imported, as far as the command line says it. */
export interface ImportRequest extends GivenOptions {
  /** Replace files that exist. */
  readonly overwrite: boolean;
  /** Settings to take into the file. */
  readonly adopt: readonly string[] | 'all';
}

/** What importing needs: it reads, and writes files of this machine. */
export interface ImportContext extends ReadContext {
  readonly connections: ReadContext['connections'] & ExamineContext['connections'];
  /** Who is asked; absent: nobody is. */
  readonly person?: Person;
}

/** An import that is under way: every step adds what it found. */
export interface Importing {
  readonly request: ImportRequest;
  readonly context: ImportContext;
  interview: Interview;
  readonly opened: ExamineConnection[];
  targets: readonly ExaminedTarget[];
  hosts: readonly NamedHost[];
  /** As far as it is known how targets are reached. */
  draft?: DesiredState;
  ports?: ExaminePorts;
  live: readonly LookedHost[];
  people?: DirectoryFacts;
  routes: readonly Facts[];
}

/** How an import ends. */
export type ImportEnd = Pick<ImportReport, 'exitCode' | 'outcome'> & Partial<ImportReport>;

/** An end with findings. */
export function importEnd(outcome: ImportOutcome, exitCode: number, findings: readonly Finding[]): ImportEnd {
  return { outcome, exitCode, findings };
}

/** What there is to say about what was found. */
export function foundFindings({ live, people, routes }: Importing): readonly Finding[] {
  return distinctFindings([...live, ...(people ? [people] : []), ...routes].flatMap(({ findings }) => findings));
}

/** What was given and found, in the order in which it is written. */
export function editsOf({ live, people, routes, hosts, interview }: Importing): readonly EstateEdit[] {
  const facts = [...live, ...(people ? [people] : []), ...routes];
  const named = { path: ['name'], value: estateName(people) };
  return [named, ...hostEdits(hosts), ...gather(interview.given, facts).edits];
}

/** The mail domain with the most accounts, else the base of all of them. */
function estateName(people: DirectoryFacts | undefined): string {
  const [domain] = [...(people?.mailDomains ?? [])].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const base = people?.found.find(({ path }) => path.join('.') === 'directory.base')?.value;
  return domain?.[0] ?? (typeof base === 'string' ? base : 'calendars');
}

/** What stands for a directory that nobody has named yet: it is not connected with. */
const noDirectory = 'ldapi://%2Fnone';

/** What stands for the address of a front end, of which each side must have one. */
const noHttp = { cs6: 'http://cs6.invalid:80', cs7: 'http://cs7.invalid:80' } as const;

/** What stands for the password file of davadmin where none was stated. */
const noFile = '/none';

/**
 * How targets are reached, as far as that was given. What an estate must have besides is filled in; `davadmin.passwordFile` is
 * empty where it was not given. Findings where what was given is wrong.
 */
export function draftState(
  file: string,
  given: readonly EstateEdit[],
  context: Pick<LocalContext, 'schemas' | 'variables' | 'clock'>,
): DesiredState | readonly Finding[] {
  const drafted = draftEstate(given, context.schemas.estate);
  if ('refused' in drafted) return [finding('import.option-unusable', { detail: drafted.refused })];
  const filled = draftEstate(fillers(given), context.schemas.estate);
  const sources = [drafted.text, 'text' in filled ? filled.text : ''].map(content => ({ file, content }));
  const { state, findings } = loadText(sources, context, { connectionsOnly: true });
  return state ? { ...state, hosts: state.hosts.map(withoutFillers) } : findings;
}

/** What an estate must have and nobody gave. */
function fillers(given: readonly EstateEdit[]): readonly EstateEdit[] {
  const firstHost = (side: string) =>
    String(given.find(({ path }) => path[0] === side && path[1] === 'hosts')?.path[2]);
  const wanted: readonly EstateEdit[] = [
    { path: ['directory', 'url'], value: noDirectory },
    { path: ['cs6', 'platform'], value: 'solaris-sparc' },
    { path: ['cs6', 'hosts', firstHost('cs6'), 'http'], value: noHttp.cs6 },
    { path: ['cs7', 'hosts', firstHost('cs7'), 'http'], value: noHttp.cs7 },
    { path: ['cs7', 'davadmin', 'passwordFile'], value: noFile },
  ];
  return wanted.filter(({ path }) => statedValue(given, path) === undefined);
}

function withoutFillers({ http, ...host }: Host): Host {
  const answers = http !== undefined && http !== noHttp[host.product] ? { http } : {};
  if (host.product !== 'cs7' || host.davadmin.passwordFile !== noFile) return { ...host, ...answers };
  return { ...host, ...answers, davadmin: { ...host.davadmin, passwordFile: '' } };
}

const hostSteps = ['name', 'port', 'key', 'login', 'privilege', 'shell'] as const;
const directorySteps = ['name', 'port', 'tls', 'login'] as const;

/** Connects with the named hosts at the same time, and with the directory where it is among them; how far each came. */
export async function reachTargets(
  names: readonly string[],
  state: DesiredState,
  ports: ExaminePorts,
): Promise<readonly ExaminedTarget[]> {
  return Promise.all(
    names.map(async name => {
      const host = state.hosts.find(one => one.name === name);
      const reached = await ports.reach(name);
      const steps = connectedSteps(host ? hostSteps : directorySteps, reached).map(step =>
        withRemedy(step, host?.access),
      );
      const { source } = host ?? state.directory;
      return { name, of: host?.product ?? 'directory', steps, source };
    }),
  );
}

/** The exit code where targets could not be reached; nothing where all were. */
export function unreachedExitCode(targets: readonly ExaminedTarget[]): number | undefined {
  const failing = targets.filter(target => stateOfTarget(target) === 'fails').length;
  return failing === 0 ? undefined : readingExitCode(failing, targets.length, false);
}

/** `doctor` needs the file that is not there yet: OpenSSH shows a new key and adds it. */
function withRemedy(step: ExaminedStep, access: DesiredState['hosts'][number]['access'] | undefined): ExaminedStep {
  return { ...step, findings: step.findings.map(one => withoutFile(one, access)) };
}

function withoutFile(
  { next: _, ...problem }: Finding,
  access: DesiredState['hosts'][number]['access'] | undefined,
): Finding {
  if (!access || !hasCode(problem, 'host.key-unknown')) return problem;
  const { address, port, user, config, knownHosts } = access;
  const words = [
    'ssh',
    ...(config === 'none' ? ['-F', 'none'] : []),
    ...(knownHosts === undefined ? [] : ['-o', `UserKnownHostsFile=${knownHosts}`]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    `${user ? `${user}@` : ''}${address}`,
    'true',
  ];
  return { ...problem, detail: `${problem.detail}\nTo compare the key, and add it:\n    ${shellLine(words)}` };
}
