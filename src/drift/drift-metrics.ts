import { targetId } from '../core/change.ts';
import type { LookNumbers } from '../ports/daemon.ts';
import type { PasswordState } from '../ports/directory.ts';
import type { Look } from './look.ts';
import type { DriftState } from './state.ts';

/** The numbers of a look: `kinds` is all that could differ, `state` what is known to since the look. */
export function lookNumbers(
  { endedAt, seconds, result }: Look,
  { differences }: DriftState,
  estate: string,
  kinds: readonly { readonly target: string; readonly kind: string }[],
): LookNumbers {
  const base = { estate, endedAt: Date.parse(endedAt) / 1000, seconds };
  if (result.state === 'failed') return { ...base, success: false, differences: [], targets: [] };
  const { report, password } = result;
  const { unread } = report.plan;
  const counts = new Map(differences.map(one => [targetId(one), one.count]));
  return {
    ...base,
    success: true,
    ...(password && { password: passwordNumbers(password, base.endedAt) }),
    differences: kinds.map(({ target, kind }) => ({
      target,
      kind,
      count: counts.get(targetId({ target, kind })) ?? 0,
    })),
    targets: [...new Set(kinds.map(({ target }) => target))].map(target => ({
      target,
      read: !unread.includes(target),
    })),
  };
}

function passwordNumbers({ expiresAt, graceLogins }: PasswordState, now: number): NonNullable<LookNumbers['password']> {
  return {
    ...(expiresAt !== undefined && { secondsLeft: Math.round(expiresAt / 1000 - now) }),
    ...(graceLogins !== undefined && { graceLogins }),
  };
}
