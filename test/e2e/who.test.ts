import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import type { Plan } from '../../src/core/plan.ts';
import { setFault } from '../../src/lab/fault.ts';
import { runsErrors } from '../report/official-schemas.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/** Who did what, from which commit and on whose word: in plans, reports, records and the list of runs. */
let estate: Estate;
let records: string;
let head: string;
let planFile: string;
let signers: string;
let signed: string;

const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'ana',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'ops/estate',
  GITHUB_REF: 'refs/pull/17/merge',
  GITHUB_RUN_ID: '4711',
};
const gitlab = { GITLAB_CI: 'true', GITLAB_USER_LOGIN: 'ben', CI_JOB_URL: 'https://gitlab.example.com/o/e/-/jobs/12' };
const jenkins = { JENKINS_URL: 'https://ci.example.com/', BUILD_USER_ID: 'cem' };

const git = (...words: readonly string[]) =>
  execFileSync('git', ['-C', estate.folder, '-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', ...words], {
    encoding: 'utf8',
  }).trim();

let seconds = 0;

/** A Tuesday, on which a second passes between two looks at the clock. */
const now = () => new Date(Date.parse('2026-11-24T09:00:00Z') + 1000 * seconds++).toISOString();

/** On a Tuesday, as the person that the variables name. */
function run(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return reconcile(
    [...words, '--runs', records],
    { ...estate.environment, ...variables },
    {
      clock: { now },
      openJournal: (_, name) => openJournalFile(records, name, now),
    },
  );
}

const listed = async (...words: readonly string[]) =>
  JSON.parse((await run(['runs', estate.file, '--format', 'json', ...words])).stdout);

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30 });
  records = mkdtempSync(join(tmpdir(), 'reconcile-who-'));
  planFile = join(estate.folder, 'plan.json');
  signers = join(estate.folder, 'allowed_signers');
  const window = '  window: { days: [sat], from: 22:00, to: 23:00, zone: Europe/Berlin }\n';
  writeFileSync(estate.file, readFileSync(estate.file, 'utf8').replace('  platform:', `${window}  platform:`));
  git('init', '-q');
  git('add', 'estate.yaml');
  git('commit', '-qm', 'first');
  head = git('rev-parse', 'HEAD');
});
afterAll(async () => {
  await estate?.stop();
  rmSync(records, { recursive: true, force: true });
});

describe('a plan', () => {
  it('says who made it, from which commit, and its digest covers that', async () => {
    const planned = await run(['plan', estate.file, '-o', planFile], github);
    expect(planned.code, planned.stderr).toBe(2);
    const plan: Plan = JSON.parse(readFileSync(planFile, 'utf8'));
    expect(plan).toMatchObject({
      actor: 'ana',
      commit: { id: head, author: 'Ana' },
      clean: true,
      job: 'https://github.com/ops/estate/actions/runs/4711',
    });
    const forged = join(estate.folder, 'forged.json');
    writeFileSync(forged, JSON.stringify({ ...plan, actor: 'ben' }));
    const ran = await run(['apply', forged, '-f', estate.file, '--yes'], gitlab);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('plan.tampered')]);
  });

  it('is signed', () => {
    const key = join(estate.folder, 'dora');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'dora', '-f', key]);
    const [type, text] = readFileSync(`${key}.pub`, 'utf8').split(' ');
    writeFileSync(signers, `dora@example.com ${type} ${text}\n`);
    const { digest }: Plan = JSON.parse(readFileSync(planFile, 'utf8'));
    const sign = ['-Y', 'sign', '-q', '-n', 'reconcile-plan', '-f', key];
    signed = `${planFile}.dora.sig`;
    writeFileSync(signed, execFileSync('ssh-keygen', sign, { input: `${digest}\n` }));
  });
});

