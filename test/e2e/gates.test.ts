import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import type { JournalLine } from '../../src/ports/journal.ts';
import type { Replaced } from '../estate/offline.ts';
import { type Estate, icsConf, runningCs6, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, reportOf, runs } from './cli.ts';

/** Gates on real servers: free/busy is asked on the way, and what fails there holds up the rest. */
let estate: Estate;

/** Her calendar is not named like her address: CS6 needs its settings to find it. */
const probes = '{ cs6: [gracie@example.com], cs7: [jdoe@example.com] }';

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 40, groups: 2, resources: 2 });
  const { url, adminDn, adminPassword } = estate.directory;
  const grace = 'uid=grace.okafor,ou=People,o=example.com,o=isp';
  const input = `dn: ${grace}\nchangetype: modify\nreplace: mail\nmail: gracie@example.com\n`;
  execFileSync('ldapmodify', ['-x', '-H', url, '-D', adminDn, '-w', adminPassword], { input, stdio: 'pipe' });
});
afterAll(async () => estate?.stop());

/** The estate file with gates, a share of the cohort finance, and further settings of CS6. */
function file(gates: string, share: string, settings = 'example.com'): string {
  const path = join(estate.folder, 'gated.yaml');
  const text = readFileSync(estate.file, 'utf8')
    .replace('finance: { ', `finance: { wave: ${share}, `)
    .replace('  platform: solaris-sparc\n', `$&  settings: { service.defaultdomain: ${settings} }\n`);
  writeFileSync(path, `${text}\nverify: { probes: ${probes}, gates: ${gates} }\n`);
  return path;
}

async function apply(path: string, more: Replaced = {}): Promise<Ran> {
  return reconcile(['apply', path, '--yes', '--format', 'json'], estate.environment, more);
}

function statesOf(ran: Ran, id: string): readonly string[] {
  const report = reportOf(ran);
  if (!('run' in report)) throw new Error(ran.stdout + ran.stderr);
  return report.run?.steps.find(step => step.id === id)?.results.map(({ state }) => state) ?? [];
}

