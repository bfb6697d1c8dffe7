import type { Account, AccountQuery } from '../accounts/account.ts';
import { accountSearches } from '../accounts/account-searches.ts';
import { directoryFindings } from '../accounts/directory-findings.ts';
import { readAccounts } from '../accounts/read-accounts.ts';
import { type DesiredCs6Host, type DesiredState, hostsOf } from '../core/desired.ts';
import { type Finding, foldFindings, TargetProblem } from '../core/finding.ts';
import type { AuditReport, AuditRow } from '../core/report.ts';
import { type CalendarListing, doubtfulListing, listAll } from '../kinds/shared/calendar-listing.ts';
import { present } from '../ldap/filter.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { Calendars } from './calendars.ts';
import { describeClasses } from './classes.ts';
import { type JudgedAccount, judgedAttributes, knownStores, makeJudge, managedAttributes } from './classify.ts';
import { findShared } from './duplicates.ts';
import { HashCollector, type HashSet } from './hash-list.ts';
import { accountRow, calendarRow, isListed, strayProblem } from './list-formats.ts';
import { countOverlaps, overlappable } from './overlaps.ts';
import { Counter, Tally } from './tally.ts';

/**
 * The accounts for which a class of service makes up a value that `reconcile` manages. All accounts are asked for, because a
 * server may leave made-up values out of account where it filters. It keeps 8 bytes for each account found.
 */
async function readVirtualValues(state: DesiredState, reader: DirectoryReader): Promise<HashSet> {
  const attributes = managedAttributes(state);
  const found = new HashCollector();
  for (const search of accountSearches(state.directory))
    for await (const entry of reader.search({ ...search, attributes, virtualOnly: true }))
      if (attributes.some(name => entry.attributes.has(name.toLowerCase()))) found.add(entry.dn);
  return found.unique();
}

/** What was found, and the same account by account. */
export interface Audit {
  readonly facts: Omit<AuditReport, 'command' | 'exitCode' | 'files'>;
  /** Reads every account again and yields those of the named lists. Throws TargetProblem where the directory cannot be read whole. */
  rows(lists: readonly string[]): AsyncIterable<AuditRow>;
}

/** What an audit is made of; `progress` is told now and then how far it is. */
export interface AuditInput {
  readonly state: DesiredState;
  readonly warnings: readonly Finding[];
  readonly readAt: string;
  readonly ports: ReadPorts;
  readonly progress: (message: string) => void;
}

/**
 * Holds every account against the truth table; reads only. First the calendars of all CS6 hosts, then the accounts, one by
 * one and each in the cohort that takes it:
 *
 * | pass | over                     | for                                                    |
 * |------|--------------------------|--------------------------------------------------------|
 * | 1    | all accounts             | the counts, and the hashes of what must not come twice |
 * | 2    | all, if a hash came twice| whether the values are the same, too                   |
 * | 3    | all, if a list is wanted | its rows, which are not kept                           |
 *
 * What grows: with every account 8 bytes for its unique id and 8 for each address, 8 more where its cohort may overlap a
 * later one, and what the survey itself keeps; with every calendar its line of `cscal list` and 16 to 32 bytes; with every
 * value that several accounts share, the value. A hash that comes twice makes nobody guilty, the values do.
 */
export async function auditEstate(input: AuditInput): Promise<Audit> {
  const { state, ports } = input;
  input.progress('listing the calendars of the CS6 hosts');
  const hosts = await Promise.all(hostsOf(state, 'cs6').map(host => listCalendars(host, ports)));
  const listings = hosts.flatMap(({ listing }) => listing ?? []);
  const whole = listings.length === hosts.length && listings.every(({ doubt }) => doubt === undefined);
  const calendars = new Calendars(listings, whole);
  const aboutHosts = [...hosts.flatMap(({ problem }) => problem ?? []), ...listings.flatMap(doubtfulListing)];
  const about = {
    estate: state.name,
    readAt: input.readAt,
    hosts: hosts.map(({ name, listing }) => ({ name, ...(listing && { calendars: listing.calendars }) })),
    stores: knownStores(state),
  };
  const unread = hosts.filter(({ listing }) => !listing).map(({ name }) => name);
  const findings = [...input.warnings, ...aboutHosts];
  try {
    const { accounts, classes, remarks, rows } = await auditAccounts(input, calendars);
    return { facts: { ...about, unread, accounts, classes, findings: [...findings, ...remarks] }, rows };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    const facts = { ...about, unread: [...unread, 'directory'], classes: [], findings: [...findings, problem.finding] };
    return { facts, rows: nothing };
  }
}

