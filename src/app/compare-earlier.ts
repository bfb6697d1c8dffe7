import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import { distinctFindings, type Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import { compareAll } from '../engine/compare.ts';
import { finding } from '../findings/catalogue.ts';
import { targetsOf } from '../kinds/registry.ts';
import { wantedDigest } from '../plan/build.ts';
import { type Origins, originsOf, wishOf } from '../plan/origins.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { Earlier, EarlierState } from './earlier-states.ts';

/** Where changes come from, once the planned state was compared too. */
export interface KnownOrigins {
  readonly origins: Origins;
  /** What an earlier state asks for and could not be compared: there everything counts as planned. */
  readonly unread: readonly Finding[];
}

/**
 * Compares earlier wanted states, beside the planned one: begun in the same turn, so that what all of them ask a host alike goes
 * there once, in one trip. The result needs what the planned state was found to differ in, and the day that is planned for: a
 * target of which the same is wanted is not asked again.
 */
export async function compareEarlier(
  { base, applied }: Earlier,
  desired: DesiredState,
  ports: ReadPorts,
): Promise<(now: readonly Comparison[], day: string) => KnownOrigins> {
  const comparing = compareBeside(base.state, desired, ports);
  const same = base.state && applied.state && wantedDigest(base.state) === wantedDigest(applied.state);
  const comparingApplied = same ? comparing : compareBeside(applied.state, desired, ports);
  const [inBase, inApplied] = await Promise.all([comparing, comparingApplied]);
  return (now, day) => {
    const wish = ({ state }: EarlierState, all: readonly Comparison[]) => wishOf(state ?? { ignore: [] }, all, day);
    const [ofBase, ofApplied] = [inBase(now), inApplied(now)];
    return {
      origins: originsOf(wish(base, ofBase), wish(applied, ofApplied)),
      unread: distinctFindings([...unreadOf(base, ofBase, now), ...(same ? [] : unreadOf(applied, ofApplied, now))]),
    };
  };
}

/** What another wanted state differs in, once that is known of the planned one. */
async function compareBeside(
  state: DesiredState | undefined,
  desired: DesiredState,
  ports: ReadPorts,
): Promise<(now: readonly Comparison[]) => readonly Comparison[]> {
  if (!state) return () => [];
  const planned = new Map(targetsOf(desired).map(target => [targetId(target), wantedDigest(target.wanted)]));
  // Of a host that is not in the planned state any more nothing is planned, and nobody has to be asked.
  const targets = targetsOf(state).filter(target => planned.has(targetId(target)));
  const alike = targets.filter(target => planned.get(targetId(target)) === wantedDigest(target.wanted));
  const others = targets.filter(target => !alike.includes(target));
  const comparisons = await compareAll(others, ports);
  return now => {
    const known = new Map(now.map(one => [targetId(one), one]));
    return [
      ...comparisons,
      ...alike.flatMap(target => {
        const one = known.get(targetId(target));
        const { activates } = target;
        return one ? [{ ...one, ...(activates && { activates }) }] : [];
      }),
    ];
  };
}

function unreadOf({ name }: EarlierState, all: readonly Comparison[], now: readonly Comparison[]): readonly Finding[] {
  const read = new Set(now.flatMap(one => (one.unread ? [] : [targetId(one)])));
  return all.flatMap(one => {
    if (!one.unread || !read.has(targetId(one))) return [];
    const { summary, detail } = one.unread;
    return [
      finding('base.unread', {
        detail: `${one.target}: what ${name} asks for could not be compared with the live state, so its changes count as planned.\n${summary}: ${detail}`,
        target: one.target,
      }),
    ];
  });
}
