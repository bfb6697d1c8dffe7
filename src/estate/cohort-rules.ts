import { writtenOnAccounts } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { memberKey } from '../ldap/distinguished-name.ts';
import { filterProblem, firstLookAt, parseFilter } from '../ldap/filter.ts';
import { cs7Attributes } from '../products/cs7.ts';
import { isDay, waveSteps } from './decode.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { CohortEntry, EstateFile } from './estate-file.ts';
import { overValidNodes } from './valid-nodes.ts';

/** One cohort, and what its findings are made of. */
interface Checked {
  readonly name: string;
  readonly cohort: CohortEntry;
  readonly document: EstateDocument;
  readonly path: DocumentPath;
}

/** What the members, the wave and the migration of each cohort break, each cohort on its own. */
export function checkCohorts(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const rules = [
    namedOneWay,
    listedOnce,
    waveOnCs7,
    waveDays,
    waveRises,
    migratedOnCs7,
    denyIsValue,
    deletesSafely,
    exportsBefore,
  ];
  return overValidNodes(() =>
    Object.keys(estate.cohorts).flatMap(name =>
      rules.flatMap(rule =>
        overValidNodes(() => {
          const cohort = estate.cohorts[name];
          return cohort ? rule({ name, cohort, document, path: ['cohorts', name] }) : [];
        }),
      ),
    ),
  );
}

/** Ways to name members one by one, of which a cohort has one. */
const namings = ['file', 'list', 'group'] as const;

function namedOneWay({ name, cohort: { members }, document, path }: Checked): readonly Finding[] {
  if (members === 'rest') return [];
  const [first, second] = namings.filter(naming => members[naming] !== undefined);
  if (first === undefined || second === undefined) return [];
  const detail = `cohort ${name} has "${first}" and "${second}". An account must match every condition, so only accounts in both would belong to it.\nKeep one of the two.`;
  const where = document.atKey([...path, 'members', first]);
  return [finding('estate.members-named-twice', { detail, where })];
}

/** What is written alike is refused by the schema already. */
function listedOnce({ cohort: { members }, document, path }: Checked): readonly Finding[] {
  if (members === 'rest') return [];
  const seen = new Map<string, string>();
  return (members.list ?? []).flatMap((name, i) => {
    const before = seen.get(memberKey(name));
    seen.set(memberKey(name), before ?? name);
    if (before === undefined) return [];
    const detail = `"${name}" repeats "${before}"; case does not count.\nRemove one of the two, and check whether you meant another account.`;
    return [finding('estate.members-twice', { detail, where: document.at([...path, 'members', 'list', i]) })];
  });
}

function waveOnCs7({ name, cohort, document, path }: Checked): readonly Finding[] {
  if (cohort.server === 'cs7' || cohort.wave === undefined) return [];
  const detail = `cohort ${name} is on cs6, but a wave says how many of its members are already on CS7.\nRemove "wave", or set server: cs7 and "store".`;
  return [finding('estate.wave-on-cs6', { detail, where: document.atKey([...path, 'wave']) })];
}

function waveDays({ name, cohort: { wave }, document, path }: Checked): readonly Finding[] {
  const days = wave === undefined ? [] : waveSteps(wave).flatMap(({ day }) => day ?? []);
  return days.flatMap((day, i) => {
    const where = document.atKey([...path, 'wave', day]);
    if (!isDay(day)) {
      const detail = `The day ${day} does not exist.\nCorrect it.`;
      return [finding('estate.wave-day', { detail, where })];
    }
    const before = days[i - 1] ?? '';
    if (before < day) return [];
    const detail = `In the wave of cohort ${name}, ${day} comes after ${before}. A reader would take it for a later day.\nPut the days in order, the earliest first.`;
    return [finding('estate.wave-order', { detail, where })];
  });
}

function waveRises({ name, cohort: { wave }, document, path }: Checked): readonly Finding[] {
  const steps = wave === undefined ? [] : waveSteps(wave);
  return steps.flatMap(({ day, percent }, i) => {
    const before = steps[i - 1];
    if (day === undefined || before?.day === undefined || before.percent <= percent) return [];
    // Days that are out of order are told by themselves.
    if (before.day >= day) return [];
    const detail = `On ${day} the share of cohort ${name} falls from ${before.percent} % to ${percent} %. Accounts that moved would move back and lose everything entered on CS7 since.\nEach share must be at least as large as the one before.`;
    return [finding('estate.wave-falls', { detail, where: document.at([...path, 'wave', day]) })];
  });
}

