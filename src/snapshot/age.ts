import type { Finding } from '../core/finding.ts';
import type { SnapshotHead } from './format.ts';

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90m`, `12h` or `7d` in milliseconds; nothing where it is none of these. */
export function parseAge(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * units[unit === 'd' ? 'd' : unit === 'h' ? 'h' : 'm'];
}

/** Why a snapshot is too old at a time; one whose time cannot be read, or is yet to come, counts as too old. */
export function ageFinding(
  file: string,
  { takenAt }: SnapshotHead,
  { now, most }: { readonly now: string; readonly most: { readonly text: string; readonly milliseconds: number } },
): Finding | undefined {
  const age = Date.parse(now) - Date.parse(takenAt);
  // The clocks of two machines are never quite the same.
  if (age >= -units.h && age <= most.milliseconds) return undefined;
  return {
    severity: 'error',
    code: 'snapshot.too-old',
    summary: 'The snapshot is too old',
    detail: `${file} was taken at ${takenAt}, and now it is ${now}; --max-age is ${most.text}.\nThe estate may have moved on since. Take a new one where there are credentials, or let older ones count:\n    reconcile snapshot -o ${file}`,
    where: { file, line: 1 },
  };
}
