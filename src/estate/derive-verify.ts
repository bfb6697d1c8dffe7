import type { DesiredGates, DesiredVerify } from '../core/desired.ts';
import { known, parseDuration } from '../core/units.ts';
import type { EstateDocument } from './document.ts';
import type { Gates, VerifySection } from './estate-file.ts';

/** What the file says about how coexistence is verified; each probe with its line. */
export function deriveVerify({ probes, mail, gates }: VerifySection, document: EstateDocument): DesiredVerify {
  return {
    probes: (['cs6', 'cs7'] as const).flatMap(side =>
      (probes?.[side] ?? []).map((address, i) => ({
        side,
        mail: address,
        source: document.at(['verify', 'probes', side, i]),
      })),
    ),
    ...(mail && { mailTo: mail.to }),
    ...(gates && { gates: deriveGates(gates) }),
  };
}

function deriveGates({ moves = 500, restarts = true, onFailure = 'stop', wait = '90s' }: Gates): DesiredGates {
  return { moves, restarts, onFailure, wait: known(parseDuration, wait) };
}
