import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Terminal } from '../../src/cli/environment.ts';
import type { ImportReport } from '../../src/core/import-report.ts';
import { davadminPassword } from '../../src/lab/lay-rehearsal.ts';
import type { Replaced } from '../estate/offline.ts';
import { importErrors } from '../report/official-schemas.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, reportOf } from './cli.ts';

let estate: Estate;
let folder: string;
beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30, groups: 3, resources: 2 });
  folder = mkdtempSync(join(tmpdir(), 'reconcile-import-'));
}, 60_000);
afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

const hostsOf = (side: string) =>
  [...estate.ssh.hosts].flatMap(([name, { address, port }]) =>
    name.startsWith(side) ? [`root@${address}:${port}`] : [],
  );

/** How the hosts of this test are reached, which ~/.ssh/config says elsewhere. */
const reaching = () => [
  ...['--set', 'ssh.config=none'],
  ...['--set', `ssh.knownHosts=${estate.ssh.knownHosts}`],
  ...['--set', `ssh.identity=${estate.ssh.identity}`],
];

const hosts = () => ['--cs6', hostsOf('cs6').join(','), '--cs7', hostsOf('cs7').join(','), ...reaching()];

const directory = () => {
  const { url, bindDn } = estate.directory;
  return ['--ldap', url, '--bind-dn', bindDn, '--password-env', 'LDAP_PASSWORD'];
};

const routes = () => ['--map', 'example.com=cs6-1', '--set', `cs7.hosts.cs7-1.http=${estate.urlOf('cs7-fe1')}`];

/** Imports into a folder of its own. */
async function importTo(name: string, words: readonly string[], more: Replaced = {}): Promise<Ran & { file: string }> {
  const file = join(folder, name, 'estate.yaml');
  mkdirSync(join(folder, name), { recursive: true });
  const ran = await reconcile(['import', '-o', file, ...words], { ...estate.environment, COLUMNS: '80' }, more);
  expect(ran.stdout + ran.stderr).not.toContain(estate.directory.password);
  expect(ran.stdout + ran.stderr).not.toContain(davadminPassword);
  return { ...ran, file };
}

const filesIn = (name: string) => readdirSync(join(folder, name)).toSorted();

/** A person who answers one question after another, and what was asked. */
function personWho(answers: readonly string[]): { readonly terminal: Partial<Terminal>; asked(): number } {
  const left = [...answers];
  let asked = 0;
  return {
    asked: () => asked,
    terminal: {
      ask: async () => {
        asked++;
        const answer = left.shift();
        if (answer === undefined) throw new Error('one question too many');
        return answer;
      },
    },
  };
}

