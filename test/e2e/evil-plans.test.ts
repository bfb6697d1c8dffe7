import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import { canonicalJson, sha256 } from '../../src/core/canonical.ts';
import type { Change } from '../../src/core/change.ts';
import type { Plan, Step } from '../../src/core/plan.ts';
import { unconnected } from '../estate/offline.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, runs } from './cli.ts';

/** Plans and records that somebody forged: nothing of them runs here, reaches anything, or writes what the files do not manage. */
let estate: Estate;
let plan: Plan;
let planFile: string;
let proof: string;

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 20 });
  planFile = join(estate.folder, 'plan.json');
  proof = join(estate.folder, 'it-ran');
  const planned = await reconcile(['plan', estate.file, '-o', planFile], estate.environment);
  expect(planned.code, planned.stderr).toBe(2);
  plan = JSON.parse(readFileSync(planFile, 'utf8'));
});
afterAll(async () => estate?.stop());

/** A plan as somebody would forge it: with the digest that fits. */
function forge(change: (whole: Record<string, unknown>) => void): string {
  const { digest: _, ...whole } = JSON.parse(JSON.stringify(plan));
  change(whole);
  const file = join(estate.folder, 'evil.json');
  writeFileSync(file, JSON.stringify({ ...whole, digest: sha256(canonicalJson(whole)) }));
  return file;
}

const forged = (more: Partial<Plan>) => forge(whole => Object.assign(whole, more));

const withStep = (kind: string, change: (step: Step) => Step) =>
  forged({ steps: plan.steps.map(step => (step.kind === kind ? change(step) : step)) });

function apply(file: string, ...words: readonly string[]): Promise<Ran> {
  return reconcile(['apply', file, '-f', estate.file, ...words], estate.environment, unconnected);
}

/** What connects, runs or reads, at each place where the wanted state has it. */
const orders = (): readonly (readonly [string, (desired: Record<string, never>) => void])[] => {
  const command = { command: ['touch', proof] };
  return [
    ['a password by a command', desired => Object.assign(desired['directory'] ?? {}, { password: command })],
    ['another identity', desired => Object.assign(desired['directory'] ?? {}, { bindDn: 'cn=admin,o=isp' })],
    ['an authority', desired => Object.assign(desired['directory'] ?? {}, { ca: '/tmp/ca.pem' })],
    [
      'a passphrase by a command',
      desired => Object.assign(desired['hosts']?.[0]?.['access'] ?? {}, { passphrase: command }),
    ],
    [
      'host keys',
      desired => Object.assign(desired['hosts']?.[1]?.['access'] ?? {}, { knownHosts: '/tmp/known_hosts' }),
    ],
    ['a file', desired => Object.assign(desired['hosts']?.[0] ?? {}, { config: ['/etc/passwd'] })],
    ['a program', desired => Object.assign(desired['hosts']?.[0] ?? {}, { sbin: ['/tmp/evil'] })],
    ['a home', desired => Object.assign(desired['hosts']?.[1] ?? {}, { home: ['/tmp/evil'] })],
    ['a container', desired => Object.assign(desired['hosts']?.[1] ?? {}, { container: { bin: ['/tmp/evil'] } })],
    [
      'signers',
      desired => Object.assign(desired['policy'] ?? {}, { signatures: { required: 1, signers: '/tmp/own' } }),
    ],
  ];
};

