import { dirname } from 'node:path/posix';
import type { DesiredState, Host } from '../core/desired.ts';
import { type ExaminedStep, foundStep } from '../core/examination.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { stated } from '../core/next-command.ts';
import { printable } from '../core/printable.ts';
import { rowOf } from '../core/stages.ts';
import { count } from '../core/units.ts';
import { compareAll } from '../engine/compare.ts';
import { actedFinding, waitingFinding } from '../engine/watchdogs-waiting.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { FreeSpace, HostLook, HostQuestion, HostReader, PathRights } from '../ports/host.ts';
import type { ExaminePorts } from '../ports/ports.ts';
import { connectedSteps, failedStepOf, makeStep, patience, type StepFound, skippedSteps } from './doctor-steps.ts';

const connectOrder = ['name', 'port', 'key', 'login', 'privilege', 'shell'] as const;
const ownSteps = ['tools', 'clock', 'lock', 'rights', 'disk space'] as const;

/** Everything that is looked at on a host. What its kinds read belongs to them: they are asked as for a plan. */
export async function examineHost(host: Host, state: DesiredState, ports: ExaminePorts, now: () => number) {
  // Listing all calendars would take minutes, and is no matter of the set-up.
  const managed = targetsOf(state).filter(
    ({ target, stage }) => target === host.name && rowOf(stage).view.by === 'host',
  );
  const reached = await ports.reach(host.name);
  const connected = connectedSteps(connectOrder, reached);
  const failed = failedStepOf(reached);
  if (failed !== undefined) return [...connected, ...skippedSteps([...ownSteps, ...kindsOf(managed)], failed)];
  const reader = ports.host(host.name);
  const [looked, clock, lock, ...kinds] = await Promise.all([
    lookSteps(host, managed, state, ports),
    makeStep(host.name, 'clock', () => clockStep(host.name, reader, now), ports),
    makeStep(host.name, 'lock', () => lockStep(host.name, reader), ports),
    ...managed.map(target => makeStep(host.name, target.kind, () => kindStep(target, ports), ports, patience.long)),
  ]);
  const [tools, ...rest] = looked;
  return [...connected, ...(tools ? [tools] : []), clock, lock, ...rest, ...kinds];
}

function kindsOf(managed: readonly BoundTarget[]): readonly string[] {
  return managed.map(({ kind }) => kind);
}

/** What a kind reads, and what it says about it; whether something differs is for a plan to say. */
async function kindStep(target: BoundTarget, ports: ExaminePorts): Promise<StepFound> {
  const [seen] = await compareAll([target], ports);
  if (!seen) throw new Error('one target has one comparison');
  const { changes, findings, unread } = seen;
  if (unread) throw new TargetProblem(unread);
  const differs = changes.length > 0 ? `; ${count(changes.length, 'change')} pending` : '';
  return { detail: `read${differs}`, findings };
}

/** Clocks further apart than this, in milliseconds, are worth a word. */
const clockTolerance = 60_000;

async function clockStep(host: string, reader: HostReader, now: () => number): Promise<StepFound> {
  const before = now();
  const there = await reader.clock();
  const after = now();
  // The host shows whole seconds, at some moment of the trip.
  const ahead = there < before - 1000 ? there - before : there > after ? there - after : 0;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const words = seconds === 0 ? 'the same as here' : `${count(seconds, 'second')} ${ahead > 0 ? 'ahead' : 'behind'}`;
  if (Math.abs(ahead) <= clockTolerance) return { detail: words };
  const detail = `${host}: its clock is ${words}. Set both clocks from a time server. To compare, run on both:\n    date -u`;
  return { detail: words, findings: [finding('doctor.clock-differs', { detail, target: host })] };
}

async function lockStep(host: string, reader: HostReader): Promise<StepFound> {
  const guard = await reader.guard();
  const waiting = waitingFinding(host, guard);
  const findings = [...(waiting ? [waiting] : []), ...(guard.acted.length > 0 ? [actedFinding(host, guard)] : [])];
  const { holder } = guard;
  const detail = holder ? `held by run ${printable(holder.run)} of ${printable(holder.by)}` : 'free';
  return { detail, findings };
}

/** One look shows the programs, the rights and the space. */
async function lookSteps(
  host: Host,
  managed: readonly BoundTarget[],
  state: DesiredState,
  ports: ExaminePorts,
): Promise<readonly ExaminedStep[]> {
  const needs = needsOf(host, managed, state);
  let seen: HostLook | undefined;
  const tools = await makeStep(
    host.name,
    'tools',
    async () => {
      seen = await ports.examine(host.name).look(questionOf(needs));
      return toolsFound(host.name, seen);
    },
    ports,
  );
  const look = seen;
  if (!look) return [tools, ...skippedSteps(['rights', 'disk space'], 'tools')];
  return [
    tools,
    stepFrom('rights', rightsFound(host, needs, look)),
    stepFrom('disk space', spaceFound(host.name, look.space)),
  ];
}

function stepFrom(name: string, { detail, findings }: StepFound): ExaminedStep {
  return foundStep(name, detail, findings);
}

function toolsFound(host: string, { lacking, system, user }: HostLook): StepFound {
  if (lacking.length === 0) return { detail: `all there for ${user}; ${system}` };
  const detail = `${host}: ${user} lacks ${lacking.join(', ')} in the PATH of /bin/sh.\nInstall them, or add their folder to that PATH. To see it on the host, as ${user}:\n    echo $PATH`;
  return {
    detail: `lacks ${lacking.join(', ')}`,
    findings: [finding('doctor.tool-missing', { detail, target: host })],
  };
}

