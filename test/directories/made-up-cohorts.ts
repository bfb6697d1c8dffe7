import type { DesiredCohort, Members } from '../../src/core/desired.ts';
import { folders, groups, pick } from './made-up-accounts.ts';

/** A cohort of these members. */
export function cohort(
  name: string,
  members: Members,
  store: string | undefined,
  more: Partial<DesiredCohort>,
): DesiredCohort {
  const source = { file: 'estate.yaml', line: 1 };
  return { name, members, ...(store !== undefined && { store }), ...more, source };
}

/** Cohorts with every form of membership, over that many accounts; the last one takes the rest. */
export function madeUpCohorts(random: () => number, accounts: number): readonly DesiredCohort[] {
  const count = 1 + Math.floor(random() * 5);
  const cohorts = Array.from({ length: count }, (_, i) =>
    cohort(`c${i}`, madeUpMembers(random, accounts), ...madeUpSide(random)),
  );
  return [...cohorts, cohort('others', 'rest', ...madeUpSide(random))];
}

function madeUpSide(random: () => number): [string | undefined, Partial<DesiredCohort>] {
  const store = pick(random, [undefined, 'store1', 'store2']);
  if (store === undefined) return [undefined, {}];
  const share = pick(random, [undefined, undefined, 0, 30, 75.5]);
  const denies = random() < 0.5;
  return [
    store,
    {
      ...(share !== undefined && { share }),
      ...(denies && { migrated: { denyLogin: '-http:all', deleteCalendars: false } }),
    },
  ];
}

function madeUpMembers(random: () => number, accounts: number): Members {
  const filter = pick(random, [
    '(departmentNumber=d1)',
    '(departmentNumber=d3)',
    '(!(departmentNumber=d2))',
    '(|(departmentNumber=D 4)(mail=*@elsewhere.org))',
    '(&(mail=*)(!(icsStatus=active)))',
    '(objectClass=icsCalendarResource)',
  ]);
  const folder = pick(random, folders);
  const names = Array.from({ length: 30 }, () => Math.floor(random() * accounts)).map(number =>
    random() < 0.5 ? `U${number}` : `uid=u${number},${pick(random, folders)}`,
  );
  return pick<Members>(random, [
    { filter },
    { base: folder.replace('\\,', '\\2C').toUpperCase().replace('OU=', 'ou=') },
    { base: folder },
    { base: folder, filter },
    { list: [...new Set(names)] },
    { list: [...new Set(names)], filter },
    { group: groups.listing },
    { group: groups.describing },
  ]);
}
