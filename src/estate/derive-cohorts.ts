import type {
  DesiredCohort,
  DesiredLimits,
  DesiredMigration,
  DesiredPolicy,
  HostCount,
  Members,
  MoveLimit,
} from '../core/desired.ts';
import type { CohortWave } from '../core/site.ts';
import { known, parseDuration, parsePercent } from '../core/units.ts';
import { modernName } from '../ldap/distinguished-name.ts';
import { shareOn, waveSteps } from './decode.ts';
import type { EstateDocument } from './document.ts';
import { resolvePath } from './document.ts';
import type { CohortEntry, EstateFile, MigratedSection } from './estate-file.ts';
import type { ListedMembers } from './listed-members.ts';

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
        signers: resolvePath(document, ['policy', 'signatures', 'signers'], signatures.signers),
      },
    }),
    source: document.atKey(['policy']),
  };
}

/** A number of accounts, or a share. */
function moveLimit(limit: number | string): MoveLimit {
  return typeof limit === 'number' ? { accounts: limit } : { percent: known(parsePercent, limit) };
}

/** A number of hosts, or a share. */
export function hostCount(limit: number | string): HostCount {
  return typeof limit === 'number' ? { hosts: limit } : { percent: known(parsePercent, limit) };
}

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

/** Every share of every cohort that has a day of its own, in the order of the file. */
export function wavesOf({ cohorts }: EstateFile): readonly CohortWave[] {
  return Object.entries(cohorts).flatMap(([cohort, { wave }]) =>
    (wave === undefined ? [] : waveSteps(wave)).flatMap(({ day, percent }) =>
      day === undefined ? [] : [{ cohort, day, percent }],
    ),
  );
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
