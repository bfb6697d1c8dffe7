import { differingKeys } from '../core/canonical.ts';
import { plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import { wantedDigest } from './build.ts';

/** How many keys a finding names. */
const named = 10;

/**
 * Why a saved plan is not of the files at hand: what it asks for is compared, and not what it says of itself. Afterwards
 * whatever guards it and orders it may be taken from either.
 */
export function boundRefusals(
  file: string,
  { desired, desiredSha256 }: Plan,
  state: DesiredState,
  estateFiles: readonly string[],
): readonly Finding[] {
  const here = plannedState(state);
  const digest = wantedDigest(here);
  if (digest === desiredSha256 && digest === wantedDigest(desired)) return [];
  const keys = differingKeys(desired, here);
  const shown = printable(keys.slice(0, named).join('\n    '));
  const more = keys.length > named ? `\n    and ${keys.length - named} more` : '';
  const where = keys.length === 0 ? ' the order of hosts or cohorts.' : `\n    ${shown}${more}`;
  const detail =
    `${file} asks for something else than ${printable(estateFiles.join(', '))}. What differs:${where}\n` +
    'A plan is carried out with the files that it was made of: they say how each host is reached. A wave that has gone on since is a difference too.\n' +
    'Name those files (-f FILE), or make a new plan of these:';
  return [finding('plan.other-files', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] })];
}
