import type { Change } from '../core/change.ts';
import type { ChangeList } from '../core/change-list.ts';
import { fingerprintOf, KeyPlaces } from '../core/packed-rows.ts';
import type { Step } from '../core/plan.ts';
import type { ResultNotes, Saying } from '../core/result-list.ts';
import type { BoundTarget, Item } from '../kinds/managed-kind.ts';
import type { ReadPorts, WritePorts } from '../ports/ports.ts';
import { identity, meaningOf, recheckUndo, sayings } from './recheck.ts';
import type { Running } from './running.ts';

/** How many changes are rechecked and written in one go: some seconds of a server's work, and as much as is lost to memory. */
const atOnce = 2_000;

type Work = readonly { readonly item: Item; readonly changes: readonly Change[] }[];

/** A step with a long list, while it is carried out. */
export interface ListStep {
  readonly step: Step;
  readonly changes: ChangeList;
  readonly target: BoundTarget;
  readonly ports: WritePorts;
  readonly running: Running;
  readonly notes: ResultNotes;
}

/**
 * Carries a long list out and notes what became of it: as `recheck` and `recheckUndo` do it for few changes, but part by part, so
 * that nothing grows with the list but some 40 bytes for each change. What is reached is written soon after it was read.
 * Returns whether all of it was looked at.
 */
export function executeList(list: ListStep): Promise<boolean> {
  return list.running.plan.direction === 'undo' ? takeListBack(list) : carryListOut(list);
}

async function carryListOut(list: ListStep): Promise<boolean> {
  const { target, ports, running, notes } = list;
  const planned = plannedOf(list);
  let todo: { item: Item; changes: readonly Change[] }[] = [];
  const seen = new Uint8Array(list.changes.length);
  const isDue = (change: Change): boolean => {
    const place = planned.places.get(identity(change));
    if (place === undefined || seen[place] === 1 || notes.isSaid(place)) return false;
    seen[place] = 1;
    if (planned.isMeant(place, change)) return true;
    notes.say(place, sayings.moved);
    return false;
  };
  for await (const item of target.items(ports)) {
    if (running.stopping()) return false;
    for (const key of item.unclear ?? []) {
      const place = planned.places.get(identity({ item: item.name, key }));
      if (place !== undefined && !notes.isSaid(place)) notes.say(place, sayings.unclear);
    }
    const changes = item.changes.filter(isDue);
    if (changes.length > 0) todo.push({ item, changes });
    if (todo.length < atOnce) continue;
    await write(todo, planned.places, list);
    todo = [];
  }
  await write(todo, planned.places, list);
  if (running.stopping()) return false;
  for (const [place, was] of seen.entries()) if (was === 0 && !notes.isSaid(place)) notes.say(place, sayings.inEffect);
  return true;
}

interface Planned {
  readonly places: KeyPlaces;
  /** Whether a live change is the planned one. */
  isMeant(place: number, live: Change): boolean;
}

/** The places of all changes. Those that cannot be told apart by what they are about are refused. */
function plannedOf({ changes, notes }: ListStep): Planned {
  const places = new KeyPlaces();
  const meanings = new Uint32Array(2 * changes.length);
  let place = 0;
  for (const change of changes) {
    const other = places.add(identity(change), place);
    if (other !== undefined) for (const one of [other, place]) notes.say(one, sayings.sameName);
    meanings.set(fingerprintOf(meaningOf(change)), 2 * place++);
  }
  return {
    places,
    isMeant(at, live) {
      const [first, second] = fingerprintOf(meaningOf(live));
      return meanings[2 * at] === first && meanings[2 * at + 1] === second;
    },
  };
}

/** The same for changes that take others back, in their order. */
async function takeListBack(list: ListStep): Promise<boolean> {
  const { changes, target, ports, running, notes } = list;
  for (let from = 0; from < changes.length; from += atOnce) {
    if (running.stopping()) return false;
    const part = changes.slice(from, from + atOnce);
    const places = new KeyPlaces();
    for (const [at, change] of part.entries()) places.add(identity(change), from + at);
    const { todo, settled } = await recheckUndo({ changes: part }, target, ports);
    for (const { change, ...saying } of settled) say(change, saying, places, notes);
    await write(todo, places, list);
  }
  return !running.stopping();
}

async function write(todo: Work, places: KeyPlaces, { target, ports, running, notes }: ListStep): Promise<void> {
  if (todo.length === 0) return;
  await running.prove('batch');
  for await (const { change, state, detail } of target.apply(todo, ports))
    say(change, { state: state === 'conflict' ? 'refused' : state, detail }, places, notes);
}

function say(change: Change, saying: Saying, places: KeyPlaces, notes: ResultNotes): void {
  const place = places.get(identity(change));
  if (place !== undefined) notes.say(place, saying);
}

/** What of a list that takes another back is to be done now: by its place, with what is refused. */
export async function compareList(changes: ChangeList, target: BoundTarget, ports: ReadPorts) {
  const due = new Uint8Array(changes.length);
  const refused: { readonly change: Change; readonly detail: string | undefined }[] = [];
  for (let from = 0; from < changes.length; from += atOnce) {
    const part = changes.slice(from, from + atOnce);
    const { todo, settled } = await recheckUndo({ changes: part }, target, ports);
    const meant = new Set(todo.flatMap(one => one.changes));
    for (const [at, change] of part.entries()) if (meant.has(change)) due[from + at] = 1;
    for (const { change, state, detail } of settled) if (state === 'refused') refused.push({ change, detail });
  }
  return { due: changes.filter((_, place) => due[place] === 1), refused };
}
