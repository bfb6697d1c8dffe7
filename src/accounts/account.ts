import { sha256 } from '../core/canonical.ts';
import type { DesiredCohort, DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry } from '../ports/directory.ts';

/** An account in the one cohort it belongs to. */
export interface Account extends DirectoryEntry {
  readonly cohort: DesiredCohort;
  /** The store it has to be on: its cohort's, or none while its wave has not come. */
  readonly store: string | undefined;
}

/** What a cohort wants of those of its accounts that are on `store`; without one: on CS6. */
export interface CohortSide {
  readonly cohort: DesiredCohort;
  readonly store: string | undefined;
}

/** Which accounts somebody wants to see, and what of them. */
export interface AccountQuery {
  /** Besides objectClass. */
  attributes(state: DesiredState): readonly string[];
  /** A filter that fits at least the accounts of this side that are wanted; nothing: none of them is. */
  deviation(state: DesiredState, side: CohortSide, schema: DirectorySchema): string | undefined;
  /** Whether what is remarkable about the cohorts themselves is wanted too. */
  readonly tellsOfCohorts?: true;
}

/** What a reading of the accounts yields: an account, or a finding about a cohort. */
export type AccountOrFinding = Account | Finding;

/**
 * Whether an account is among the first `percent` of its cohort to move. Decided by its name alone, so that the same
 * accounts come first wherever and whenever it is asked, and a larger share has all of the smaller one.
 */
export function isInWave(dn: string, percent: number): boolean {
  const place = Number.parseInt(sha256(nameKey(dn)).slice(0, 8), 16) / 2 ** 32;
  return place * 100 < percent;
}

/** The values of an attribute, whatever its case. */
export function valuesOf({ attributes }: DirectoryEntry, attribute: string): readonly string[] {
  return attributes.get(attribute.toLowerCase()) ?? [];
}

/** Whether an account has an object class, in whichever case. */
export function hasClass(account: DirectoryEntry, objectClass: string): boolean {
  return valuesOf(account, 'objectClass').some(name => name.toLowerCase() === objectClass.toLowerCase());
}

/** Whether two values are one to a directory that ignores case and repeated blanks, as these attributes' rule does. */
export function sameValue(a: string, b: string): boolean {
  return foldValue(a) === foldValue(b);
}

/** A value as the directory compares it: without regard to case and to how many blanks part two words. */
export function foldValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** The single value, or the whole list where there are several. */
export function oneOrList(values: readonly string[]): string | readonly string[] {
  return values.length === 1 && values[0] !== undefined ? values[0] : values;
}

/** An entry as an account of a cohort. */
export function accountOf(cohort: DesiredCohort, { dn, attributes }: DirectoryEntry): Account {
  const here = cohort.share === undefined || isInWave(dn, cohort.share);
  return { dn, cohort, store: here ? cohort.store : undefined, attributes };
}
