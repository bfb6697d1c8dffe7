import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { deviatingEvery } from './bench-accounts.ts';
import { type BenchChanges, writeBenchChanges } from './bench-changes.ts';
import { writeBenchEstate } from './bench-estate.ts';
import { BenchReport, ours, versionOf } from './bench-report.ts';
import { type BenchServer, benchServers } from './bench-servers.ts';
import { type BenchLogin, runClient, serviceLogin, toolWords } from './client.ts';
import { startDelayRelay } from './delay-relay.ts';
import { contest, shell, size } from './measure.ts';

/**
 * The directory: reading, checking and changing against the C tools of OpenLDAP on the same server. Sizes come from the
 * environment: BENCH_ACCOUNTS (slapd) and BENCH_ACCOUNTS_389, BENCH_CHANGES, BENCH_DELAYED_CHANGES, BENCH_ROUNDS.
 */
const rounds = size('BENCH_ROUNDS', 3);
const changes = size('BENCH_CHANGES', 5000);
const delayedChanges = size('BENCH_DELAYED_CHANGES', 300);
const inFlight = 32;
const roundTrip = 10;
const report = new BenchReport('directory');
const everyAccount = '(|(objectClass=icsCalendarUser)(objectClass=icsCalendarGroup)(objectClass=icsCalendarResource))';

afterAll(() => report.end());

describe.each([
  { make: 'slapd', accounts: size('BENCH_ACCOUNTS', 100_000) },
  { make: '389', accounts: size('BENCH_ACCOUNTS_389', 100_000) },
] as const)('$make', ({ make, accounts }) => {
  let server: BenchServer;

  beforeAll(async () => {
    server = await benchServers[make](accounts);
    report.version('OpenLDAP', versionOf('/usr/sbin/slapd', '-VV'));
    report.version('389 Directory Server', versionOf('/usr/sbin/ns-slapd', '-v'));
  });
  afterAll(() => server?.stop());

  describe.each([
    { who: 'a service', loginOf: () => serviceLogin },
    { who: 'the administrator', loginOf: ({ directory }: BenchServer) => administrator(directory) },
  ])('as $who', ({ who, loginOf }) => {
    const about = `${make}, as ${who}`;
    const ldapsearch = (filter: string, attributes: string) =>
      shell(
        `ldapsearch ${toolWords(server.directory.url, loginOf(server))} -LLL -E pr=1000/noprompt -b o=isp '${filter}' ${attributes} >/dev/null`,
      );
    const target = (url: string) => ({ url, ...loginOf(server) });

    it('reading every account', async () => {
      const filter = '(objectClass=icsCalendarUser)';
      const attributes = ['uid', 'davStore', 'icsStatus', 'icsAllowedServiceAccess'];
      await contest({
        name: `${about}, reading ${accounts} accounts`,
        ...{ rounds, report },
        usual: { name: 'ldapsearch pr=1000', run: () => ldapsearch(filter, attributes.join(' ')) },
        ours: {
          name: 'search',
          run: async () => {
            const query = { base: 'o=isp', filter, attributes };
            const run = await runClient({ what: 'read', target: target(server.directory.url), query });
            return timeOf(run, run.entries === accounts);
          },
        },
      });
    });

    it.each([
      { what: 'all accounts', filter: undefined, share: 1 },
      { what: 'a cohort of 1 %', filter: '(&(objectClass=icsCalendarUser)(departmentNumber=d7))', share: 0.01 },
    ])('checking $what', async ({ what, filter, share }) => {
      const estate = join(server.directory.folder, 'estate.yaml');
      const { bindDn, password } = loginOf(server);
      writeBenchEstate(estate, server.directory.url, bindDn, filter);
      let most = 0;
      const name = `${about}, checking ${what} of ${accounts}, one in ${deviatingEvery} deviates`;
      await contest({
        name,
        ...{ rounds, report },
        usual: {
          name: 'ldapsearch pr=1000 of all',
          run: () => ldapsearch(everyAccount, 'davUniqueId nsUniqueId davStore objectClass mail'),
        },
        ours: {
          name: 'compare',
          run: async () => {
            const run = await runClient({ what: 'check', estate, environment: { LDAP_PASSWORD: password } });
            most = Math.max(most, run.megabytes);
            return timeOf(run, run.changes === Math.ceil((accounts * share) / deviatingEvery));
          },
        },
      });
      report.more(name, ours, { memory: most });
    });

    const contestOfChanges = (name: string, url: string, files: BenchChanges, count: number) =>
      contest({
        name,
        ...{ rounds, report },
        usual: {
          name: 'ldapmodify -f',
          run: () => shell(`ldapmodify ${toolWords(url, loginOf(server))} -f ${files.next().ldif} >/dev/null`),
        },
        ours: {
          name: `modify, ${inFlight} in flight`,
          run: async () => {
            const work = { what: 'modify', target: target(url), attribute: 'davStore', inFlight };
            const run = await runClient({ ...work, changes: files.next().lines });
            return timeOf(run, run.done === count);
          },
        },
      });

    it(`${changes} changes`, async () => {
      const files = writeBenchChanges(changes);
      await contestOfChanges(`${about}, ${changes} changes`, server.directory.url, files, changes);
      files.drop();
    });

    it(`${delayedChanges} changes over ${roundTrip} ms`, async () => {
      const files = writeBenchChanges(delayedChanges);
      const relay = await startDelayRelay({ address: '127.0.0.1', port: server.directory.port }, roundTrip);
      const name = `${about}, ${delayedChanges} changes with a round trip of ${roundTrip} ms`;
      await contestOfChanges(name, `ldap://127.0.0.1:${relay.port}`, files, delayedChanges);
      relay.stop();
      files.drop();
    });
  });
});

/** Checks of access rules do not count for it: what is left is the work itself. */
function administrator({ adminDn, adminPassword }: BenchServer['directory']): BenchLogin {
  return { bindDn: adminDn, password: adminPassword };
}

/** Its time, where it did what it should: a run that did less is none. */
function timeOf(run: { readonly milliseconds: number }, right: boolean): number {
  if (!right) {
    throw new Error(`not what was to be done: ${JSON.stringify(run)}`);
  }
  return run.milliseconds;
}