/** What is done with a path, in the words of a message. */
interface Need {
  readonly path: string;
  readonly what: 'read' | 'replace' | 'list' | 'write in';
}

/** Every path that a plan would read or an apply would write, as the kinds and the file name them. */
function needsOf(host: Host, managed: readonly BoundTarget[], { cohorts }: DesiredState): readonly Need[] {
  const need = (what: Need['what'], paths: readonly string[]) => paths.map(path => ({ what, path }));
  const copies = cohorts.flatMap(({ migrated }) => migrated?.exportTo ?? []);
  const own =
    host.product === 'cs6'
      ? [...need('list', host.hotBackup === undefined ? [] : [host.hotBackup]), ...need('write in', copies)]
      : need('read', [host.davadmin.passwordFile]);
  const all = [
    ...managed.flatMap(({ writes }) => need(writes?.program === undefined ? 'replace' : 'read', writes?.paths ?? [])),
    ...managed.flatMap(({ readsAtStart }) => need('read', readsAtStart)),
    ...own,
  ];
  return [...new Map(all.filter(({ path }) => path.startsWith('/')).map(one => [JSON.stringify(one), one])).values()];
}

function questionOf(needs: readonly Need[]): HostQuestion {
  const folders = needs.flatMap(({ what, path }) =>
    what === 'replace' ? [dirname(path)] : what === 'write in' ? [path] : [],
  );
  return {
    paths: [...new Set(needs.flatMap(({ what, path }) => (what === 'replace' ? [path, dirname(path)] : [path])))],
    folders: [...new Set(folders)],
  };
}

function rightsFound(host: Host, needs: readonly Need[], look: HostLook): StepFound {
  const rights = new Map(look.paths.map(one => [one.path, one]));
  const there = needs.filter(({ path }) => !['missing', undefined].includes(rights.get(path)?.kind));
  const lacking = there.flatMap(need => lackOf(need, rights, look));
  const state = stateLack(look);
  const problems = [...lacking, ...state];
  const detail = `${look.user} has the rights to ${count(there.length, 'path')} and to ${look.state?.path ?? 'its home'}`;
  if (problems.length === 0) return { detail };
  return { detail: `${count(problems.length, 'right')} missing`, findings: [rightsFinding(host, problems, look)] };
}

function lackOf({ what, path }: Need, rights: ReadonlyMap<string, PathRights>, look: HostLook): readonly string[] {
  const own = rights.get(path);
  if (!own) return [];
  if (own.kind === 'hidden') return [`may not search a folder above ${path}`];
  if (what === 'list') return own.read && own.execute ? [] : [`may not list ${path}`];
  if (what === 'write in') return own.write && own.execute ? [] : [`may not write in ${path}`];
  const unread = own.read ? [] : [`may not read ${path}`];
  if (what === 'read') return unread;
  const folder = rights.get(dirname(path));
  const closed = folder && !(folder.write && folder.execute) ? [`may not write in ${dirname(path)}`] : [];
  const foreign = look.uid !== 0 && own.owner !== undefined && own.owner !== look.uid;
  return [...unread, ...closed, ...(foreign ? [`does not own ${path}, so it could not keep its owner`] : [])];
}

/** Locks, watchdogs and records are kept there. */
function stateLack({ state }: HostLook): readonly string[] {
  if (!state) return ['has no home folder, which locks and watchdogs are kept in'];
  return state.write && state.execute ? [] : [`may not write in ${state.path}, where locks and watchdogs are kept`];
}

function rightsFinding({ name, product }: Host, problems: readonly string[], { user, uid }: HostLook): Finding {
  const key = [product, 'hosts', name, 'ssh', 'privilege'];
  const way =
    uid === 0
      ? 'Check the mount options and access lists there.'
      : 'Grant these rights, or let the login become a user who has them, such as';
  const detail = [
    `${name}: ${user}`,
    ...problems.map(problem => `  - ${problem}`),
    way,
    ...(uid === 0 ? [] : [stated(key, '{ by: sudo, as: root }')]),
  ].join('\n');
  return finding('doctor.rights-missing', { detail, target: name });
}

const megabyte = 1024 * 1024;
const least = { error: 10 * megabyte, warning: 100 * megabyte } as const;

function spaceFound(host: string, space: readonly FreeSpace[]): StepFound {
  const known = space.flatMap(({ folder, free }) => (free === undefined ? [] : [{ folder, free }]));
  const [tightest] = known.toSorted((a, b) => a.free - b.free);
  if (!tightest) return { detail: space.length === 0 ? 'nothing is written by name here' : 'df does not show it' };
  const findings = known.filter(({ free }) => free < least.warning).map(one => fullFinding(host, one));
  return { detail: `${megabytes(tightest.free)} free at ${tightest.folder}`, findings };
}

function fullFinding(host: string, { folder, free }: Required<FreeSpace>): Finding {
  const severity = free < least.error ? 'error' : 'warning';
  const detail = `${host}: ${megabytes(free)} free where ${folder} is. To see the file system on the host:\n    df -k ${folder}`;
  return finding('doctor.disk-full', { severity, detail, target: host });
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / megabyte).toLocaleString('en-US')} MB`;
}
