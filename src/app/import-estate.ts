import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { TargetProblem } from '../core/finding.ts';
import type { ImportReport } from '../core/import-report.ts';
import { nextCommands } from '../core/next-command.ts';
import { exitCodes, readingExitCode } from '../core/report.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import { finding } from '../findings/catalogue.ts';
import { adoptSettings } from '../import/adopted-settings.ts';
import { gather, statedValue } from '../import/compose-estate.ts';
import { findPeople } from '../import/directory-facts.ts';
import type { Choice, Facts, LookedHost } from '../import/fact.ts';
import { givenRoutes, readRequest } from '../import/given-options.ts';
import { findHosts, restartChoices } from '../import/host-facts.ts';
import { findRoutes } from '../import/host-routes.ts';
import { hostEdits, nameHosts } from '../import/host-words.ts';
import {
  bindDnQuestion,
  choiceQuestion,
  directoryQuestion,
  hostsQuestion,
  Interview,
  passwordQuestion,
} from '../import/questions.ts';
import { standardOutput } from '../ports/local-files.ts';
import type { ExaminePorts } from '../ports/ports.ts';
import { unwritableFile } from './files.ts';
import {
  draftState,
  foundFindings,
  type ImportContext,
  type ImportEnd,
  type Importing,
  type ImportRequest,
  importEnd,
  reachTargets,
  unreachedExitCode,
} from './importing.ts';
import { dayOf } from './load-estate.ts';
import { proveAndWrite } from './write-import.ts';

type ImportStep = (run: Importing) => Promise<ImportEnd | undefined>;

const steps: readonly ImportStep[] = [
  checkFile,
  readOptions,
  decideHosts,
  reachHosts,
  lookAtHosts,
  reachDirectory,
  lookAtDirectory,
  decideRest,
  proveOrAsk,
];

/**
 * Reads hosts and directory, writes what is there as an estate file, and proves before that that planning the file changes
 * nothing of it. Asks for what is missing where there is a person, and otherwise says all that is missing at once. Nothing is
 * changed on any server, and no file is written unless everything is known and proved.
 */
export async function importEstate(request: ImportRequest, context: ImportContext): Promise<ImportReport> {
  const interview = new Interview(context.person);
  const run: Importing = { request, context, interview, opened: [], targets: [], hosts: [], live: [], routes: [] };
  try {
    for (const step of steps) {
      const end = await step(run);
      if (end) return reportOf(run, end);
    }
    throw new Error('an import ends with its last step');
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return reportOf(run, { outcome: 'unread', exitCode: exitCodes.incomplete, findings: [problem.finding] });
  } finally {
    context.progress.end();
    await Promise.all(run.opened.map(connection => connection.close()));
  }
}

function reportOf({ request, interview, targets, people }: Importing, end: ImportEnd): ImportReport {
  const { open, words } = interview;
  const more = [...words, ...open.flatMap(choice => choice.words)];
  return {
    command: 'import',
    ...{ exitCode: end.exitCode, outcome: end.outcome, file: request.file },
    targets,
    choices: open,
    ...(end.outcome !== 'written' && more.length > 0 && { again: nextCommands.importAgain(more) }),
    findings: [],
    written: [],
    questions: interview.asked,
    ...(people && { accounts: people.accounts }),
    coverage: [],
    ...end,
  };
}

/** Before anything is asked: a person must not answer eight questions for nothing. */
async function checkFile({ request: { file, overwrite }, context: { files } }: Importing) {
  if (file === standardOutput) {
    const detail = 'An estate file names files beside it, so it needs a name of its own:\n    -o estate.yaml';
    return importEnd('failed', exitCodes.error, [finding('import.option-unusable', { detail })]);
  }
  try {
    if (!(await files.mayReplace(file)) || overwrite) return undefined;
    return importEnd('failed', exitCodes.refused, [
      finding('import.file-exists', {
        detail: `${file} exists, and nothing was looked at. Write another file with -o, or replace this one:`,
        next: [nextCommands.importAgain(['--overwrite'])],
      }),
    ]);
  } catch (error) {
    return importEnd('failed', exitCodes.error, [unwritableFile(file, error)]);
  }
}

/** What the command line gives; everything that is wrong with it is said at once. */
async function readOptions({ request, interview, context }: Importing) {
  const { schemas, variables } = context;
  const read = readRequest(request, schemas.estate, variables);
  if ('wrong' in read) return importEnd('failed', exitCodes.error, read.wrong);
  interview.give(read);
  return undefined;
}

