import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unconnected } from '../estate/offline.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, reportOf, runs } from './cli.ts';

/** What a revision plans, told apart from drift and from what was never applied: on real sshd and slapd, with real git. */
let estate: Estate;
let nothing: string;

const lines = {
  pilot: 'list: [jdoe, "o\'neil"]',
  platform: '  platform: solaris-sparc\n',
};

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 30 });
  nothing = mkdtempSync(join(estate.folder, 'no-runs-'));
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(join(estate.folder, 'pilot.csv'), "uid\njdoe\no'neil\n");
  edit(lines.pilot, 'file: pilot.csv');
  commit();
});
afterAll(async () => estate?.stop());

function git(...words: readonly string[]): string {
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  return execFileSync('git', ['-C', estate.folder, ...person, ...words], { encoding: 'utf8' }).trim();
}

function commit(): string {
  git('add', 'estate.yaml', 'pilot.csv');
  git('commit', '--quiet', '-m', 'a change');
  return git('rev-parse', 'HEAD');
}

function edit(before: string, after: string): void {
  const text = readFileSync(estate.file, 'utf8');
  if (!text.includes(before)) throw new Error(`the file has no ${before}`);
  writeFileSync(estate.file, text.replace(before, after));
}

/** Hosts keep records of runs too: does something while they have none. */
async function unrecorded(action: () => Promise<void>): Promise<void> {
  const move = (from: string, to: string) => {
    for (const host of ['cs6-fe1', 'cs7-fe1'])
      estate.on(host, `cd $HOME/.reconcile/${host} && if test -d ${from}; then mv ${from} ${to}; fi`);
  };
  move('runs', 'hidden');
  try {
    await action();
  } finally {
    move('hidden', 'runs');
  }
}

const plan = (...words: readonly string[]) =>
  reconcile(['plan', estate.file, '--format', 'json', ...words], estate.environment);

/** What each change is labelled with: `service.http.port planned`, for accounts the uid. */
function labels(ran: Ran): readonly string[] {
  const report = reportOf(ran);
  if (report.command !== 'plan' || !report.origins) throw new Error(`no labels: ${ran.stdout}${ran.stderr}`);
  const { origins } = report;
  return report.plan.steps
    .flatMap((step, i) =>
      step.changes.map(({ key, item }, j) => {
        const what = step.target === 'directory' ? item.split(',')[0] : key;
        return `${what} ${origins[i]?.[j]}`;
      }),
    )
    .toSorted();
}

