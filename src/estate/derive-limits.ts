import type { DesiredLimits, DesiredPolicy, HostCount, MoveLimit } from '../core/desired.ts';
import { known, parseDuration, parsePercent } from '../core/units.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { beside } from './resolve-path.ts';

/** How much one apply may do, with what counts where the file says nothing. */
export function deriveLimits({ limits }: EstateFile, document: EstateDocument): DesiredLimits {
  return {
    moves: moveLimit(limits?.moves ?? '10%'),
    deletes: limits?.deletes ?? 100,
    restarts: hostCount(limits?.restarts ?? '100%'),
    fewerAccounts: known(parsePercent, limits?.fewerAccounts ?? '20%'),
    source: document.atKey(['limits']),
  };
}

/** What a saved plan needs. */
export function derivePolicy({ policy }: EstateFile, document: EstateDocument): DesiredPolicy {
  const { planExpiry = '7d', signatures } = policy ?? {};
  return {
    planExpiry: known(parseDuration, planExpiry),
    ...(signatures && {
      signatures: {
        required: signatures.required ?? 1,
        signers: beside(document, ['policy', 'signatures', 'signers'], signatures.signers),
      },
    }),
    source: document.atKey(['policy']),
  };
}

/** A number of accounts, or a share. */
export function moveLimit(limit: number | string): MoveLimit {
  return typeof limit === 'number' ? { accounts: limit } : { percent: known(parsePercent, limit) };
}

/** A number of hosts, or a share. */
export function hostCount(limit: number | string): HostCount {
  return typeof limit === 'number' ? { hosts: limit } : { percent: known(parsePercent, limit) };
}