describe('a run', () => {
  it('records who carries out what another person planned and signed, and what that person allowed', async () => {
    const words = ['apply', planFile, '-f', estate.file, '--signers', signers, '--yes', '--allow-outside-window', '2'];
    const ran = await run(words, gitlab);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(
      /^reconcile apply {2}example\.com rehearsal {2}\w{7} {2}by ben {2}read .* plan made by ana from \w{7}$/m,
    );
    const { runs } = await listed();
    expect(runs).toHaveLength(1);
    expect(runs[0].head).toMatchObject({
      direction: 'forward',
      actor: 'ben',
      commit: { id: head },
      clean: true,
      job: gitlab.CI_JOB_URL,
      signers: ['dora@example.com'],
      allowed: { 'outside-window': 2 },
      outsideWindow: ['cs6-fe1', 'cs6-be1'],
      targets: expect.arrayContaining(['directory', 'cs6-fe1', 'cs7-fe1']),
    });
    expect(runs[0].finished.targets).toContainEqual({
      target: 'cs6-fe1',
      kind: 'cs6-service',
      counts: { done: 1 },
    });
  });

  it('that was not from a clean checkout says so', async () => {
    appendFileSync(estate.file, '# not committed\n');
    appendFileSync(estate.pathOf('cs6-fe1', icsConf), 'local.autoprovision = "yes"\n');
    const ran = await run(['apply', estate.file, '--yes', '--allow-outside-window', '1', '--format', 'json'], jenkins);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      actor: 'cem',
      commit: { id: head },
      clean: false,
      plan: { actor: 'cem', clean: false },
    });
  });

  it('that did not end well has what became of each change', async () => {
    appendFileSync(estate.pathOf('cs6-fe1', icsConf), 'local.autoprovision = "yes"\n');
    setFault(estate.pathOf('cs6-fe1', ''), 'start-cal.fail', 'once');
    expect((await run(['apply', estate.file, '--yes', '--allow-outside-window', '1'], gitlab)).code).toBe(1);
    const [{ name }] = (await listed()).runs;
    const shown = await run(['runs', name, estate.file, '--format', 'json']);
    expect(runsErrors(shown.stdout)).toEqual([]);
    const { steps } = JSON.parse(shown.stdout).runs[0];
    expect(steps).toEqual([
      expect.objectContaining({
        id: 'cs6-fe1/cs6-ics-conf',
        results: [expect.objectContaining({ state: 'taken-back' })],
      }),
      expect.objectContaining({ id: 'cs6-fe1/cs6-service', results: [expect.objectContaining({ state: 'failed' })] }),
    ]);
    const text = (await run(['runs', name, '-f', estate.file])).stdout;
    expect(text).toMatch(/^run \S+ {2}1 failed, 1 taken back, not in sync$/m);
    expect(text).toMatch(/^ {2}by +ben$/m);
    expect(text).toMatch(/^ {2}~ {2}\S+ics\.conf {2}local\.autoprovision {2}"yes" -> "no" {2}taken back/m);
    expect(text).toContain('No write was left unfinished.');
  });

  it('that takes another back names it', async () => {
    const { runs } = await listed();
    const first = runs.at(-1).name;
    const only = ['--only', 'directory', '--yes', '--format', 'json'];
    const ran = await run(['undo', first, estate.file, ...only], jenkins);
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ actor: 'cem', plan: { actor: 'cem', undoes: first } });
    const [newest] = (await listed()).runs;
    expect(newest.head).toMatchObject({ direction: 'undo', undoes: [first], actor: 'cem', only: ['directory'] });
  });
});

describe('the list of runs', () => {
  it('fits its schema, and 80 columns', async () => {
    expect(runsErrors((await run(['runs', estate.file, '--format', 'json'])).stdout)).toEqual([]);
    expect(runsErrors((await run(['status', estate.file, '--format', 'json'])).stdout)).toEqual([]);
    const { stdout } = await run(['runs', estate.file], { COLUMNS: '80' });
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^RUN +BY +COMMIT +RESULT\n\S+ +cem +\w{7} +undo: /);
  });

  it.each([
    [['--by', 'ben'], 2],
    [['--by', 'BEN'], 2],
    [['--by', 'be'], 0],
    [['--by', 'cem', '--target', 'directory'], 1],
    [['--target', 'cs6-fe1'], 3],
    [['--target', 'cs7-fe1'], 1],
    [['--since', '2026-11-24'], 4],
    [['--since', '2026-11-24T10:00:00+01:00'], 4],
    [['--since', '2026-11-24T12:00:00+01:00'], 0],
    [['--since', '1d'], 4],
  ])('%j has %i of them', async (words, number) => {
    const { known, runs } = await listed(...words);
    expect([known, runs.length]).toEqual([4, number]);
  });

  it('says where nothing fits, and refuses a name that is none', async () => {
    expect((await run(['runs', estate.file, '--by', 'nobody'])).stdout).toBe('No run fits. 4 runs are known.\n');
    const unknown = await run(['runs', '20200101T000000000Z-00000000', estate.file]);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('run.unknown')]);
    const slip = await run(['runs', estate.file, '--since', 'yesterday']);
    expect([slip.code, slip.stderr]).toEqual([1, expect.stringContaining('2026-12-05T22:30+01:00')]);
  });
});