async function* nothing(): AsyncIterable<AuditRow> {}

interface HostListing {
  readonly name: string;
  readonly listing?: CalendarListing;
  readonly problem?: Finding;
}

async function listCalendars(host: DesiredCs6Host, ports: ReadPorts): Promise<HostListing> {
  try {
    return { name: host.name, listing: await listAll(host, ports.host(host.name)) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { name: host.name, problem: problem.finding };
  }
}

async function auditAccounts(input: AuditInput, calendars: Calendars) {
  const { state, ports } = input;
  const reader = ports.directory();
  const virtual = await readVirtualValues(state, reader);
  const judge = makeJudge({ state, calendars, isVirtual: dn => virtual.has(dn) });
  // A long list of members may have a remark on each.
  const remarks = foldFindings(({ code }) => code);
  const accounts = (tellsOfCohorts: boolean, progress = input.progress) =>
    judged({ ...input, progress }, tellsOfCohorts, judge, remarks);
  const tally = new Tally(state.cohorts, overlappable(state));
  for await (const account of accounts(true)) {
    tally.add(account);
    calendars.claim(account.names);
  }
  const overlaps = await countOverlaps(state, tally.taken, reader);
  const suspects = { uniqueIds: tally.uniqueIds.repeated(), mails: tally.mails.repeated(), calendars };
  const shared = await findShared(() => accounts(false), suspects);
  const strays = countStrays(calendars);
  return {
    accounts: {
      all: tally.all,
      good: tally.good - shared.otherwiseGood,
      states: tally.states,
      cohorts: state.cohorts.map(cohort => tally.cohort(cohort, overlaps.get(cohort.name) ?? [])),
    },
    classes: describeClasses([tally.classes, shared.counts, strays]),
    remarks: [...(await directoryFindings(state.directory, reader)), ...remarks.all()],
    async *rows(lists: readonly string[]): AsyncIterable<AuditRow> {
      // The rows themselves show how far it is.
      for await (const account of accounts(false, () => {})) {
        const row = accountRow(account, shared.problemsOf(account));
        if (isListed(row, lists)) yield row;
      }
      for (const calendar of calendars.strays())
        if (isListed(calendarRow(calendar), lists)) yield calendarRow(calendar);
    },
  };
}

function countStrays(calendars: Calendars) {
  const strays = new Counter();
  for (const calendar of calendars.strays())
    strays.add(strayProblem(calendar), `${calendar.calid} on ${calendar.host}`);
  return strays;
}

/** How often progress is told, in accounts. */
const step = 10_000;

async function* judged(
  { state, ports, progress }: AuditInput,
  tellsOfCohorts: boolean,
  judge: (account: Account) => JudgedAccount,
  remarks: ReturnType<typeof foldFindings>,
): AsyncIterable<JudgedAccount> {
  const query: AccountQuery = {
    attributes: judgedAttributes,
    deviation: () => present('objectClass'),
    ...(tellsOfCohorts && { tellsOfCohorts }),
  };
  let read = 0;
  progress('reading the accounts');
  for await (const one of readAccounts(state, [query], ports)) {
    if ('code' in one) remarks.add(one);
    else {
      if (++read % step === 0) progress(`read ${read.toLocaleString('en-US')} accounts so far`);
      yield judge(one);
    }
  }
}
