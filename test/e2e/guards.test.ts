import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSignatureCheck } from '../../src/adapters/local/verify-signature.ts';
import type { Plan } from '../../src/core/plan.ts';
import { type Replaced, unconnected } from '../estate/offline.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, reportOf, runs } from './cli.ts';

/** What has to be allowed by number, be in time, or be signed: on real sshd and slapd, with the system's ssh-keygen. */
let estate: Estate;
let planFile: string;
let signers: string;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30 });
  planFile = join(estate.folder, 'plan.json');
  signers = join(estate.folder, 'allowed_signers');
});
afterAll(async () => estate?.stop());

const run = (words: readonly string[], more: Replaced = {}): Promise<Ran> => reconcile(words, estate.environment, more);

const at = (now: string): Replaced => ({ clock: { now: () => now } });

/** A world in which an attempt to reach a host or the directory is a failure. */

/** The estate file with lines at its end, and parts replaced. */
function variant(name: string, lines: string, change: readonly [string, string] = ['', '']): string {
  const file = join(estate.folder, name);
  writeFileSync(file, `${readFileSync(estate.file, 'utf8').replace(...change)}\n${lines}\n`);
  return file;
}

const conf = (host: string) => readFileSync(estate.pathOf(host, icsConf), 'utf8');
const drift = (...hosts: readonly string[]) => {
  for (const host of hosts) appendFileSync(estate.pathOf(host, icsConf), 'local.autoprovision = "yes"\n');
};

/** What was refused, as `--format json` says it before and after there is a plan to show. */
function refusedCodes(ran: Ran): readonly string[] {
  const said = JSON.parse(ran.stdout);
  return (said.refusals ?? said.findings).map(({ code }: { readonly code: string }) => code);
}

