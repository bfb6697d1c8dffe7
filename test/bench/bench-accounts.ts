import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { servicePassword } from '../servers/directory-server.ts';

/** The store that every account of the bench belongs to. */
export const benchStore = 'defaultbackend';

/** One account of so many deviates: half of these have another store, half none. */
export const deviatingEvery = 1000;

const people = 'ou=People,o=example.com,o=isp';

/** A directory of that many users in their wanted state, but for those that deviate; a hundredth is in each department. */
export function* benchAccounts(users: number): Iterable<LabEntry> {
  const containers = { suffix: 'o=isp', domain: 'example.com', users: 0, groups: 0, resources: 0 };
  yield* directoryEntries({ ...containers, servicePassword });
  for (let number = 0; number < users; number += 1) {
    yield benchUser(number);
  }
}

/** The store an account has at the beginning. */
export function storeOf(number: number): string | undefined {
  if (number % deviatingEvery !== 7) {
    return benchStore;
  }
  return number % (2 * deviatingEvery) === 7 ? 'oldbackend' : undefined;
}

/** The name of an account. */
export function benchDn(number: number): string {
  return `uid=${uidOf(number)},${people}`;
}

/** In blocks, so that each department has its share of those that deviate. */
function departmentOf(number: number): string {
  return `d${Math.floor(number / deviatingEvery) % 100}`;
}

function uidOf(number: number): string {
  return `u${String(number).padStart(7, '0')}`;
}

function benchUser(number: number): LabEntry {
  const uid = uidOf(number);
  const store = storeOf(number);
  const id = `${uid}0-4c7e11ee-be560242-ac120002`;
  return {
    dn: benchDn(number),
    attributes: {
      objectClass: [...classes],
      uid: [uid],
      cn: [`User Number ${number}`],
      sn: [`Number${number}`],
      givenName: ['User'],
      mail: [`${uid}@example.com`],
      departmentNumber: [departmentOf(number)],
      inetUserStatus: ['active'],
      nsUniqueId: [id],
      davUniqueId: [id],
      ...(store === undefined ? {} : { davStore: [store] }),
      icsStatus: ['active'],
      icsCalendar: [uid],
      icsDWPHost: [`cal${number % 4}.example.com`],
      icsAllowedServiceAccess: ['+http:*$+caldav:*'],
    },
  };
}

const classes = [
  'top',
  'person',
  'organizationalPerson',
  'inetOrgPerson',
  'inetUser',
  'icsCalendarUser',
  'davEntity',
  'labEntry',
] as const;
