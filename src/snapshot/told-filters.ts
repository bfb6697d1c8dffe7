import type { DesiredState } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { accountSearches } from '../kinds/shared/account-searches.ts';
import { attributesIn, type LdapFilter, parseFilter } from '../ldap/filter.ts';
import type { EntryFilters } from './entry-filters.ts';

/** The attributes that the filters of a file look at, in lower case. */
export function filterAttributes(state: DesiredState): readonly string[] {
  return filtersOf(state).flatMap(attributesIn);
}

function filtersOf({ directory, cohorts }: DesiredState): readonly string[] {
  const members = cohorts.flatMap(({ members: chosen }) => (chosen === 'rest' ? [] : (chosen.filter ?? [])));
  return [...accountSearches(directory).map(({ filter }) => filter), ...members];
}

/** Throws TargetProblem where a filter of the file needs the directory itself: a plan could say nothing about any account. */
export function requireTold(state: DesiredState, filters: EntryFilters): void {
  for (const filter of filtersOf(state)) {
    const reason = filters.notEvaluable(parsed(filter));
    if (reason !== undefined) throw untoldFilter(filter, `It has ${reason}`);
  }
}

/** A filter of the file, which was looked at when that was loaded. */
export function parsed(text: string): LdapFilter {
  const result = parseFilter(text);
  if ('problem' in result) throw new Error(`no filter: ${text}`);
  return result.filter;
}

/** The problem of such a filter. */
export function untoldFilter(filter: string, reason: string): TargetProblem {
  return new TargetProblem(
    finding('snapshot.filter-untold', {
      detail: `${filter}\n${reason}\nWhom it finds could not be told from a snapshot, so none is written. Write the filter with plain comparisons of attributes that this identity may read.`,
      target: 'directory',
    }),
  );
}
