import type { LookUp } from '../ports/rehearsal.ts';
import { readCalendars } from './cs6/calendar-store.ts';
import { cs6Paths } from './cs6/layout.ts';
import type { DemoParts } from './demo-faults.ts';
import { askCs6, askCs7, type FreeBusyView } from './freebusy/look-up-client.ts';
import { rehearsalDay } from './freebusy/period.ts';

/**
 * Users of the cohort `pilot`, who have moved to CS7. Two of them, because the question before coexistence does harm: with
 * autoprovisioning on, CS6 makes an empty calendar for whomever it is asked about, and from then on answers for them.
 */
const migrated = { before: 'oneil@example.com', after: 'jdoe@example.com' };

/** A user who stays on CS6. */
const staying = 'rd@example.com';

/** Looks across the sides, both ways, as users of each would; only a real busy time counts as an answer. */
export async function lookAcross(parts: DemoParts, when: 'before' | 'after'): Promise<readonly LookUp[]> {
  const cs7 = parts.urls.get('cs7-fe1') ?? '';
  const mail = migrated[when];
  const cs6Hosts = [...parts.urls].filter(([name]) => name.startsWith('cs6')).slice(0, when === 'before' ? 1 : 2);
  const cs7Hosts = [...parts.urls].filter(([name]) => name.startsWith('cs7')).slice(0, 2);
  const fromCs6 = cs6Hosts.map(async ([name, url]): Promise<LookUp> => {
    const seen = lookUp(
      `a user of ${name} looks up ${mail}, who is on CS7`,
      await askCs6(url, mail, rehearsalDay, cs7),
    );
    return hasCalendar(parts, name, mail)
      ? { ...seen, answer: `${seen.answer}, from a calendar that CS6 has just made for them` }
      : seen;
  });
  const fromCs7 = cs7Hosts.map(async ([name, url]) =>
    lookUp(`a user of ${name} looks up ${staying}, who is on CS6`, await askCs7(url, staying, rehearsalDay)),
  );
  return Promise.all([...fromCs6, ...fromCs7]);
}

function lookUp(question: string, { state, periods, detail }: FreeBusyView): LookUp {
  return { question, worked: state === 'busy' && periods.length > 0, answer: detail };
}

function hasCalendar({ trees }: DemoParts, host: string, mail: string): boolean {
  const calendars = readCalendars(trees.get(host) ?? '', cs6Paths('solaris-sparc').data);
  return calendars.some(({ calid }) => calid === mail);
}
