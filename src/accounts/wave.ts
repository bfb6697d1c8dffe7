import { sha256 } from '../core/canonical.ts';
import { nameKey } from '../ldap/distinguished-name.ts';

/**
 * Whether an account is among the first `percent` of its cohort to move. Decided by its name alone, so that the same
 * accounts come first wherever and whenever it is asked, and a larger share has all of the smaller one.
 */
export function isInWave(dn: string, percent: number): boolean {
  const place = Number.parseInt(sha256(nameKey(dn)).slice(0, 8), 16) / 2 ** 32;
  return place * 100 < percent;
}
