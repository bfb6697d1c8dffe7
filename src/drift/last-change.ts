import type { Change } from '../core/change.ts';
import { inFlight } from '../core/collections.ts';
import type { DesiredState } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import type { FileRestore, Plan, Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Trace } from '../core/report.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { type Evidence, fileEvidence, newestEvidence } from './file-evidence.ts';

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
      if (isOwed(step, plan, scene.targets)) return [];
      const evidence = await hostEvidence(step, scene);
      return tracesOf(step, change => evidence.get(change));
    }),
  );
  return { traces: found.flat(), notAsked: names.length - asked.length };
}

/** A restart that is there because something else on its host is to be changed, of which there are traces. */
function isOwed({ target, kind }: Step, { steps }: Plan, targets: readonly BoundTarget[]): boolean {
  const activates = targets.find(one => one.target === target && one.kind === kind)?.activates;
  return activates !== undefined && steps.some(one => one.target === target && one.stage === activates.stage);
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

/**
 * What a host tells of a step, by what its kind declares: of a file that is written by name the file itself, of one that a
 * program writes its times, of a restart those of the files that the service starts with. Calendars have no author.
 */
async function hostEvidence(step: Step, scene: Scene): Promise<ReadonlyMap<Change, Evidence>> {
  const { ports } = scene;
  const target = scene.targets.find(one => one.kind === step.kind && one.target === step.target);
  const all = (evidence: Evidence) => new Map(step.changes.map(change => [change, evidence]));
  if (target?.activates) {
    // One that is stopped was stopped by somebody whom no file names.
    if (step.changes.some(({ before }) => before !== undefined)) return new Map();
    return all(
      await newestEvidence(target.target, target.readsAtStart, 'which the service reads when it starts', ports),
    );
  }
  if (!target?.writes) return new Map();
  const { paths, program } = target.writes;
  if (program !== undefined)
    return all(await newestEvidence(target.target, paths, `where ${program} keeps all options`, ports));
  const path = step.changes.at(0)?.item;
  if (path === undefined) return new Map();
  const last = (await scene.replaced(step.id)).find(file => file.path === path);
  return fileEvidence({ target, path, last }, [...step.changes], ports);
}

/** Questions under way at the same time. */
const underWay = 16;

const stamps = ['modifiersName', 'modifyTimestamp', 'createTimestamp'];

/**
 * Who last changed each entry and when, as far as the directory tells (RFC 4512, 3.4: operational attributes, which have to
 * be asked for). They are about the whole entry: the last change need not be the one that made it deviate.
 */
async function directoryEvidence(
  names: readonly string[],
  bindDn: string | undefined,
  directory: DirectoryReader,
): Promise<ReadonlyMap<string, Evidence>> {
  const found = new Map<string, Evidence>();
  const ask = async (dn: string) => [dn, await entryEvidence(dn, bindDn, directory)] as const;
  for await (const [dn, evidence] of inFlight(names, () => underWay, ask)) found.set(dn, evidence);
  return found;
}

async function entryEvidence(dn: string, bindDn: string | undefined, directory: DirectoryReader): Promise<Evidence> {
  const query = { base: dn, scope: 'base', filter: '(objectClass=*)', attributes: stamps } as const;
  try {
    for await (const { attributes } of directory.search(query)) return stampEvidence(attributes, bindDn);
    return { from: 'the entry no longer exists' };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { from: `the entry could not be asked (${problem.finding.code})` };
  }
}

function stampEvidence(attributes: ReadonlyMap<string, readonly string[]>, bindDn: string | undefined): Evidence {
  const by = attributes.get('modifiersname')?.[0];
  const stamp = attributes.get('modifytimestamp')?.[0];
  const at = stamp === undefined ? undefined : timeOf(stamp);
  if (by === undefined && at === undefined)
    return { from: 'this identity cannot see modifiersName and modifyTimestamp of the entry' };
  const created = attributes.get('createtimestamp')?.[0];
  const what = created === stamp ? 'the entry was created then' : 'the last change of the entry';
  const own =
    by !== undefined && bindDn !== undefined && nameKey(by) === nameKey(bindDn)
      ? '; that is the bindDn of the estate file'
      : '';
  const missing = by === undefined ? '; by whom is not shown' : at === undefined ? '; when is not shown' : '';
  return { ...(by !== undefined && { by }), ...(at !== undefined && { at }), from: `${what}${own}${missing}` };
}

/** GeneralizedTime (RFC 4517, 3.3.13) -> ISO 8601; nothing where it is none, or without seconds. */
function timeOf(stamp: string): string | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?(?:Z|([+-]\d\d)(\d\d)?)$/.exec(stamp);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, zone, zoneMinutes] = match;
  const offset = zone === undefined ? 'Z' : `${zone}:${zoneMinutes ?? '00'}`;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