function migratedOnCs7({ name, cohort, document, path }: Checked): readonly Finding[] {
  if (cohort.server === 'cs7' || cohort.migrated === undefined) return [];
  const detail = `cohort ${name} is on cs6, but "migrated" removes the login to CS6 and the calendars there.\nRemove "migrated". It belongs to a cohort on cs7.`;
  const where = document.atKey([...path, 'migrated']);
  return [finding('estate.migrated-on-cs6', { detail, where })];
}

/** YAML 1.2 takes `yes` for a text, and by the Schema Reference every value but `http` allows the login. */
function denyIsValue({ cohort: { migrated }, document, path }: Checked): readonly Finding[] {
  const value = migrated?.denyCs6Login;
  if (typeof value !== 'string' || !/^(y|yes|on|true|n|no|off|false|[01])$/i.test(value)) return [];
  const detail = `"${value}" would become the value of icsAllowedServiceAccess and would not deny the login.\nFor the value of the chapter, write true without quotes. Otherwise write the value itself, or remove the key to allow the login.`;
  const where = document.at([...path, 'migrated', 'denyCs6Login']);
  return [finding('estate.deny-value', { detail, where })];
}

function deletesSafely({ name, cohort: { migrated }, document, path }: Checked): readonly Finding[] {
  if (migrated?.deleteCs6Calendars !== true || migrated.denyCs6Login !== undefined) return [];
  const detail = `cohort ${name} deletes the CS6 calendars of accounts that may still log in to CS6. A login could create a new calendar.\nAdd denyCs6Login: true.`;
  const where = document.atKey([...path, 'migrated', 'deleteCs6Calendars']);
  return [finding('estate.delete-without-deny', { detail, where })];
}

function exportsBefore({ name, cohort: { migrated }, document, path }: Checked): readonly Finding[] {
  if (migrated?.exportTo === undefined || migrated.deleteCs6Calendars === true) return [];
  const detail = `cohort ${name} deletes no calendars, and only deleted calendars are copied.\nRemove "exportTo", or set deleteCs6Calendars: true.`;
  const where = document.atKey([...path, 'migrated', 'exportTo']);
  return [finding('estate.export-without-delete', { detail, where })];
}

interface WrittenFilter {
  readonly path: readonly string[];
  readonly filter: string | undefined;
  /** Whether it says what an account is. */
  readonly isClass: boolean;
}

function writtenFilters(estate: EstateFile): readonly WrittenFilter[] {
  const classes = Object.entries(estate.directory.accounts ?? {}).map(([name, c]) => ({
    path: ['directory', 'accounts', name, 'filter'],
    filter: c === 'none' ? undefined : c?.filter,
    isClass: true,
  }));
  const cohorts = Object.entries(estate.cohorts).map(([name, { members }]) => ({
    path: ['cohorts', name, 'members', 'filter'],
    filter: members === 'rest' ? undefined : members.filter,
    isClass: false,
  }));
  return [...classes, ...cohorts];
}

/** Filters that are no filters. */
export function filtersAreSound(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return writtenFilters(estate).flatMap(({ path, filter }) => {
    const problem = filter === undefined ? undefined : filterProblem(filter);
    if (!problem || filter === undefined) return [];
    const detail = `${path.join('.')}, character ${problem.offset + 1}: ${problem.reason}\n    ${filter}\n    ${' '.repeat(problem.offset)}^`;
    return [finding('estate.filter-syntax', { detail, where: document.at(path) })];
  });
}

/**
 * A cohort that is described by what is written on its members consists of those that have it already: it is always in sync,
 * and moves nobody. Object classes are how accounts are told apart; they stay when an account moves.
 */
export function filtersLookElsewhere(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const { uniqueId, localUser } = estate.directory;
  const { objectClass: usual } = cs7Attributes;
  const written = writtenOnAccounts(
    {
      uniqueId: { attribute: cs7Attributes.uniqueId, copyFrom: '', objectClass: usual, ...uniqueId },
      localUser: { attribute: cs7Attributes.localUser, objectClass: usual, ...localUser },
    },
    Object.values(estate.cohorts).some(({ migrated }) => migrated?.denyCs6Login !== undefined),
  );
  return writtenFilters(estate).flatMap(({ path, filter, isClass }) => {
    const parsed = parseFilter(filter ?? '');
    if ('problem' in parsed) return [];
    const found = firstLookAt(parsed.filter, isClass ? { ...written, objectClasses: [] } : written);
    if (found === undefined) return [];
    const effect = isClass
      ? 'An account would appear or vanish when it is written.'
      : 'The cohort would consist of the accounts that have it already, would always be in sync, and would move no account.';
    const detail = `${path.join('.')} looks at ${found}, which reconcile writes on accounts. ${effect}\nUse something else: an attribute of the organisation, a subtree, a group or a file.`;
    return [finding('estate.filter-on-written', { detail, where: document.at(path) })];
  });
}