/** The gates of the last run, as its record has them. */
function gates(): readonly Extract<JournalLine, { line: 'gate' }>[] {
  const last =
    readdirSync(runs)
      .filter(name => name.endsWith('.jsonl'))
      .sort()
      .at(-1) ?? '';
  const lines: readonly JournalLine[] = readFileSync(join(runs, last), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  return lines.filter(line => line.line === 'gate');
}

const read = (host: string) => readFileSync(estate.pathOf(host, icsConf), 'latin1');

describe('the first apply', () => {
  it('goes through: a gate does not demand what is not built yet', async () => {
    const ran = await apply(file('{ moves: 1, wait: 0s }', '0%'));
    expect([ran.code, ran.stderr]).toEqual([0, expect.anything()]);
    expect(gates().map(({ step, when, open }) => `${step} ${when} ${open}`)).toEqual([
      'cs6-fe1/cs6-service before true',
      'cs6-fe1/cs6-service after true',
      'cs6-be1/cs6-service before true',
      'cs6-be1/cs6-service after true',
      'directory/ldap-cohort before true',
      'directory/ldap-cohort after true',
      'directory/ldap-cohort after true',
      'cs7-fe1/cs7-service before true',
      'cs7-fe1/cs7-service after true',
    ]);
  });

  it('asked nothing that makes calendars', () => {
    expect(readFileSync(estate.pathOf('cs6-fe1', '/var/opt/SUNWics5/csdb/calendars.json'), 'utf8')).not.toContain(
      'jdoe',
    );
  });
});

describe('a restart after which free/busy fails', () => {
  it('stops before the next host, and the record says who was asked', async () => {
    const untouched = read('cs6-be1');
    const ran = await apply(file('{ wait: 0s }', '0%', 'wrong.example'));
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('verify.gate-closed');
    expect(statesOf(ran, 'cs6-fe1/cs6-service')).toEqual(['done']);
    expect(statesOf(ran, 'cs6-be1/cs6-ics-conf')).toEqual(['not-run']);
    expect(read('cs6-be1')).toBe(untouched);
    expect(gates().at(-1)).toMatchObject({
      step: 'cs6-fe1/cs6-service',
      open: false,
      failing: [expect.stringMatching(/cs6 -> cs6 through cs6-fe1, gracie@example\.com/), expect.anything()],
    });
  });

  it('is mended by another apply, whose gates see that it is', async () => {
    const ran = await apply(file('{ wait: 0s }', '0%'));
    expect(ran.code).toBe(0);
    expect(runningCs6(estate, 'cs6-fe1')['service.defaultdomain']).toBe('example.com');
  });

  it('gives the host its old configuration where the file says so', async () => {
    const before = [read('cs6-fe1'), read('cs6-be1')];
    const ran = await apply(file('{ wait: 0s, onFailure: undo }', '0%', 'wrong.example'));
    expect(ran.code).toBe(1);
    expect(statesOf(ran, 'cs6-fe1/cs6-ics-conf')).toEqual(['taken-back']);
    expect([read('cs6-fe1'), read('cs6-be1')]).toEqual(before);
    expect(runningCs6(estate, 'cs6-fe1')['service.defaultdomain']).toBe('example.com');
  });
});

/** Does something right after so many accounts were written. */
function afterModifies(count: number, action: () => void): Replaced {
  let modifies = 0;
  return {
    connections: {
      toWrite: async (desired, variables) => {
        const connection = connect(desired, variables);
        const directory = connection.ports.directory();
        return {
          ...connection,
          ports: {
            ...connection.ports,
            directory: () => ({
              server: () => directory.server(),
              ...{ password: () => directory.password(), schema: () => directory.schema() },
              search: query => directory.search(query),
              wouldModify: (dn, attributes) => directory.wouldModify(dn, attributes),
              modify: async (dn, modifications) => {
                const result = await directory.modify(dn, modifications);
                modifies += 1;
                if (modifies === count) action();
                return result;
              },
            }),
          },
        };
      },
    },
  };
}

const container = (what: 'start' | 'stop') =>
  estate.on('cs7-fe1', `/opt/glassfish3/bin/asadmin ${what}-domain domain1`);

describe('a wave of seven accounts, three at a time', () => {
  it('takes back the batch after which CS7 does not answer', async () => {
    const ran = await apply(
      file('{ moves: 3, wait: 0s, onFailure: undo }', '100%'),
      afterModifies(4, () => container('stop')),
    );
    container('start');
    expect(ran.code).toBe(1);
    expect(statesOf(ran, 'directory/ldap-cohort').toSorted()).toEqual([
      ...['done', 'done', 'done', 'not-run', 'taken-back', 'taken-back', 'taken-back'],
    ]);
  });

  it('leaves it where the file says stop, and begins no other', async () => {
    const ran = await apply(
      file('{ moves: 3, wait: 0s }', '100%'),
      afterModifies(1, () => container('stop')),
    );
    container('start');
    expect(ran.code).toBe(1);
    expect(statesOf(ran, 'directory/ldap-cohort').toSorted()).toEqual(['done', 'done', 'done', 'not-run']);
  });

  it('goes through when all is well, from where it was', async () => {
    const ran = await apply(file('{ moves: 3, wait: 0s }', '100%'));
    expect([ran.code, statesOf(ran, 'directory/ldap-cohort')]).toEqual([0, ['done']]);
    expect(gates().at(-1)).toMatchObject({ when: 'after', open: true, moved: [expect.stringContaining('uid=')] });
  });
});

describe('an estate of its own, without probe accounts in the file', () => {
  it('goes through, and whom to ask about is chosen as soon as there is somebody', async () => {
    const other = await startEstate({ cs6: 1, cs7: 1, users: 40, groups: 2, resources: 2 });
    try {
      const path = join(other.folder, 'gated.yaml');
      writeFileSync(path, `${readFileSync(other.file, 'utf8')}\nverify: { gates: { wait: 0s } }\n`);
      const ran = await reconcile(['apply', path, '--yes'], other.environment);
      expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('Read again: in sync.')]);
      const asked = gates().at(-1)?.asked;
      expect(asked).toContainEqual(expect.objectContaining({ from: 'cs7', to: 'cs7', state: 'works' }));
      expect(asked).toContainEqual(expect.objectContaining({ from: 'cs7', to: 'cs6', state: 'works' }));
    } finally {
      await other.stop();
    }
  });
});
