import type { Change } from '../../core/change.ts';
import { inFlight, untilStopped } from '../../core/collections.ts';
import type { Declared } from '../../core/declared.ts';
import { chapter } from '../../core/declared.ts';
import { type DesiredCohort, hostsOf } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Outcome, Work } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import type { WritePorts } from '../../ports/ports.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { deletesCalendars, migratedAccounts, type OwnedCalendars, readOwners, type WantedOfHost } from './owners.ts';
import { type Removal, removeCalendars } from './remove-calendars.ts';

/** Owners that are dealt with at once on a host. */
const atOnce = 4;

/** No owner's name has blanks in it. */
const nobody = '(no owner)';

/** How many calendars a finding names. */
const named = 10;

/**
 * The calendars of migrated accounts, which must be gone from CS6: as long as one is there, CS6 takes the account for its
 * own (chapter 10, "Calendar Coexistence Overview"; "Configuring the Calendar Server 6 Environment", step 4). What is
 * deleted cannot be brought back, so no change of this kind has an inverse.
 */
export const cs6Calendar: ResourceKind<WantedOfHost, OwnedCalendars> = {
  name: 'cs6-calendar',
  title: 'Calendars on Calendar Server 6 are to be deleted',
  stage: 'cs6-calendars',
  wishes: state => {
    if (!state.cohorts.some(deletesCalendars)) return [];
    const migrated = migratedAccounts(state);
    return hostsOf(state, 'cs6').map(host => ({ target: host.name, desired: { host, state, migrated } }));
  },
  declares: ({ state }) => state.cohorts.filter(deletesCalendars).map(declareCalendars),
  read: readOwners,
  item: live => (live.type === 'ownerless' ? nobody : live.owner),
  diff: (_, live) => diffOwner(live),
  check: ({ host }, live) => checkOwner(host.name, live),
  apply: (wanted, work, ports) => applyRemovals(wanted, work, ports),
};

function declareCalendars({ name, source }: DesiredCohort): Declared {
  return {
    key: 'calendars',
    group: name,
    label: `calendars of migrated accounts of cohort ${name}`,
    value: `none of accounts of cohort ${name} that are on CS7`,
    because: 'As long as CS6 has a calendar of an account, it takes the account for one of its own.',
    chapter: chapter.migrated,
    source,
  };
}

function diffOwner(live: OwnedCalendars): readonly Change[] {
  if (live.type !== 'migrated') return [];
  const { owner, calids, account } = live;
  const { name, source } = account.cohort;
  return [
    {
      action: 'delete',
      item: owner,
      key: 'calendars',
      before: calids,
      group: name,
      irreversible: 'calendars that cscal deletes cannot be brought back',
      source,
    },
  ];
}

function checkOwner(host: string, live: OwnedCalendars): readonly Finding[] {
  switch (live.type) {
    case 'migrated':
      return [];
    case 'ownerless':
      return [
        finding('calendars.no-owner', {
          detail: `${host}: ${some(live.calids)}\nWhose they are cannot be told, so they are left alone. Give them an owner, or delete them by hand.`,
        }),
      ];
    case 'ambiguous':
      return [
        finding('calendars.owner-ambiguous', {
          detail: `${host}: the owner ${printable(live.owner)} of ${some(live.calids)}\n${printable(live.reason)}\nThey are left alone. Find out whose they are, and delete them by hand.`,
          where: live.account.cohort.source,
        }),
      ];
  }
}

function some(calids: readonly string[]): string {
  const shown = calids.slice(0, named).join(', ');
  return printable(calids.length > named ? `${shown} and ${calids.length - named} more` : shown);
}

async function* applyRemovals(
  wanted: WantedOfHost,
  work: readonly Work<OwnedCalendars>[],
  ports: WritePorts,
): AsyncIterable<Outcome> {
  const removals: Removal[] = [];
  for (const { live, changes } of work)
    for (const change of changes) {
      if (live.type === 'migrated' && change.action === 'delete' && change.item === live.owner && change.before)
        removals.push({ owner: live.owner, account: live.account, change });
      else yield { change, state: 'failed', detail: 'calendars are only ever deleted, and only those of an owner.' };
    }
  yield* inFlight(
    untilStopped(removals, ports),
    () => atOnce,
    removal => removeCalendars(removal, wanted, ports),
  );
}
