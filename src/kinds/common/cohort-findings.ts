import type { AccountClass, DesiredCohort } from '../../core/desired.ts';
import { memberKey } from '../../core/distinguished-name.ts';
import type { Finding } from '../../core/finding.ts';
import type { DirectoryReader } from '../../ports/directory.ts';
import { entriesOf, knownNames, searchesByName } from './account-searches.ts';

/** A filter that fits nobody is a slip more often than not. `searches` find the members of the cohort, whoever else has them. */
export async function* nobodyInCohort(
  { name, source }: DesiredCohort,
  searches: readonly AccountClass[],
  reader: DirectoryReader,
): AsyncIterable<Finding> {
  for (const search of searches) for await (const _ of reader.search({ ...search, attributes: ['1.1'] })) return;
  yield {
    severity: 'warning',
    code: 'cohort.empty',
    summary: 'A cohort without members',
    detail: `cohort ${name}: no account fits base and filter.\nCorrect them, or take the cohort out.`,
    where: source,
  };
}

/** Of the names that led to no account of the cohort, those that no account has at all. */
export async function* findMissing(
  { name, members, source }: DesiredCohort,
  names: readonly string[],
  searches: readonly AccountClass[],
  reader: DirectoryReader,
): AsyncIterable<Finding> {
  if (members === 'rest' || names.length === 0) return;
  const found = new Set<string>();
  for (const search of searchesByName(searches, names))
    for (const entry of await entriesOf({ ...search, attributes: ['uid'] }, reader))
      for (const known of knownNames(entry)) found.add(known);
  const { list = [], listed } = members;
  for (const missing of names.filter(one => !found.has(memberKey(one)))) {
    const line = listed?.lines[list.indexOf(missing)];
    // What stands in a file of its own is never shown: the estate file could name any file.
    const lists = listed
      ? `${listed.file} lists a name in line ${line} that is to be in cohort ${name}`
      : `cohort ${name} lists "${missing}"`;
    const detail = `${lists}, and no account has that uid or DN.\nCorrect it, or take it out.`;
    yield {
      severity: 'warning',
      code: 'cohort.member-missing',
      summary: 'A listed member is no account',
      detail,
      where: listed && line !== undefined ? { file: listed.file, line } : source,
    };
  }
}
