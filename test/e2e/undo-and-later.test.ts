import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { reconcile, reportOf, runs } from './cli.ts';

/** Several runs taken back as one plan, on real sshd and slapd. */
let estate: Estate;
let folder: string;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30 });
  folder = mkdtempSync(join(tmpdir(), 'reconcile-undo-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await estate?.stop();
});

const run = (...words: readonly string[]) => reconcile([...words, '--runs', runs], estate.environment);

/** The estate file with settings of CS6. */
function wanting(name: string, settings: string, ...more: readonly (readonly [string, string])[]): string {
  const platform = '  platform: solaris-sparc\n';
  const path = join(folder, `${name}.yaml`);
  const text = readFileSync(estate.file, 'utf8').replace(platform, `${platform}  settings: { ${settings} }\n`);
  writeFileSync(
    path,
    more.reduce((all, [from, to]) => all.replace(from, to), text),
  );
  return path;
}

function lastRun(): string {
  const names = readdirSync(runs).filter(name => name.endsWith('.jsonl'));
  return names.sort().at(-1)?.replace('.jsonl', '') ?? 'none';
}

async function applied(...words: readonly string[]): Promise<string> {
  const ran = await run('apply', ...words, '--yes');
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  return lastRun();
}

const conf = (host = 'cs6-fe1') => readFileSync(estate.pathOf(host, icsConf), 'utf8');
const settingOf = (key: string) =>
  [...conf().matchAll(new RegExp(`^${key.replaceAll('.', '\\.')}\\s*=\\s*"(.*)"`, 'gm'))].at(-1)?.[1];

function accounts(): string {
  const { url, adminDn, adminPassword } = estate.directory;
  const bind = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', url, '-D', adminDn, '-w', adminPassword];
  const attributes = ['davStore', 'davUniqueId', 'objectClass'];
  return execFileSync('ldapsearch', [...bind, '-b', 'o=isp', '(objectClass=*)', ...attributes], { encoding: 'utf8' });
}
const state = () => ({ accounts: accounts(), fe1: conf(), be1: conf('cs6-be1') });

/** From here on only this machine has the records: what hosts keep of runs is gone. */
function forgetOnHosts(): void {
  for (const host of ['cs6-fe1', 'cs6-be1']) estate.on(host, `rm -rf $HOME/.reconcile/${host}/runs`);
}

it('everything since a run, byte for byte, as one run', async () => {
  const before = state();
  const first = await applied(wanting('one', 'service.http.idletimeout: "120", only.once: "yes"'));
  const everyone = ['server: cs6, members: rest', 'server: cs7, store: defaultbackend, members: rest'] as const;
  const second = await applied(
    wanting('two', 'service.http.idletimeout: "240"', everyone, ['moves: 25%', 'moves: 100%']),
  );
  expect([settingOf('service.http.idletimeout'), settingOf('only.once')]).toEqual(['240', 'yes']);

  const alone = await run('undo', first, estate.file, '--yes');
  expect([alone.code, alone.stdout]).toEqual([3, expect.stringContaining('undo.built-on')]);
  const known = readdirSync(runs).length;
  const ran = await run('undo', first, estate.file, '--and-later', '--yes', '--format', 'json');
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  const { plan } = reportOf(ran);
  expect([plan.undoes, plan.andLater, readdirSync(runs).length - known]).toEqual([first, [second], 2]);
  expect(state()).toEqual(before);
  const listed = plan.findings.find(({ code }) => code === 'undo.several-runs');
  expect(listed?.detail).toContain(`    ${second}\n    ${first}`);
  const [head = ''] = readFileSync(join(runs, `${lastRun()}.jsonl`), 'utf8').split('\n');
  expect(JSON.parse(head).undoes).toEqual([first, second]);

  const again = await run('undo', second, estate.file, '--and-later', '--yes');
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('undo.of-an-undo')]);
});

it('settings alone where a person edited the file in between, and not what was changed after', async () => {
  const before = state();
  const first = await applied(wanting('one', 'service.http.idletimeout: "120", only.once: "yes", kept.key: "a"'));
  appendFileSync(estate.pathOf('cs6-fe1', icsConf), '! a note of an administrator\n');
  await applied(wanting('two', 'service.http.idletimeout: "240"'));
  const last = await applied(wanting('three', 'service.http.idletimeout: "360"'));
  const undone = await run('undo', last, estate.file, '--yes');
  expect(undone.code, undone.stdout + undone.stderr).toBe(0);
  expect(settingOf('service.http.idletimeout')).toBe('240');
  appendFileSync(estate.pathOf('cs6-fe1', icsConf), 'kept.key = "by hand"\n');

  const ran = await run('undo', first, estate.file, '--and-later', '--yes');
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('undo.moved-on')]);
  expect(ran.stdout).toContain('kept.key: the live value is no longer the one that the run wrote');
  expect(conf()).toContain('! a note of an administrator\n');
  expect(settingOf('kept.key')).toBe('by hand');
  expect(settingOf('only.once')).toBeUndefined();
  expect(settingOf('service.http.idletimeout')).not.toBe('240');
  expect([accounts(), conf('cs6-be1')]).toEqual([before.accounts, before.be1]);
});

it('nothing where it is not known what one of them wrote, or a host is gone', async () => {
  const first = await applied(wanting('one', 'service.http.idletimeout: "120"'));
  const second = await applied(wanting('two', 'service.http.idletimeout: "240"'));
  const before = state();
  const gone = join(folder, 'gone.yaml');
  const text = readFileSync(estate.file, 'utf8');
  writeFileSync(gone, text.replaceAll('cs6-be1', 'cs6-other'));
  const refused = await run('undo', first, gone, '--and-later', '--yes');
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('undo.host-gone')]);

  const plan = join(runs, `${second}.plan.json`);
  const kept = readFileSync(plan, 'utf8');
  forgetOnHosts();
  writeFileSync(plan, kept.replace('"240"', '"241"'));
  const ran = await run('undo', first, estate.file, '--and-later', '--yes');
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('undo.runs-unknown')]);
  expect(ran.stderr).toContain(second);
  writeFileSync(plan, kept);
  expect(state()).toEqual(before);

  const part = await run('undo', first, estate.file, '--and-later', '--only', 'cs6-be1', '--yes');
  expect([part.code, part.stdout]).toEqual([3, expect.stringContaining('undo.built-on')]);
  const all = await run('undo', first, estate.file, '--and-later', '--yes');
  expect(all.code, all.stdout + all.stderr).toBe(0);
});