async function decideHosts(run: Importing) {
  const { interview } = run;
  for (const side of ['cs6', 'cs7'] as const)
    if (interview.hosts[side].length === 0) await interview.decide(hostsQuestion(side));
  if (interview.open.length > 0) {
    await decideDirectory(run);
    return undecided();
  }
  run.hosts = nameHosts(interview.hosts);
  const routes = givenRoutes(run.request, run.hosts);
  if ('wrong' in routes) return importEnd('failed', exitCodes.error, routes.wrong);
  interview.give(routes);
  return undefined;
}

function undecided(findings: readonly Finding[] = []): ImportEnd {
  return importEnd('undecided', exitCodes.refused, findings);
}

/** Hosts first, with what is in the file of them; then what was given besides. */
function givenOf({ hosts, interview }: Importing): readonly EstateEdit[] {
  return [...hostEdits(hosts), ...interview.given];
}

/** Makes up anew how targets are reached, from all that was given by now. */
function redraft(run: Importing): ImportEnd | undefined {
  const drafted = draftState(run.request.file, givenOf(run), run.context);
  if (!('hosts' in drafted)) return importEnd('failed', exitCodes.error, drafted);
  run.draft = drafted;
  return undefined;
}

async function connect(run: Importing, draft: DesiredState): Promise<ExaminePorts> {
  const { connections, variables } = run.context;
  const connection = await connections.toExamine(draft, variables);
  run.opened.push(connection);
  return connection.ports;
}

function draftOf({ draft }: Importing): DesiredState {
  if (!draft) throw new Error('the draft is made before it is used');
  return draft;
}

function portsOf({ ports }: Importing): ExaminePorts {
  if (!ports) throw new Error('hosts are connected before they are asked');
  return ports;
}

/** The directory is looked at together with the hosts where it is known by now, so that every obstacle is said at once. */
async function reachHosts(run: Importing) {
  const wrong = redraft(run);
  if (wrong) return wrong;
  const draft = draftOf(run);
  run.ports = await connect(run, draft);
  const names = draft.hosts.map(({ name }) => name);
  return reach(run, knowsDirectory(run) ? [...names, 'directory'] : names);
}

async function reach(run: Importing, names: readonly string[]): Promise<ImportEnd | undefined> {
  run.context.progress.show(`connecting to ${names.join(', ')}`);
  run.targets = [...run.targets, ...(await reachTargets(names, draftOf(run), portsOf(run)))];
  run.context.progress.end();
  const exitCode = unreachedExitCode(run.targets);
  return exitCode === undefined ? undefined : importEnd('unread', exitCode, []);
}

/** Whether all is given that a connection with the directory takes. */
function knowsDirectory({ interview: { given } }: Importing): boolean {
  const url = statedValue(given, ['directory', 'url']);
  const login = statedValue(given, ['directory', 'bindDn']) !== undefined;
  const password = statedValue(given, ['directory', 'password']) !== undefined;
  return url !== undefined && (needsNoLogin(given) || (login && password));
}

/** The login is with a certificate, or as the user of this process. */
function needsNoLogin(given: readonly EstateEdit[]): boolean {
  const urls = [statedValue(given, ['directory', 'url']) ?? []].flat();
  const local = urls.length > 0 && urls.every(url => String(url).startsWith('ldapi:'));
  return local || statedValue(given, ['directory', 'tls', 'certificate']) !== undefined;
}

/** What the hosts say of the directory is suggested, before other questions take the room. */
async function lookAtHosts(run: Importing) {
  for (let round = 0; ; round++) {
    run.context.progress.show(`looking at ${run.hosts.map(({ name }) => name).join(', ')}`);
    run.live = await findHosts(draftOf(run), portsOf(run), {
      addresses: await addressesOf(run),
      given: run.interview.given,
    });
    run.context.progress.end();
    const unread = unreadEnd(run);
    if (unread) return unread;
    if (round === 0) await decideDirectory(run);
    if (!(await decideChoices(run, run.live))) return undefined;
    const wrong = redraft(run);
    if (wrong) return wrong;
  }
}

/** Where a target could not be read, nothing else is asked about it. */
function unreadEnd(run: Importing): ImportEnd | undefined {
  const findings = foundFindings(run);
  const unread = findings.filter(({ severity, target }) => severity === 'error' && target !== undefined);
  const failing = new Set(unread.map(({ target }) => target)).size;
  if (failing === 0) return undefined;
  return importEnd('unread', readingExitCode(failing, run.targets.length, false), findings);
}