describe('without a terminal', () => {
  it('says all that is missing at once, each with its option, and writes nothing', async () => {
    const ran = await importTo('missing', []);
    expect(ran.code).toBe(3);
    for (const option of [
      '--cs6 CS6-HOST',
      '--cs7 CS7-HOST',
      '--ldap ',
      '--bind-dn BIND-DN',
      '--password-env LDAP_PASSWORD',
    ])
      expect(ran.stdout).toContain(`    ${option}`);
    expect(ran.stdout).toContain('5 things to decide');
    expect(filesIn('missing')).toEqual([]);
  });

  it('suggests what the hosts say, and the printed command is one that works', async () => {
    const ran = await importTo('suggested', [...hosts(), ...routes(), '--format', 'json']);
    expect(ran.code).toBe(3);
    expect(importErrors(ran.stdout)).toEqual([]);
    const { choices, again }: ImportReport = JSON.parse(ran.stdout);
    expect(choices.map(({ key }) => key)).toEqual(['directory.url', 'directory.bindDn', 'directory.password']);
    expect(choices[0]?.candidates).toHaveLength(2);
    expect(again?.line).toContain(' --set ssh.config=none ');
    expect(again?.line).toContain(' --bind-dn BIND-DN ');
  });

  it('writes a file that is proved, and that says the same to every other command', async () => {
    const ran = await importTo('whole', [...hosts(), ...directory(), ...routes(), '--coverage']);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toMatch(/\nIn sync, except for \d+ changes that coexistence needs\.\n/);
    expect(ran.stdout.split('\n').filter(line => line.length > 80 && !line.startsWith('    '))).toEqual([]);
    expect(filesIn('whole')).toEqual(['estate.schema.json', 'estate.yaml']);
    const text = readFileSync(ran.file, 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./estate.schema.json');
    const checked = await reconcile(['check', ran.file, '--format', 'json'], estate.environment);
    expect(checked.code).toBe(2);
    const { plan } = reportOf(checked);
    const again = await importTo('whole-again', [...hosts(), ...directory(), ...routes(), '--format', 'json']);
    expect(importErrors(again.stdout)).toEqual([]);
    expect(readFileSync(again.file, 'utf8')).toBe(text);
    const report: ImportReport = JSON.parse(again.stdout);
    expect(report.proof?.plan.steps).toEqual(JSON.parse(JSON.stringify(plan.steps)).map(expectAnySource));
    expect(report.proof).toMatchObject({ asked: 0, unexpressed: 0 });
    expect(report.coverage.map(({ target }) => target)).toEqual(['cs6-1', 'cs6-2', 'cs7-1', 'directory']);
  }, 60_000);

  it('never overwrites unasked, and looks at the folder before anything else', async () => {
    mkdirSync(join(folder, 'kept'));
    writeFileSync(join(folder, 'kept', 'estate.yaml'), 'mine\n');
    const ran = await importTo('kept', []);
    expect([ran.code, ran.stdout]).toEqual([3, expect.stringContaining('--overwrite')]);
    expect(readFileSync(ran.file, 'utf8')).toBe('mine\n');
    chmodSync(ran.file, 0o640);
    const replaced = await importTo('kept', [...hosts(), ...directory(), ...routes(), '--overwrite']);
    expect(replaced.code).toBe(2);
    expect(readFileSync(ran.file, 'utf8')).toContain('freeBusyRedirect: cs7-1');
    const nowhere = await reconcile(['import', '-o', join(folder, 'no', 'estate.yaml')], {});
    expect([nowhere.code, nowhere.stdout]).toEqual([1, expect.stringContaining('file.unwritable')]);
  }, 30_000);

  it('says every obstacle with its remedy, and writes nothing', async () => {
    const [first = ''] = hostsOf('cs6');
    const words = ['--cs6', `${first},root@127.0.0.1:1`, '--cs7', hostsOf('cs7').join(','), ...reaching()];
    const ran = await importTo('away', [...words, ...directory(), ...routes()]);
    expect(ran.code).toBe(4);
    expect(ran.stdout).toMatch(/cs6-2 {2}fails\n {2}fails {8}port /);
    expect(ran.stdout).toContain('Not everything could be read: cs6-2.');
    expect(filesIn('away')).toEqual([]);
    const unknown = await importTo('unknown', [
      ...words.slice(0, 4),
      '--set',
      `ssh.identity=${estate.ssh.identity}`,
      '--set',
      'ssh.knownHosts=/dev/null',
    ]);
    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toMatch(/\n +ssh -o UserKnownHostsFile=\/dev\/null -p \d+ root@127\.\S+ true\n/);
  });

  it('refuses what cannot be right before it connects', async () => {
    const words = [
      '--cs6',
      'a;b',
      '--cs7',
      'ok',
      '--set',
      'cs6.plattform=redhat',
      '--ldap',
      'http://x',
      '--bind-dn',
      'nobody',
    ];
    const ran = await importTo('wrong', [...words, '--set', 'directory.password=geheim', '--password-env', 'NO_SUCH']);
    expect(ran.code).toBe(1);
    for (const text of [
      '"a;b" is not a host',
      'Did you mean "platform"?',
      '"http://x" is not',
      'is not a DN',
      'NO_SUCH is not set',
    ])
      expect(ran.stdout).toContain(text);
    expect(ran.stdout).toContain('import.literal-secret');
    expect(ran.stdout).not.toContain('geheim');
    const redirect = await importTo('wrong', [...hosts(), '--redirect', 'cs7-2', '--map', 'x']);
    expect(redirect.stdout).toContain('Did you mean "cs7-1"?');
    expect(redirect.stdout).toContain('--map takes DOMAIN=HOST');
  });
});

describe('at a terminal', () => {
  it('asks for what is missing, at most eight times, and again where an answer cannot be right', async () => {
    const { url, bindDn } = estate.directory;
    const wrong = ['a;b', '', 'geheim', 'env:NO_SUCH', 'cs6-3'];
    const answers = [
      ...[wrong[0] ?? '', hostsOf('cs6').join(', '), wrong[1] ?? '', hostsOf('cs7').join(' ')],
      ...[url, bindDn, wrong[2] ?? '', wrong[3] ?? '', ''],
      ...['cs6-3', '2'],
    ];
    const person = personWho(answers);
    const ran = await importTo('asked', [...reaching(), ...routes().slice(2), '--format', 'json'], {
      terminal: person.terminal,
    });
    expect(ran.code).toBe(2);
    const report: ImportReport = JSON.parse(ran.stdout);
    expect(importErrors(ran.stdout)).toEqual([]);
    expect(report.questions).toBeLessThanOrEqual(8);
    expect(person.asked()).toBe(report.questions + wrong.length);
    expect(ran.stderr).toContain('NO_SUCH is not set');
    expect(ran.stderr).not.toContain('geheim');
    expect(readFileSync(ran.file, 'utf8')).toContain('    cs6: cs6-2\n');
  }, 30_000);

  it('writes nothing where the person goes away, and prints a command with the answers where something is unread', async () => {
    const gone = importTo('gone', reaching(), { terminal: { ask: () => Promise.reject(new Error('gone')) } });
    await expect(gone).rejects.toThrow('gone');
    expect(existsSync(join(folder, 'gone', 'estate.yaml'))).toBe(false);
    const person = personWho(['root@127.0.0.1:1', hostsOf('cs7').join(' ')]);
    const ran = await importTo('unread', reaching(), { terminal: person.terminal });
    expect(ran.code).toBe(4);
    expect(ran.stdout).toContain('The whole command with your answers:\n    reconcile import -o ');
    expect(ran.stdout).toContain(' --cs6 root@127.0.0.1:1 ');
  });
});

describe('once it was applied', () => {
  it('planning what is there is empty', async () => {
    const file = join(folder, 'whole', 'estate.yaml');
    const applied = await reconcile(['apply', file, '--yes'], estate.environment);
    expect([applied.code, applied.stderr]).toEqual([0, '']);
    const ran = await importTo('after', [...hosts(), ...directory()]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/\nIn sync\.\n/);
  }, 120_000);
});

/** The place of a line differs with the folder. */
function expectAnySource(step: { readonly changes: readonly object[] }) {
  const changes = step.changes.map(change => ('source' in change ? { ...change, source: expect.anything() } : change));
  return { ...step, changes };
}
