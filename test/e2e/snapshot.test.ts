import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { type Replaced, unconnected } from '../estate/offline.ts';
import { cs6Sbin, cs7Home, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { snapshotSchema } from '../snapshot/support.ts';
import { type Ran, reconcile } from './cli.ts';

/** A reading taken by somebody with credentials, and plans from it by somebody without: real sshd and slapd. */
let estate: Estate;
let snapshot: string;

const now = '2026-11-22T12:00:00.000Z';
const at = (time: string): Replaced => ({ clock: { now: () => time } });

/** No connection can be opened, no variable is set, and it is a day later. */
const elsewhere: Replaced = {
  ...at('2026-11-23T12:00:00.000Z'),
  ...unconnected,
};

const withCredentials = (...words: readonly string[]): Promise<Ran> => reconcile(words, estate.environment, at(now));
const without = (...words: readonly string[]): Promise<Ran> => reconcile(words, {}, elsewhere);

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 40 });
  snapshot = join(estate.folder, 'live.jsonl.gz');
  const conf = estate.pathOf('cs6-fe1', icsConf);
  appendFileSync(
    conf,
    [
      'local.authldapbindcred = "canary-1"',
      '! the old password was canary-2',
      'own.url = "http://me:canary-3@x/"',
      '',
    ].join('\n'),
  );
  appendFileSync(estate.pathOf('cs7-fe1', `${cs7Home}/config/davserver.properties`), 'own.password=canary-4\n');
  estate.on('cs6-be1', `cd ${cs6Sbin} && ./cscal -o jdoe create jdoe`);
  const taken = await withCredentials('snapshot', '-f', estate.file, '-o', snapshot);
  expect([taken.stderr, taken.code]).toEqual(['', 0]);
  expect(taken.stdout).toMatch(
    / {2}3 hosts {2}60 accounts\n {2}attributes .* departmentnumber .*\n {2}masked {6}cs6-fe1 4, cs6-be1 1, cs7-fe1 1\n/,
  );
});
afterAll(async () => estate?.stop());

/** The estate file as a pull request may change it. */
function changed(name: string, ...changes: readonly (readonly [string | RegExp, string])[]): string {
  const file = join(estate.folder, `${name}.yaml`);
  writeFileSync(
    file,
    changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(estate.file, 'utf8')),
  );
  return file;
}

