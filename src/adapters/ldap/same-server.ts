import type { Modification } from '../../ports/directory.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';
import { readEntry } from './read-entry.ts';
import { resultWords } from './result-code.ts';
import { identityLost, type Session } from './session.ts';

/** A change that the server has confirmed. */
export interface Write {
  readonly dn: string;
  readonly modifications: readonly Modification[];
}

/** Throws TargetProblem unless both sessions are with one server that takes us for the same one. */
export function provesSameServer(
  before: Pick<Session, 'identity' | 'marks' | 'address'>,
  after: Pick<Session, 'endpoint' | 'identity' | 'marks'>,
): void {
  const { endpoint } = after;
  const differing = [...before.marks].filter(([name, value]) => after.marks.get(name) !== value);
  if (differing.length > 0) {
    throw directoryProblem(
      'directory.other-server',
      `${endpoint.name}: the connection was lost, and ${printableLine(before.address)} now answers as another server.`,
      ...differing.map(
        ([name, value]) =>
          `${name}: ${printableLine(value || '(none)')} before, ${printableLine(after.marks.get(name) || '(none)')} now`,
      ),
      'Another server may lag behind the one that was written to. No account is read or changed over this connection. Run it again.',
    );
  }
  if (before.identity !== after.identity) {
    throw identityLost(endpoint);
  }
}

/**
 * Throws TargetProblem unless the entry still has what was written last: behind one address may be several servers that
 * look alike, and one that lags behind would answer with what was before. Rejects with WireLost.
 */
export async function readBack(session: Session, write: Write | undefined): Promise<void> {
  if (write === undefined) {
    return;
  }
  const names = [...new Set(write.modifications.map(({ attribute }) => attribute.toLowerCase()))];
  const { entry, answer } = await readEntry(session.wire, write.dn, names);
  const problems =
    entry === undefined
      ? [`The entry cannot be read: ${resultWords(answer)}`]
      : names.flatMap(name => difference(name, write.modifications, entry.attributes.get(name) ?? []));
  if (problems.length > 0) {
    throw directoryProblem(
      'directory.write-missing',
      `${session.endpoint.name}: the connection was lost and opened again.`,
      `${printableLine(write.dn)}: the server had confirmed a change of it, and now shows something else.`,
      ...problems,
      'Either the address leads to several servers and this one lags behind, or the entry was changed by someone else.',
      'No account is read or changed over this connection. Use the address of one server, and run it again.',
    );
  }
}

function difference(name: string, modifications: readonly Modification[], live: readonly string[]): readonly string[] {
  const parts = modifications.filter(({ attribute }) => attribute.toLowerCase() === name);
  const valuesOf = (operation: Modification['operation']) =>
    parts.filter(part => part.operation === operation).flatMap(({ values }) => values.map(folded));
  const added = new Set(valuesOf('add'));
  const removed = valuesOf('delete').filter(value => !added.has(value));
  const has = new Set(live.map(folded));
  if ([...added].every(value => has.has(value)) && !removed.some(value => has.has(value))) {
    return [];
  }
  const shown = live.length === 0 ? '(none)' : live.slice(0, 5).map(printableLine).join(', ');
  return [`${name}: written ${printableLine([...added].join(', ') || '(none)')}, there is ${shown}`];
}

/** Servers keep values as they were written; case and blanks do not tell two of these apart. */
function folded(value: string): string {
  return value.trim().replace(/\s+/g, ' ').toLowerCase();
}
