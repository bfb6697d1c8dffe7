import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import { connect } from '../../src/adapters/open-ports.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { Connection } from '../../src/ports/ports.ts';
import { type Ran, reconcile, runs } from '../e2e/cli.ts';
import {
  asDirectoryAdmin,
  cs7Home,
  type Estate,
  icsConf,
  runningCs6,
  runningCs7,
  startEstate,
} from '../servers/estate.ts';
import { Chance } from './chance.ts';
import type { HostData } from './host-data.ts';
import type { ModelEntry } from './model-directory.ts';
import { disagreements } from './oracle.ts';

/*
 * Short stories over the real scripts, on sshd and slapd, with the oracle of the model: people change something by hand or in
 * the file, a run dies at a line of its record, the next ones finish its work. One estate lives through all of them.
 *
 *   RECONCILE_MODEL_REAL_RUNS=50   plays so many instead of 6
 */

const stories = Number(process.env['RECONCILE_MODEL_REAL_RUNS'] ?? 6);
const hosts = { cs6: 'cs6-fe1', cs7: 'cs7-fe1' } as const;

let estate: Estate;
let programs = 0;

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 12, groups: 1, resources: 1 });
});
afterAll(async () => estate?.stop());

/** Runs the program as a process of its own that dies at a line of its record, or does not. */
async function run(words: readonly string[], diesAt = Number.POSITIVE_INFINITY): Promise<Ran | 'died'> {
  const number = ++programs;
  const open: (Connection | Journal)[] = [];
  let die = () => {};
  const died = new Promise<'died'>(resolve => {
    die = () => resolve('died');
  });
  let lines = 0;
  const dying = (journal: Journal): Journal => ({
    ...journal,
    write: async (line, at) => {
      if (lines >= diesAt) await new Promise(() => {});
      await journal.write(line, at);
      if (++lines < diesAt) return;
      die();
      await new Promise(() => {});
    },
  });
  const ran = reconcile(words, estate.environment, {
    claim: name => ({
      run: name,
      by: `ops@model process ${number}`,
      isDead: ({ by }) => Number(/^ops@model process (\d+)$/.exec(by)?.[1] ?? number) < number,
    }),
    openJournal: async (_, name) => {
      const journal = await openJournalFile(runs, name, () => new Date().toISOString());
      open.push(journal);
      return dying(journal);
    },
    connections: {
      toWrite: async (desired, variables) => {
        const connection = await connect(desired, variables);
        open.push(connection);
        return connection;
      },
    },
  });
  const ended = await Promise.race([ran, died]);
  if (ended === 'died') await Promise.all(open.map(one => one.close()));
  return ended;
}

const paths = {
  options: `${cs7Home}/config/davserver.properties`,
  map: `${cs7Home}/config/ischeduledomainmap.properties`,
};

function textOf(host: string, path: string): string {
  const file = estate.pathOf(host, path);
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

/** What the servers have on disk and have read, in the form of the model. */
function liveHosts(): readonly HostData[] {
  const entries = (values: Readonly<Record<string, string>>, form: (key: string, value: string) => string) =>
    Object.entries(values)
      .map(([key, value]) => form(key, value))
      .join('\n');
  const cs7 = runningCs7(estate, hosts.cs7);
  const plain = (key: string, value: string) => `${key}=${value}`;
  const read6 = { [icsConf]: entries(runningCs6(estate, hosts.cs6), (key, value) => `${key} = "${value}"`) };
  const read7 = { [paths.options]: entries(cs7.options, plain), [paths.map]: entries(cs7.domainMap, plain) };
  const host = (name: string, product: HostData['product'], read: Readonly<Record<string, string>>) => ({
    ...{ name, product },
    files: Object.fromEntries(
      Object.keys(read).map(path => [path, { text: textOf(name, path), modified: 0, changed: 0 }]),
    ),
    processes: [{ pid: 1, name, words: name, started: 0, read }],
  });
  return [host(hosts.cs6, 'cs6', read6), host(hosts.cs7, 'cs7', read7)] as unknown as readonly HostData[];
}

function liveEntries(): readonly ModelEntry[] {
  const found = asDirectoryAdmin(estate, ['ldapsearch', '-LLL', '-b', 'o=isp', '(objectClass=icsCalendarUser)']);
  return found
    .trim()
    .split('\n\n')
    .map(record => {
      const attributes: Record<string, string[]> = {};
      for (const line of record.split('\n')) {
        const [, name = '', value = ''] = /^([\w-]+): (.*)$/.exec(line) ?? [];
        attributes[name.toLowerCase()] = [...(attributes[name.toLowerCase()] ?? []), value];
      }
      return { dn: attributes['dn']?.[0] ?? '', attributes };
    });
}

const wrong = () =>
  disagreements(
    { hosts: [...liveHosts()], directory: { entries: [...liveEntries()], stale: undefined, reversed: false } },
    readFileSync(estate.file, 'utf8'),
  );

/** What somebody does, by hand or in the file. */
function meddle(chance: Chance): string {
  const [account] = liveEntries().filter(({ attributes }) => attributes['davstore'] !== undefined);
  const deeds: Readonly<Record<string, () => void>> = {
    'appends a key': () => appendFileSync(estate.pathOf(hosts.cs6, icsConf), 'local.autoprovision = "yes"\n'),
    'appends a comment': () => appendFileSync(estate.pathOf(hosts.cs6, icsConf), '! by hand\n'),
    'changes a route': () =>
      writeFileSync(
        estate.pathOf(hosts.cs7, paths.map),
        textOf(hosts.cs7, paths.map).replace(/^example\.com=.*$/m, 'example.com=http://wrong/'),
      ),
    'takes a store away': () => {
      if (account)
        asDirectoryAdmin(estate, ['ldapmodify'], `dn: ${account.dn}\nchangetype: modify\ndelete: davStore\n`);
    },
    'edits the file': () => {
      const text = readFileSync(estate.file, 'utf8').replace(/ {2}settings:.*\n/, '');
      writeFileSync(
        estate.file,
        text.replace('cs6:\n', `cs6:\n  settings: { service.http.idletimeout: "${100 + chance.below(90)}" }\n`),
      );
    },
  };
  const deed = chance.pick(Object.keys(deeds));
  deeds[deed]?.();
  return deed;
}

const apply = (diesAt?: number) =>
  run(['apply', estate.file, '--yes', '--allow-moves', '99', '--format', 'json'], diesAt);

it.each(Array.from({ length: stories }, (_, i) => i))(
  'story %i comes to rest, whatever died on the way',
  async seed => {
    const chance = new Chance(seed);
    const told = Array.from({ length: chance.below(3) }, () => meddle(chance));
    const diesAt = 1 + chance.below(18);
    const first = await apply(diesAt);
    told.push(first === 'died' ? `an apply dies at line ${diesAt}` : `an apply ends with ${first.code}`);
    if (chance.is(0.3)) told.push(meddle(chance));
    const checked = await run(['check', estate.file, '--format', 'json']);
    if (checked !== 'died' && checked.code === 0) expect(wrong(), told.join(', ')).toEqual([]);
    let last = await apply();
    for (let more = 0; more < 2 && last !== 'died' && last.code !== 0; more++) last = await apply();
    expect([last !== 'died' && last.code, last !== 'died' && last.code !== 0 && last], told.join(', ')).toEqual([
      0,
      false,
    ]);
    expect(wrong(), told.join(', ')).toEqual([]);
    const again = await run(['check', estate.file]);
    expect(again !== 'died' && again.code, told.join(', ')).toBe(0);
  },
);
