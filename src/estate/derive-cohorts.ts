import type { DesiredCohort, DesiredMigration, Members } from '../core/desired.ts';
import { modernName } from '../ldap/distinguished-name.ts';
import { moveLimit } from './derive-limits.ts';
import type { EstateDocument } from './document.ts';
import type { CohortEntry, EstateFile, MigratedSection } from './estate-file.ts';
import type { ListedMembers } from './listed-members.ts';
import { shareOn } from './wave.ts';

/** What of a cohort does not stand in the estate file. */
export interface CohortContext {
  readonly day: string | undefined;
  readonly listed: ListedMembers;
}

/** The cohorts as they are on a day, with the members that stand in files of their own. */
export function deriveCohorts(
  estate: EstateFile,
  document: EstateDocument,
  { day, listed }: CohortContext,
): readonly DesiredCohort[] {
  return Object.entries(estate.cohorts).map(([name, cohort]) => {
    const share = cohort.wave === undefined ? 100 : shareOn(cohort.wave, day);
    return {
      name,
      members: membersOf(name, cohort, listed),
      ...(cohort.store !== undefined && { store: cohort.store }),
      ...(share !== 100 && { share }),
      ...(cohort.limit !== undefined && { limit: moveLimit(cohort.limit) }),
      ...(cohort.migrated && { migrated: migrationOf(cohort.migrated) }),
      source: document.atKey(['cohorts', name]),
    };
  });
}

function membersOf(name: string, { members }: CohortEntry, listed: ListedMembers): Members {
  if (members === 'rest') return members;
  const { file: _, base, list, group, ...said } = members;
  const found = listed.cohorts.get(name);
  const names = found?.names.list ?? list;
  return {
    ...said,
    ...(base !== undefined && { base: modernName(base) }),
    ...(group !== undefined && { group: modernName(group) }),
    ...(names && { list: names.map(modernName) }),
    ...(found && { listed: { file: found.file, lines: found.names.lines } }),
  };
}

/** Chapter 10, "Configuring the Calendar Server 6 Environment", step 4. */
const chapterDenial = '-http:all';

function migrationOf({ denyCs6Login, deleteCs6Calendars, exportTo }: MigratedSection): DesiredMigration {
  return {
    ...(denyCs6Login !== undefined && { denyLogin: denyCs6Login === true ? chapterDenial : denyCs6Login }),
    deleteCalendars: deleteCs6Calendars ?? false,
    ...(exportTo !== undefined && { exportTo }),
  };
}
