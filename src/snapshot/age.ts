import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';
import type { SnapshotHead } from './format.ts';

/** The clocks of two machines are never quite the same: how far ahead the other one may be, in milliseconds. */
const clockDifference = 3_600_000;

/** Why a snapshot is too old at a time; one whose time cannot be read, or is yet to come, counts as too old. */
export function ageFinding(
  file: string,
  { takenAt }: SnapshotHead,
  { now, most }: { readonly now: string; readonly most: { readonly text: string; readonly milliseconds: number } },
): Finding | undefined {
  const age = Date.parse(now) - Date.parse(takenAt);
  if (age >= -clockDifference && age <= most.milliseconds) return undefined;
  return finding('snapshot.too-old', {
    detail: `${file} was taken at ${takenAt}, and now it is ${now}; --max-age is ${most.text}.\nThe estate may have moved on since. Take a new one where there are credentials, or let older ones count:`,
    where: { file, line: 1 },
    next: [nextCommands.snapshot(file)],
  });
}