describe('signatures', () => {
  const keyOf = (name: string) => join(estate.folder, name);

  function makeKey(name: string, options = ''): string {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', keyOf(name)]);
    const [type, key] = readFileSync(`${keyOf(name)}.pub`, 'utf8').split(' ');
    return `${name}@example.com ${options} ${type} ${key}\n`;
  }

  const signedFile = () => join(estate.folder, 'signed.yaml');

  /** Signs with the very command that the plan printed, as somebody else. */
  function sign(command: string, name: string): string {
    const own = command.replace('~/.ssh/id_ed25519', keyOf(name));
    execFileSync('sh', ['-c', own], { env: { ...process.env, USER: name }, stdio: 'pipe' });
    return `${planFile}.${name}.sig`;
  }

  const apply = (...words: readonly string[]) =>
    run(['apply', planFile, '-f', signedFile(), '--format', 'json', '--yes', ...words], unconnected);

  it('are asked for by the policy, made with the printed command, and counted by signer', async () => {
    const late = 'valid-before="20261101Z"';
    writeFileSync(signers, `${makeKey('anna')}${makeKey('ben')}${makeKey('dora', late)}`);
    makeKey('carla');
    const file = variant('signed.yaml', 'policy: { signatures: { required: 2, signers: allowed_signers } }');
    const direct = await run(['apply', file, '--yes', '--format', 'json'], unconnected);
    expect([direct.code, refusedCodes(direct)]).toEqual([3, ['plan.needs-signatures']]);

    const planned = await run(['plan', file, '-o', planFile]);
    expect(planned.code, planned.stderr).toBe(2);
    const plan: Plan = JSON.parse(readFileSync(planFile, 'utf8'));
    expect(readFileSync(`${planFile}.digest`, 'utf8')).toBe(`${plan.digest}\n`);
    const command =
      planned.stdout
        .split('\n')
        .find(line => line.includes('ssh-keygen'))
        ?.trim() ?? '';
    expect(command).toMatch(/^ssh-keygen -Y sign -n reconcile-plan /);

    expect(await apply()).toMatchObject({ code: 3, stdout: expect.stringContaining('0 of 2 signers') });
    const anna = sign(command, 'anna');
    const one = await apply();
    expect([one.code, refusedCodes(one)]).toEqual([3, ['plan.signatures-missing']]);
    expect(one.stdout).toContain(`1 of 2 signers have signed ${planFile}: anna@example.com (${anna}).`);

    const copy = `${planFile}.anna-again.sig`;
    writeFileSync(copy, readFileSync(anna));
    expect((await apply()).stdout).toContain('1 of 2 signers');
    writeFileSync(copy, 'no signature');
    expect(refusedCodes(await apply())).toEqual(['plan.signature-bad']);

    for (const [name, says] of [
      ['carla', 'No principal matched'],
      ['dora', 'has expired'],
    ] as const) {
      const signature = sign(command, name);
      const ran = await apply('--signature', anna, '--signature', signature);
      expect([ran.code, refusedCodes(ran)], name).toEqual([3, ['plan.signature-bad']]);
      expect(ran.stdout).toContain(says);
    }
    const other = sign(command.replace('.digest', '.digest.anna-again').replace(/< \S+/, `< ${signers}`), 'ben');
    expect((await apply('--signature', anna, '--signature', other)).stdout).toContain('incorrect signature');
    const purpose = sign(command.replace('-n reconcile-plan', '-n file'), 'ben');
    expect((await apply('--signature', anna, '--signature', purpose)).stdout).toContain('namespace does not match');
    // The signature of a good key before it expired counts as of then.
    const dora = `${planFile}.dora.sig`;
    const then = await run(['apply', planFile, '--format', 'json', '--signature', dora, '--signers', signers], {
      ...unconnected,
      ...at('2026-10-01T00:00:00.000Z'),
    });
    expect(then.stdout).toContain('1 of 2 signers');
    expect(refusedCodes(then)).toEqual(['plan.from-the-future', 'plan.signatures-missing']);

    const ben = sign(command, 'ben');
    const enough = await apply('--signature', anna, '--signature', ben).catch((error: Error) => error.message);
    expect(enough).toBe('a connection was opened');
  });

  it('are asked for by the command line, whatever the plan says', async () => {
    const unsigned = join(estate.folder, 'unsigned.json');
    expect((await run(['plan', estate.file, '-o', unsigned])).code).toBe(2);
    expect(readdirSync(estate.folder)).not.toContain('unsigned.json.digest');
    const forged = (...words: readonly string[]) =>
      run(['apply', unsigned, '-f', estate.file, '--yes', '--format', 'json', ...words], unconnected);
    const ran = await forged('--signers', signers, '--require-signatures', '1');
    expect([ran.code, refusedCodes(ran)]).toEqual([3, ['plan.signatures-missing']]);
    expect(refusedCodes(await forged('--require-signatures', '1'))).toEqual(['cli.signers-missing']);
    expect(refusedCodes(await forged('--signers', `${signers}.gone`))).toEqual(['file.unreadable']);
    const pair = ['anna', 'ben'].flatMap(name => ['--signature', `${planFile}.${name}.sig`]);
    const three = await apply(...pair, '--signers', signers, '--require-signatures', '3');
    expect(three.stdout).toContain('2 of 3 signers');
    const direct = await run(['apply', estate.file, '--format', 'json', '--signers', signers], unconnected);
    expect([direct.code, refusedCodes(direct)]).toEqual([3, ['plan.needs-signatures']]);
  });

  it('are refused where ssh-keygen is missing, or too old to check them', async () => {
    const folder = join(estate.folder, 'old');
    mkdirSync(folder);
    const withPath = (path: string) => ({ ...unconnected, checkSignature: makeSignatureCheck({ PATH: path }) });
    const words = ['apply', planFile, '-f', signedFile(), '--format', 'json', '--signature', `${planFile}.anna.sig`];
    const missing = await run(words, withPath(folder));
    expect([missing.code, refusedCodes(missing)]).toEqual([3, ['plan.signature-unchecked']]);
    expect(missing.stdout).toContain('no ssh-keygen in the PATH');
    writeFileSync(join(folder, 'ssh-keygen'), '#!/bin/sh\necho "ssh-keygen: illegal option -- Y" >&2\nexit 1\n');
    chmodSync(join(folder, 'ssh-keygen'), 0o755);
    expect((await run(words, withPath(folder))).stdout).toContain('OpenSSH 8.7 or later');
  });

  it('let the plan be carried out, also where a file has nothing but its connections', async () => {
    const pair = ['anna', 'ben'].flatMap(name => ['--signature', `${planFile}.${name}.sig`]);
    const connections = join(estate.folder, 'connections.yaml');
    const [text = ''] = readFileSync(estate.file, 'utf8').split('domains:');
    writeFileSync(connections, text.replace(/^ *(name|base|backends): .*\n/gm, ''));
    const words = ['apply', planFile, '--yes', ...pair, '--connections', connections];
    const unsigned = await run(words, unconnected);
    expect([unsigned.code, unsigned.stderr]).toEqual([3, expect.stringContaining('connections.unsigned')]);
    const ran = await run([...words, '--signers', signers]);
    expect([ran.code, ran.stderr], ran.stdout).toEqual([0, 'Signed by anna@example.com, ben@example.com.\n']);
    expect((await run(['--check', estate.file])).code).toBe(0);
  });
});

describe('a plan that is too old', () => {
  it('is refused before anything is connected to', async () => {
    drift('cs6-fe1');
    expect((await run(['plan', estate.file, '-o', planFile])).code).toBe(2);
    const late = at(new Date(Date.now() + 8 * 86_400_000).toISOString());
    const ran = await run(['apply', planFile, estate.file, '--yes', '--format', 'json'], { ...late, ...unconnected });
    expect([ran.code, refusedCodes(ran)]).toEqual([3, ['plan.expired']]);
  });
});

