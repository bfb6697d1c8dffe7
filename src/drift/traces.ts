import type { Change } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import type { FileRestore, Plan, Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Trace } from '../core/report.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { FileReading } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { cs7FilePlaces } from '../products/cs7.ts';
import { products } from '../products/products.ts';
import { directoryEvidence } from './directory-traces.ts';
import { type Evidence, fileTime, writersOf } from './evidence.ts';
import { fileEvidence } from './file-traces.ts';

/** How many entries are asked who changed them. More are no drift but work that nobody has done yet. */
const mostEntries = 1_000;

/** What is known of who made live differ. */
export interface Traces {
  readonly traces: readonly Trace[];
  /** Entries that differ and were not asked, because there are too many. */
  readonly notAsked: number;
}

/** Where findTraces looks. */
export interface Scene {
  /** What the plan was made for, with how its targets are reached. */
  readonly desired: DesiredState;
  readonly targets: readonly BoundTarget[];
  readonly ports: ReadPorts;
  /** What the newest run that is known here replaced in a step; asked for only where it matters. */
  readonly replaced: (step: string) => Promise<readonly FileRestore[]>;
}

/** Asks the directory and the hosts who last changed what differs; reads only what differs. What cannot be asked says so. */
export async function findTraces(plan: Plan, scene: Scene): Promise<Traces> {
  const names = [...new Set(plan.steps.filter(isOfAccounts).flatMap(({ changes }) => changes.map(({ item }) => item)))];
  const asked = names.slice(0, mostEntries);
  const entries = await directoryEvidence(asked, scene.desired.directory.bindDn, scene.ports.directory());
  const found = await Promise.all(
    plan.steps.map(async step => {
      if (isOfAccounts(step)) return tracesOf(step, ({ item }) => entries.get(item));
      if (isOwed(step, plan)) return [];
      const evidence = await hostEvidence(step, scene);
      return tracesOf(step, change => evidence.get(change));
    }),
  );
  return { traces: found.flat(), notAsked: names.length - asked.length };
}

/** A restart that is there because something else on its host is to be changed, of which there are traces. */
function isOwed({ stage, target }: Step, { steps }: Plan): boolean {
  return stage.endsWith('-activate') && steps.some(one => one.target === target && one.stage.endsWith('-config'));
}

function isOfAccounts({ target }: Step): boolean {
  return target === 'directory';
}

function tracesOf(step: Step, evidenceOf: (change: Change) => Evidence | undefined): readonly Trace[] {
  return step.changes.flatMap(change => {
    const evidence = evidenceOf(change);
    if (!evidence) return [];
    const { by, at, from } = evidence;
    const about = { step: step.id, item: change.item, key: change.key };
    return [
      {
        ...about,
        ...(by !== undefined && { by: printable(by).replaceAll('\n', ' ') }),
        ...(at !== undefined && { at }),
        from,
      },
    ];
  });
}

/** What a host tells of a step; calendars have no author that it could name. */
async function hostEvidence(step: Step, scene: Scene): Promise<ReadonlyMap<Change, Evidence>> {
  const { ports } = scene;
  const target = scene.targets.find(one => one.kind === step.kind && one.target === step.target);
  const path = step.changes[0]?.item;
  const all = (evidence: Evidence) => new Map(step.changes.map(change => [change, evidence]));
  const places = configPlaces(step.target, scene.desired);
  switch (step.stage) {
    case 'cs6-config':
    case 'cs7-config':
      if (target && path?.startsWith('/')) {
        const last = (await scene.replaced(step.id)).find(file => file.path === path);
        return fileEvidence({ target, path, last }, step.changes, ports);
      }
      return all(await newestEvidence(step.target, places.options, 'where davadmin keeps all options', ports));
    case 'cs6-activate':
    case 'cs7-activate':
      // One that is stopped was stopped by somebody whom no file names.
      if (step.changes.some(({ before }) => before !== undefined)) return new Map();
      return all(await newestEvidence(step.target, places.all, 'which the service reads when it starts', ports));
    default:
      return new Map();
  }
}

/** Where a host keeps what its service starts with; for CS7, what davadmin writes (Calendar Server 7 Administration Guide) apart. */
function configPlaces(
  name: string,
  { cs6, cs7 }: DesiredState,
): { readonly options: readonly string[]; readonly all: readonly string[] } {
  const old = cs6.find(host => host.name === name);
  if (old) return { options: [], all: products.cs6.readsAtStart(old) };
  const host = cs7.find(one => one.name === name);
  return host
    ? { options: cs7FilePlaces(host, 'options'), all: products.cs7.readsAtStart(host) }
    : { options: [], all: [] };
}

async function newestEvidence(
  target: string,
  places: readonly string[],
  what: string,
  ports: ReadPorts,
): Promise<Evidence> {
  try {
    const found = await ports.host(target).files(places);
    // A file that was put back has its old time of writing; nobody can set when it was changed.
    const changedAt = ({ changed, modified }: FileReading) => changed ?? modified;
    const newest = found.toSorted((a, b) => changedAt(b) - changedAt(a))[0];
    if (!newest) return { from: 'the files that could tell were not found' };
    const from = `the time of ${printable(newest.path)}, ${what}, and who may write it`;
    return { by: writersOf(newest), at: fileTime(changedAt(newest)), from };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { from: `the files that could tell could not be read (${problem.finding.code})` };
  }
}