describe('a snapshot', () => {
  it('is for its owner only, as its schema says, and holds no secret', () => {
    expect(statSync(snapshot).mode & 0o777).toBe(0o600);
    const text = gunzipSync(readFileSync(snapshot)).toString();
    // The schema knows the names of such attributes.
    expect(text.replace(/^\{"line":"schema".*$/m, '')).not.toMatch(/canary|userPassword|reconcile-lab/i);
    expect(text.match(/\u00b7{6}/g)?.length).toBe(6);
    const valid = new Ajv2020({ strict: true, discriminator: true }).compile(snapshotSchema);
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines.filter(line => !valid(line))).toEqual([]);
    expect([...new Set(lines.map(({ line }) => line))]).toEqual([
      'snapshot',
      'schema',
      'host',
      'search',
      'account',
      'end',
    ]);
  });

  it('leads to the plan that the servers lead to, without a connection and without credentials', async () => {
    const files = [
      estate.file,
      changed('settings', [/( {4}cs6-be1: \{)/, '$1 settings: { service.http.idletimeout: "77" },']),
      changed('cohorts', ['(departmentNumber=Finance)', '(!(departmentNumber=Finance))'], ['limits:', 'limits:']),
      changed('option', [/( {4}cs7-fe1: \{)/, '$1 settings: { log.dav.commands.loglevel: FINE },']),
    ];
    for (const file of files) {
      const live = await withCredentials('plan', file, '--format', 'json');
      const from = await without('plan', file, '--live', snapshot, '--format', 'json');
      const [wanted, { snapshot: told, plan }] = [readable(live).plan, readable(from)];
      expect([from.code, told], from.stderr).toEqual([live.code, { file: snapshot, takenAt: now }]);
      expect(withoutMasked(plan)).toEqual(withoutMasked(wanted));
      expect(plan.steps.length).toBeGreaterThan(3);
    }
  });

  it('is told in the plan, and by the exit code of a check', async () => {
    const ran = await without('--check', '-f', estate.file, '--live', snapshot);
    expect([ran.code, ran.stderr]).toEqual([2, '']);
    expect(ran.stdout).toContain(`planned from the snapshot ${snapshot}, read 2026-11-22 12:00`);
  });

  it('tells what a pull request brings from what it found, from one snapshot', async () => {
    const file = changed('brings', [/( {4}cs6-be1: \{)/, '$1 settings: { service.http.idletimeout: "77" },']);
    const ran = await without('plan', file, '--live', snapshot, '--base', estate.file, '--format', 'json');
    const { plan, origins = [] } = readable(ran);
    const of = (key: string) =>
      plan.steps.flatMap((step, i) =>
        step.changes.flatMap((change, j) => (change.key === key ? (origins[i]?.[j] ?? '') : [])),
      );
    expect([of('service.http.idletimeout'), of('local.autoprovision').includes('planned')]).toEqual([
      ['planned'],
      false,
    ]);
  });

  it.each([
    [
      'a host that is new',
      [/( {4}cs6-be1: \{.*\n)/, '$1    cs6-be2: { address: 127.0.0.9, http: "http://127.0.0.9:8080" }\n'],
      'cs6-be2: the host is not in the snapshot',
    ],
    [
      'another machine under a known name',
      [/(cs6-be1: \{ address: )[^,]+/, '$1127.0.0.9'],
      'cs6-be1: the snapshot was taken from',
    ],
    [
      'another place of a file',
      [/( {4}cs6-be1: \{)/, '$1 config: /etc/other/ics.conf,'],
      '/etc/other/ics.conf was not looked for',
    ],
    ['an option nobody listed', [/( {4}cs7-fe1: \{)/, '$1 settings: { davcore.own.option: x },'], 'davcore.own.option'],
    [
      'another attribute in a filter',
      ['(departmentNumber=Finance)', '(roomNumber=7)'],
      'a filter needs the attribute roomNumber',
    ],
    [
      'a comparison that only the directory can make',
      ['(departmentNumber=Finance)', '(departmentNumber~=Finance)'],
      'a comparison of departmentNumber',
    ],
    [
      'a group',
      [/members: \{ filter: [^}]*\}/, 'members: { group: "cn=new,o=isp" }'],
      'cn=new,o=isp was not searched for',
    ],
    ['another directory', [/url: .*/, 'url: ldaps://other.example.com'], 'the file has ldaps://other.example.com'],
  ] as const)('is not guessed at for %s', async (_, change, says) => {
    const ran = await without('plan', changed('beyond', change), '--live', snapshot, '--format', 'json');
    const { plan } = readable(ran);
    expect(plan.findings.map(({ code }) => code)).toContain('snapshot.not-in-it');
    expect(plan.findings.map(({ detail }) => detail).join('\n')).toContain(says);
    expect(plan.unread).toHaveLength(1);
    // The others still differ: 4 wins over 2.
    expect(ran.code).toBe(4);
  });

  it('takes more where it is asked to', async () => {
    const more = join(estate.folder, 'more.jsonl.gz');
    const group = 'cn=none,o=isp';
    const words = ['--attribute', 'roomNumber', '--group', group, '--calendars', '-o', more];
    expect((await withCredentials('snapshot', estate.file, ...words)).code).toBe(0);
    const file = changed('more', ['(departmentNumber=Finance)', '(roomNumber=7)']);
    expect(readable(await without('plan', file, '--live', more, '--format', 'json')).plan.unread).toEqual([]);
    const deleting = changed('deleting', [
      /(server: cs7, store: defaultbackend,)/,
      '$1 migrated: { denyCs6Login: true, deleteCs6Calendars: true },',
    ]);
    const [live, from] = [
      await withCredentials('plan', deleting, '--format', 'json'),
      await without('plan', deleting, '--live', more, '--format', 'json'),
    ];
    expect(withoutMasked(readable(from).plan)).toEqual(withoutMasked(readable(live).plan));
    expect(JSON.stringify(readable(from).plan.steps)).toContain('cs6-calendar');
  });
});

describe('a snapshot that does not count', () => {
  const damaged = (name: string, bytes: Uint8Array): string => {
    const file = join(estate.folder, name);
    writeFileSync(file, bytes);
    return file;
  };
  const text = () => gunzipSync(readFileSync(snapshot)).toString();
  const lines = (edit: (all: string[]) => readonly string[]) =>
    gzipSync(`${edit(text().trimEnd().split('\n')).join('\n')}\n`);

  it.each([
    ['cut off', () => readFileSync(snapshot).subarray(0, 3000), 'snapshot.unusable', 'cut off'],
    ['not packed', () => Buffer.from('{}'), 'snapshot.unusable', 'not packed with gzip'],
    ['without its end', () => lines(all => all.slice(0, -1)), 'snapshot.unusable', 'it ends early'],
    ['without an account', () => lines(all => all.toSpliced(-3, 1)), 'snapshot.unusable', 'its own digest'],
    [
      'with another value',
      () => lines(all => all.map(line => line.replace('Finance', 'Finanze'))),
      'snapshot.unusable',
      'its own digest',
    ],
    [
      'of another format',
      () => lines(all => [(all[0] ?? '').replace('"formatVersion":1', '"formatVersion":2')]),
      'snapshot.unusable',
      'not understood',
    ],
    ['that is something else', () => gzipSync('{"a":1}\n'), 'snapshot.unusable', 'not understood'],
  ] as const)('%s is refused', async (name, bytes, code, says) => {
    const ran = await without('plan', estate.file, '--live', damaged('damaged.gz', bytes()), '--format', 'json');
    const { findings } = JSON.parse(ran.stdout);
    expect([ran.code, findings[0].code, findings[0].detail], name).toEqual([1, code, expect.stringContaining(says)]);
  });

  it('too old, not there, or for an apply', async () => {
    const late = await reconcile(
      ['plan', estate.file, '--live', snapshot],
      {},
      { ...elsewhere, ...at('2026-11-29T12:00:01.000Z') },
    );
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('snapshot.too-old')]);
    const strict = await without('plan', estate.file, '--live', snapshot, '--max-age', '23h');
    expect([strict.code, strict.stderr]).toEqual([1, expect.stringContaining('--max-age is 23h')]);
    expect((await without('plan', estate.file, '--live', `${snapshot}.gone`)).stderr).toContain('file.unreadable');
    const output = join(estate.folder, 'from-snapshot.json');
    const saved = await without('plan', estate.file, '--live', snapshot, '-o', output);
    expect([saved.code, saved.stderr, existsSync(output)]).toEqual([
      1,
      expect.stringContaining('snapshot.not-for-apply'),
      false,
    ]);
  });

  it('a host that is down is unread in the plan too, and the exit code of the snapshot says so', async () => {
    const host = estate.ssh.hosts.get('cs6-be1');
    const half = join(estate.folder, 'half.jsonl.gz');
    await host?.kill();
    const taken = await withCredentials('snapshot', estate.file, '-o', half);
    expect([taken.code, taken.stderr]).toEqual([4, expect.stringContaining('host.unreachable')]);
    const { plan } = readable(await without('plan', estate.file, '--live', half, '--format', 'json'));
    expect([plan.unread, plan.findings.map(({ code }) => code)]).toEqual([
      ['cs6-be1'],
      expect.arrayContaining(['host.unreachable']),
    ]);
    await host?.restart();
  });

  it('a directory that cannot be read whole leaves none, and what was there before stays', async () => {
    const before = readFileSync(snapshot);
    const nowhere = changed('nowhere', [/url: .*/, 'url: ldap://127.0.0.1:1']);
    const taken = await withCredentials('snapshot', nowhere, '-o', snapshot);
    expect([taken.code, taken.stdout, taken.stderr]).toEqual([4, '', expect.stringContaining('directory.unreachable')]);
    expect(readFileSync(snapshot).equals(before)).toBe(true);
    const secret = await withCredentials('snapshot', estate.file, '--attribute', 'userPassword', '-o', snapshot);
    expect([secret.code, secret.stderr]).toEqual([1, expect.stringContaining('snapshot.secret-attribute')]);
  });
});

type PlanReport = Extract<Report, { readonly command: 'plan' | 'check' | 'drift' }>;

function readable(ran: Ran): PlanReport {
  const report: Report = JSON.parse(ran.stdout);
  if (report.command === 'plan' || report.command === 'check') return report;
  throw new Error(ran.stdout + ran.stderr);
}

/** What a host's masked file changes of a plan: the digest of that file, and of the plan. Times are those of the reading. */
function withoutMasked({ digest: _, steps, findings, ...plan }: PlanReport['plan']) {
  // Who has a calendar on CS6 is not in a snapshot that was taken without calendars: it is "not known" then. Records of hosts are in none.
  const different = ['plan.moves-back', 'records.off'];
  return {
    ...plan,
    findings: findings.map(one => (different.includes(one.code) ? { ...one, detail: '' } : one)),
    steps: steps.map(step => ({
      ...step,
      ...(step.kind === 'cs6-ics-conf' && { basis: '' }),
      changes: step.changes.map(({ reason, ...change }) =>
        change.moves === 'cs7->cs6' || reason === undefined ? change : { ...change, reason },
      ),
    })),
  };
}