describe('a saved plan', () => {
  it('holds nothing that says how to connect', () => {
    const said = JSON.stringify(plan.desired);
    const { identity, knownHosts } = estate.ssh;
    for (const word of [
      identity,
      knownHosts,
      'LDAP_PASSWORD',
      estate.directory.bindDn,
      'passwordFile',
      '/opt/SUNWics5',
    ])
      expect(said).not.toContain(word);
  });

  it.each(orders().map(([name]) => name))('with %s in it is none', async name => {
    const [, change] = orders().find(([one]) => one === name) ?? [];
    const file = forge(whole => change?.(whole['desired'] as Record<string, never>));
    const ran = await apply(file);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('plan.unknown-format')]);
    expect(existsSync(proof)).toBe(false);
  });

  it.each<[string, () => string, string, string]>([
    [
      'of other wishes',
      () =>
        forge(whole => Object.assign(whole['desired'] as object, { limits: { ...plan.desired.limits, deletes: 9 } })),
      'plan.other-files',
      'limits.deletes',
    ],
    [
      'that claims to be of these files',
      () => forged({ desired: { ...plan.desired, cohorts: plan.desired.cohorts.slice(1) } }),
      'plan.other-files',
      'cohorts.pilot.store',
    ],
    ['of another digest', () => forged({ desiredSha256: 'a'.repeat(64) }), 'plan.other-files', ''],
    ['that takes a run back', () => forged({ direction: 'undo', undoes: 'x' }), 'plan.is-undo', 'reconcile undo x'],
    [
      'of tomorrow',
      () => forged({ readAt: new Date(Date.now() + 86_400_000).toISOString() }),
      'plan.from-the-future',
      '5 minutes',
    ],
    ['that never expires', () => forged({ expiresAt: '2099-01-01T00:00:00.000Z' }), 'plan.expired', ''],
    [
      'of another attribute',
      () => withStep('ldap-cohort', step => ({ ...step, changes: changed(step, { key: 'userPassword' }) })),
      'plan.stray-step',
      'userPassword of uid=',
    ],
    [
      'of an entry elsewhere',
      () => withStep('ldap-cohort', step => ({ ...step, changes: changed(step, { item: 'cn=config' }) })),
      'plan.stray-step',
      'davStore of cn=config',
    ],
    [
      'of another setting',
      () => withStep('cs6-ics-conf', step => ({ ...step, changes: changed(step, { key: 'local.user' }) })),
      'plan.stray-step',
      'local.user',
    ],
    [
      'of another option',
      () => withStep('cs7-davadmin', step => ({ ...step, changes: changed(step, { key: 'base.evil' }) })),
      'plan.stray-step',
      'base.evil',
    ],
    [
      'of another program',
      () => withStep('cs6-service', step => ({ ...step, changes: changed(step, { item: 'sh -c evil' }) })),
      'plan.stray-step',
      'sh -c evil',
    ],
    ['of an unknown kind', () => withStep('cs6-service', step => ({ ...step, kind: 'shell' })), 'plan.stray-step', ''],
    [
      'that puts a file back',
      () => withStep('cs6-ics-conf', step => ({ ...step, restore: [restoreOf('/etc/passwd')] })),
      'plan.stray-step',
      '/etc/passwd',
    ],
  ])('%s is refused before anything is connected to', async (_, file, code, says) => {
    const ran = await apply(file());
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining(code)]);
    expect(ran.stderr).toContain(says);
    expect((await apply(file(), '--yes')).code).toBe(3);
  });

  it('needs the files it was made of, which are looked for as ever', async () => {
    const ran = await reconcile(['apply', planFile], estate.environment, unconnected);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('There is no estate.yaml in this folder')]);
    const other = join(estate.folder, 'other.yaml');
    writeFileSync(other, readFileSync(estate.file, 'utf8').replace('limits: { moves: 25% }', 'limits: { moves: 26% }'));
    const refused = await reconcile(['apply', planFile, other, '--yes'], estate.environment, unconnected);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('limits.moves.percent')]);
  });

  it('has its signatures looked at before the files are, where the command line names the signers', async () => {
    const signers = join(estate.folder, 'allowed_signers');
    writeFileSync(signers, '');
    const words = ['apply', forged({}), '-f', '/nowhere/estate.yaml', '--signers', signers];
    const ran = await reconcile(words, estate.environment, unconnected);
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('plan.signatures-missing')]);
  });
});

function changed({ changes }: Step, more: Partial<Change>): readonly Change[] {
  return changes.map((change, i) => (i === 0 ? { ...change, ...more } : change));
}

function restoreOf(path: string) {
  return { path, written: 'a'.repeat(64), backup: `${path}.reconcile-1`, original: 'b'.repeat(64) };
}

describe('the record of a run', () => {
  let name: string;
  let folder: string;

  beforeAll(async () => {
    const applied = await reconcile(['apply', planFile, '-f', estate.file, '--yes'], estate.environment);
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    name =
      readdirSync(runs)
        .find(one => one.endsWith('.jsonl'))
        ?.replace('.jsonl', '') ?? '';
    folder = mkdtempSync(join(estate.folder, 'forged-'));
  });

  const record = () => readFileSync(join(runs, `${name}.jsonl`), 'utf8');
  const kept = () => readFileSync(join(runs, `${name}.plan.json`), 'utf8');

  function undo(recordText: string, planText: string): Promise<Ran> {
    writeFileSync(join(folder, `${name}.jsonl`), recordText);
    writeFileSync(join(folder, `${name}.plan.json`), planText);
    // The records of hosts are read, and nothing else is asked.
    const never = () => {
      throw new Error('more than the records was asked for');
    };
    const toWrite = async (...to: Parameters<typeof connect>) => {
      const { ports, close } = connect(...to);
      return { ports: { ...ports, host: never, directory: never }, close };
    };
    const connections = { ...unconnected.connections, toWrite };
    return reconcile(['undo', name, estate.file, '--runs', folder, '--yes'], estate.environment, { connections });
  }

  it('is connected to as the files say, and no part of it says how', () => {
    expect(kept()).not.toContain('LDAP_PASSWORD');
    expect(JSON.parse(kept()).desired.hosts[0].access).toEqual({
      address: expect.any(String),
      port: expect.any(Number),
    });
  });

  it('puts no other file back, and changes no other attribute', async () => {
    const forgedRecord = record().replaceAll(`"${icsConf}`, '"/etc/passwd');
    expect(forgedRecord).not.toBe(record());
    const file = await undo(forgedRecord, kept());
    expect([file.code, file.stderr]).toEqual([3, expect.stringContaining('/etc/passwd')]);
    const step = (one: Step) =>
      one.kind === 'ldap-cohort' ? { ...one, changes: changed(one, { key: 'userPassword' }) } : one;
    plan = JSON.parse(kept());
    const attribute = await undo(record(), readFileSync(forged({ steps: plan.steps.map(step) }), 'utf8'));
    expect([attribute.code, attribute.stderr]).toEqual([3, expect.stringContaining('userPassword of')]);
    const classes = { ...plan.desired.directory, localUser: { attribute: 'userPassword', objectClass: 'person' } };
    const text = readFileSync(forged({ desired: { ...plan.desired, directory: classes } }), 'utf8');
    const directory = await undo(record(), text);
    expect([directory.code, directory.stderr]).toEqual([3, expect.stringContaining('undo.other-directory')]);
  });
});