describe('an estate in sync, then a base that was not applied, drift, and a revision', () => {
  let base: string;

  beforeAll(async () => {
    const applied = await reconcile(['apply', estate.file, '--yes'], estate.environment);
    expect(applied.code, applied.stdout).toBe(0);
    edit(lines.platform, `${lines.platform}  settings: { service.http.idletimeout: "120" }\n`);
    base = commit();
    edit('idletimeout: "120"', 'idletimeout: "120", service.http.sessiondir.path: "/var/sessions"');
    writeFileSync(join(estate.folder, 'pilot.csv'), "uid\njdoe\no'neil\nroom1\n");
    appendFileSync(estate.pathOf('cs6-fe1', icsConf), '\nlocal.autoprovision = "yes"\n');
    forget('jdoe');
  });

  function forget(uid: string): void {
    const { url, adminDn, adminPassword } = estate.directory;
    const bind = ['-x', '-H', url, '-D', adminDn, '-w', adminPassword];
    const found = execFileSync('ldapsearch', [...bind, '-LLL', '-b', 'o=isp', `(uid=${uid})`, '1.1'], {
      encoding: 'utf8',
    });
    const [dn = ''] = found.split('\n');
    execFileSync('ldapmodify', bind, { input: `${dn}\nchangetype: modify\ndelete: davStore\n` });
  }

  const expected = [
    'local.autoprovision drift',
    'service drift',
    'service.http.idletimeout not-applied',
    'service.http.sessiondir.path planned',
    'uid=jdoe drift',
    'uid=room1 planned',
  ];

  it('by the record of what was applied', async () => {
    const ran = await plan('--base', base, '--runs', runs);
    expect(labels(ran)).toEqual(expected);
    expect(ran.stderr).toContain(`Compared with revision ${base.slice(0, 12)}; applied last: run `);
  });

  it('without records by the commit before the base', () =>
    unrecorded(async () => {
      const ran = await plan('--base', 'main', '--runs', nothing);
      expect(labels(ran)).toEqual(expected);
      expect(ran.stderr).toContain(`applied last: revision ${git('rev-parse', 'main~1').slice(0, 12)}`);
    }));

  it('by what is named: files as well as revisions, and --check like plan', async () => {
    const earlier = join(estate.folder, 'earlier.yaml');
    writeFileSync(earlier, git('show', `${base}:estate.yaml`));
    const ran = await plan('--base', earlier, '--applied', base, '--runs', nothing);
    expect(labels(ran)).toContain('service.http.idletimeout drift');
    // A file that is beside the estate finds the members that are there now.
    expect(labels(ran)).toContain('uid=room1 not-applied');
    const check = await reconcile(['--check', estate.file, '--base', base, '--format', 'json'], estate.environment);
    expect([check.code, JSON.parse(check.stdout).origins]).toEqual([2, expect.any(Array)]);
  });

  it('what drifted can be planned alone, and the rest is left out and counted', async () => {
    const ran = await plan('--origin', 'drift', '--runs', runs);
    expect(labels(ran)).toEqual(expected.filter(label => label.endsWith(' drift')));
    const { plan: made } = reportOf(ran);
    expect([ran.code, made.origin, made.leftOut]).toEqual([
      2,
      ['drift'],
      [
        { by: 'origin', target: 'cs6-fe1', kind: 'cs6-ics-conf', changes: 2, restarts: 0 },
        { by: 'origin', target: 'directory', kind: 'ldap-cohort', cohort: 'pilot', changes: 1, restarts: 0 },
      ],
    ]);
    expect(ran.stderr).toContain('Compared with what was applied last: run ');
    // The base is what was applied last, so that what it asks for and was not applied is new.
    expect(labels(await plan('--origin', 'planned', '--runs', runs))).toEqual([
      'service drift',
      'service.http.idletimeout planned',
      'service.http.sessiondir.path planned',
      'uid=room1 planned',
    ]);
    const named = await plan('--base', 'main', '--origin', 'not-applied', '--runs', nothing);
    expect(labels(named)).toEqual(['service drift', 'service.http.idletimeout not-applied']);
  });

  it('where nothing is known to be applied, nothing is chosen by that', () =>
    unrecorded(async () => {
      for (const [verb, ...words] of [['plan'], ['check'], ['apply', '--yes']]) {
        const ran = await reconcile(
          [verb ?? '', estate.file, ...words, '--origin', 'drift', '--runs', nothing],
          estate.environment,
        );
        expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('base.origin-unknown')]);
        const line = /^ {4,6}(reconcile plan .*)$/m.exec(ran.stderr)?.[1] ?? '';
        for (const words of ['--origin drift', "--applied 'HEAD~1'"]) expect(line).toContain(words);
      }
      const applied = await plan('--origin', 'drift', '--applied', 'main~1', '--runs', nothing);
      expect(labels(applied)).toEqual(expected.filter(label => label.endsWith(' drift')));
    }));

  it('a revision before the file, and nothing applied before', () =>
    unrecorded(async () => {
      const bare = git('commit-tree', '-m', 'empty', git('hash-object', '-t', 'tree', '/dev/null'));
      const ran = await plan('--base', bare, '--runs', nothing);
      expect(new Set(labels(ran).map(label => label.split(' ')[1]))).toEqual(new Set(['planned']));
      expect(reportOf(ran).plan.findings.map(({ code }) => code)).toContain('base.absent');
      const first = await plan('--base', 'main~1', '--runs', nothing);
      expect(labels(first)).toContain('local.autoprovision not-applied');
    }));

  it('a base with errors costs the labels and nothing else', async () => {
    edit('version: 1', 'version: 7');
    const broken = commit();
    edit('version: 7', 'version: 1');
    const ran = await plan('--base', broken, '--runs', nothing);
    const report = reportOf(ran);
    expect([ran.code, 'origins' in report]).toEqual([2, false]);
    const [finding] = report.plan.findings.filter(({ code }) => code === 'base.unusable');
    expect(finding?.detail).toContain('estate.yaml:1');
    const chosen = await plan('--base', broken, '--origin', 'drift', '--runs', nothing);
    expect([chosen.code, chosen.stderr + chosen.stdout]).toEqual([3, expect.stringContaining('base.origin-unknown')]);
    expect(chosen.stderr + chosen.stdout).toContain('estate.yaml:1');
  });

  it.each([
    [['--base', 'nowhere'], 'base.unknown-revision'],
    [['--base', '--check'], 'base.unknown-revision'],
    [['--base', 'missing.yaml'], 'file.unreadable'],
    [['--applied', 'main'], 'base.applied-alone'],
  ])('%j is an error before anything is connected to', async (words, code) => {
    const ran = await reconcile(['plan', estate.file, ...words], estate.environment, unconnected);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining(code)]);
  });

  it.each([[['--base', 'main']], [['--applied', 'main']]])('apply %j without --origin changes nothing', async words => {
    const ran = await reconcile(['apply', estate.file, '--yes', ...words], estate.environment, unconnected);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('base.needs-origin')]);
  });

  describe('an apply of what drifted', () => {
    it('by a saved plan takes no --origin, and is offered without it', async () => {
      const saved = join(estate.folder, 'drift.json');
      const words = ['--origin', 'drift', '--runs', runs, '-o', saved];
      const planned = await reconcile(['plan', estate.file, ...words], estate.environment);
      expect([planned.code, planned.stdout]).toEqual([2, expect.stringContaining(`apply ${saved} --runs ${runs} -f`)]);
      const again = await reconcile(['apply', saved, '-f', estate.file, ...words.slice(0, 2)], estate.environment);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('cli.only-on-saved-plan')]);
    });

    it('puts it back and touches nothing else', async () => {
      const words = ['--origin', 'drift', '--runs', runs, '--yes'];
      const ran = await reconcile(['apply', estate.file, ...words], estate.environment);
      expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('no difference left in what was chosen')]);
      expect(ran.stdout).toContain('Left out by --origin drift: cs6-fe1 (2 changes), cohort pilot (1 change).');
      expect(labels(await plan('--base', base, '--runs', runs))).toEqual(
        expected
          .filter(label => !label.endsWith(' drift'))
          .concat('service not-applied')
          .toSorted(),
      );
      const again = await reconcile(['check', estate.file, ...words.slice(0, -1)], estate.environment);
      expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('No difference in what was chosen; ')]);
    });
  });
});