describe('a change window', () => {
  const tuesday = at('2026-11-24T09:00:00.000Z');
  const saturday = at('2026-11-28T22:00:00.000Z');
  const window = 'window: { days: [sat, sun], from: 22:00, to: 06:00, zone: Europe/Berlin }';
  const file = () => variant('windows.yaml', '', ['  platform:', `  ${window}\n  platform:`]);

  it('is a note of a plan, and refuses an apply outside of it', async () => {
    const before = conf('cs6-fe1');
    const planned = await run(['plan', file(), '-o', planFile], tuesday);
    expect([planned.code, planned.stdout]).toEqual([2, expect.stringContaining('note plan.outside-window')]);
    for (const source of [[file()], [planFile, '-f', file()]]) {
      const ran = await run(['apply', ...source, '--yes'], tuesday);
      expect([ran.code, ran.stdout.match(/(\w+) plan\.outside-window/g)]).toEqual([3, ['error plan.outside-window']]);
      expect(ran.stdout).toContain('cs6-fe1: it is Tue 2026-11-24 10:00 in Europe/Berlin');
      expect(ran.stdout).toContain('opens next on Sat 2026-11-28 22:00 in Europe/Berlin');
      expect(ran.stdout).toContain(`\n      reconcile apply ${source.join(' ')} --yes --allow-outside-window 1\n`);
    }
    const data = await run(
      ['apply', planFile, '-f', file(), '--yes', '--format', 'json', '--allow-outside-window', '0'],
      tuesday,
    );
    expect([data.code, refusedCodes(data)]).toEqual([3, ['plan.outside-window']]);
    expect(conf('cs6-fe1')).toBe(before);
  });

  it('lets the same plan through while it is open, or by number', async () => {
    const ran = await run(['apply', planFile, '-f', file(), '--yes'], saturday);
    expect([ran.code, ran.stdout.includes('plan.outside-window')], ran.stdout + ran.stderr).toEqual([0, true]);
    drift('cs6-be1');
    const allowed = await run(['apply', file(), '--yes', '--allow-outside-window', '1'], tuesday);
    expect(allowed.code, allowed.stdout + allowed.stderr).toBe(0);
  });
});

describe('the limit of restarts', () => {
  it('refuses, with the numbers, until it is allowed by number', async () => {
    drift('cs6-fe1', 'cs6-be1');
    const file = variant('restarts.yaml', '', ['limits: {', 'limits: { restarts: 1,']);
    const planned = await run(['plan', file]);
    expect([planned.code, planned.stdout]).toEqual([3, expect.stringContaining('2 of 3 hosts would be restarted')]);
    expect((await run(['plan', file, '--only', 'cs6-be1'])).code).toBe(2);
    const one = await run(['apply', file, '--yes', '--format', 'json', '--allow-restarts', '1']);
    expect([one.code, refusedCodes(one)]).toEqual([3, ['plan.too-many-restarts']]);
    expect((await run(['apply', file, '--yes', '--allow-restarts', '2'])).code).toBe(0);
  });
});

describe('accounts that have become fewer', () => {
  function removeUsers(count: number): void {
    const { url, adminDn, adminPassword } = estate.directory;
    const bind = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
    const search = ['-LLL', '-o', 'ldif-wrap=no', '-b', 'o=isp', '(objectClass=icsCalendarUser)', '1.1'];
    const found = execFileSync('ldapsearch', [...bind, ...search], { encoding: 'utf8' });
    const names = found.split('\n').flatMap(line => /^dn: (.*)/.exec(line)?.[1] ?? []);
    execFileSync('ldapdelete', [...bind, ...names.slice(-count)]);
  }

  it('refuse plan, check and apply where there are records, until the very number is named', async () => {
    const here = ['--runs', runs];
    expect((await run(['--check', estate.file, ...here])).code).toBe(0);
    removeUsers(15);
    // A machine without records of its own knows from the hosts.
    expect((await run(['--check', estate.file])).code).toBe(3);
    const checked = await run(['--check', estate.file, ...here, '--format', 'json']);
    const { counted } = reportOf(checked).plan.accounts;
    expect([checked.code, refusedCodes(checked)]).toEqual([3, ['plan.accounts-fell']]);
    const planned = await run(['plan', estate.file, ...here]);
    expect(planned.stdout).toContain(`The directory shows ${counted} accounts; run `);
    expect(planned.stdout).toContain(`reconcile apply --runs ${runs} -f ${estate.file} --allow-accounts ${counted}\n`);
    const wrong = await run(['apply', estate.file, ...here, '--yes', '--allow-accounts', `${counted + 15}`]);
    expect(wrong.code).toBe(3);

    // Later than the runs above, which have their names from the clock of the windows.
    const later = at('2026-12-02T09:00:00.000Z');
    const allowed = await run(['apply', estate.file, ...here, '--yes', '--allow-accounts', `${counted}`], later);
    expect(allowed.code, allowed.stdout).toBe(0);
    // Although nothing was to be done it is recorded, and so not asked again.
    expect((await run(['--check', estate.file, ...here], later)).code).toBe(0);
  });
});