/** Asks for what was not found; whether anything was answered. What is left open is said at the end. */
async function decideChoices(run: Importing, facts: readonly Facts[]): Promise<boolean> {
  const { interview, context } = run;
  let answered = false;
  for (const choice of openChoices(run, facts)) {
    answered = (await interview.decide(choiceQuestion(choice, context.schemas.estate, run.hosts))) || answered;
  }
  return answered;
}

function openChoices({ interview }: Importing, facts: readonly Facts[]): readonly Choice[] {
  return gather(interview.given, facts).choices;
}

/** The real addresses of hosts that are named as ~/.ssh/config knows them. */
async function addressesOf(run: Importing): Promise<ReadonlyMap<string, string>> {
  const { routes, variables } = run.context;
  const facts = await Promise.all(
    draftOf(run).hosts.map(async host => {
      const own = (await routes.factsOf(host, variables)).filter(({ key }) => key === 'HostName');
      return [host.name, own.at(-1)?.value ?? host.access.address] as const;
    }),
  );
  return new Map(facts);
}

async function decideDirectory(run: Importing) {
  const { interview, live, context } = run;
  const { given } = interview;
  const suggested = (what: 'url' | 'bindDn') => [...new Set(live.flatMap(({ directory }) => directory[what] ?? []))];
  if (statedValue(given, ['directory', 'url']) === undefined)
    await interview.decide(directoryQuestion(suggested('url')));
  if (needsNoLogin(given)) return undefined;
  if (statedValue(given, ['directory', 'bindDn']) === undefined)
    await interview.decide(bindDnQuestion(suggested('bindDn')));
  if (statedValue(given, ['directory', 'password']) === undefined)
    await interview.decide(passwordQuestion(run.request.file, context.variables));
  return undefined;
}

/** The hosts stay connected: only the directory is connected anew. */
async function reachDirectory(run: Importing) {
  if (run.targets.some(({ of }) => of === 'directory') || !knowsDirectory(run)) return undefined;
  const wrong = redraft(run);
  if (wrong) return wrong;
  const { directory, directoryServers, wouldModify, reach: reaching } = await connect(run, draftOf(run));
  const hosts = portsOf(run);
  run.ports = {
    ...hosts,
    ...{ directory, directoryServers, wouldModify },
    reach: target => (target === 'directory' ? reaching(target) : hosts.reach(target)),
  };
  return reach(run, ['directory']);
}

async function lookAtDirectory(run: Importing) {
  if (!knowsDirectory(run)) return undefined;
  const { interview, context } = run;
  for (;;) {
    context.progress.show('looking at the accounts of the directory');
    const hints = { hosts: run.live, stated: interview.given, day: dayOf(context.clock.now()) };
    const people = await findPeople(draftOf(run), portsOf(run).directory(), hints);
    context.progress.end();
    run.people = people;
    if (!(await decideChoices(run, [people]))) return undefined;
  }
}

/** What follows from hosts and directory together. */
async function decideRest(run: Importing) {
  const { interview, context, request } = run;
  for (;;) {
    const routes = findRoutes(
      run.live.map(host => withGivenHttp(host, interview.given)),
      run.people?.mailDomains ?? new Map(),
    );
    const adopted = adoptSettings(run.live, request.adopt, context.schemas.estate);
    run.routes = [routes, adopted];
    if (!(await decideChoices(run, run.routes))) break;
  }
  const unread = unreadEnd(run);
  if (unread) return unread;
  const findings = foundFindings(run);
  if (findings.some(({ severity }) => severity === 'error')) return importEnd('failed', exitCodes.error, findings);
  return interview.open.length > 0 ? undecided(findings) : undefined;
}

function withGivenHttp(host: LookedHost, given: readonly EstateEdit[]): LookedHost {
  const path = [host.product, 'hosts', host.name, 'http'];
  const http = statedValue(given, path);
  return typeof http === 'string' ? { ...host, http } : host;
}

/** A host that could not be planned may be one whose restart a person has to state: then that is asked for, and all is planned again. */
async function proveOrAsk(run: Importing): Promise<ImportEnd> {
  for (;;) {
    const end = await proveAndWrite(run);
    const choices = end.outcome === 'unread' ? restartChoices(end.findings ?? []) : [];
    if (await decideChoices(run, [{ found: [], choices, findings: [] }])) continue;
    return run.interview.open.length > 0 ? undecided(end.findings) : end;
  }
}
