import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, it } from 'vitest';
import { startDs389 } from '../servers/ds389.ts';
import { startSlapd } from '../servers/slapd.ts';
import { bundledProgram } from '../tools/bundled-program.ts';
import { BenchReport, ours } from './bench-report.ts';
import type { Figures } from './figures.ts';
import { fillAccounts, fillDn, fillId, writeFillEstate } from './fill-estate.ts';
import { shell, size } from './measure.ts';

/**
 * A first fill of unique ids: plan, apply with its record and its second reading, and undo, against `ldapmodify -f` with the same
 * changes on an equal server. Both servers put each change on disk. BENCH_FILL (OpenLDAP), BENCH_FILL_389.
 */
const report = new BenchReport('fill');
const peer = 'ldapmodify -f';

afterAll(() => report.end());

describe.each([
  { make: 'slapd', accounts: size('BENCH_FILL', 1_000_000), start: startSlapd },
  { make: '389', accounts: size('BENCH_FILL_389', 100_000), start: startDs389 },
])('$make', ({ make, accounts, start }) => {
  it(`a first fill of ${accounts} accounts`, { timeout: 7_200_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reconcile-fill-'));
    const place = (name: string) => mkdtempSync(join(tmpdir(), `reconcile-fill-${name}-`));
    const own = await start(place('own'), { entries: fillAccounts(accounts), isDurable: true });
    const usual = await start(place('usual'), { entries: fillAccounts(accounts), isDurable: true });
    const [estate, plan, runs, ldif] = ['estate.yaml', 'plan.json', 'runs', 'changes.ldif'].map(name =>
      join(folder, name),
    );
    writeFillEstate(estate ?? '', own.url, own.bindDn);
    writeLdif(ldif ?? '', accounts);
    const program = bundledProgram('test/bench/fill-client.mjs');
    const run = async (what: string, more: object = {}): Promise<FillRun> => {
      const work = { what, estate, plan, runs, environment: { LDAP_PASSWORD: own.password }, ...more };
      const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(work)], {
        maxBuffer: 1 << 30,
      });
      const ran: FillRun = JSON.parse(stdout);
      if (ran.changes !== accounts) throw new Error(`not what was to be done: ${ran.changes} of ${accounts}`);
      return ran;
    };
    const named = (what: string) => `${what} ${accounts.toLocaleString('en')} accounts, ${make}`;
    report.add(named('plan to fill'), { [ours]: [figuresOf(await run('plan'))] });
    const applied = await run('apply');
    const began = performance.now();
    await shell(`ldapmodify -x -H ${usual.url} -D '${usual.bindDn}' -w '${usual.password}' -f ${ldif} >/dev/null`);
    const took = (performance.now() - began) / 1000;
    report.add(named('fill'), { [ours]: [figuresOf(applied)], [peer]: [{ wall: took }] });
    report.add(named('undo the fill of'), { [ours]: [figuresOf(await run('undo', { run: applied.run }))] });
    await Promise.all([own.kill(), usual.kill()]);
    for (const one of [folder, own.folder, usual.folder]) rmSync(one, { recursive: true, force: true });
  });
});

function figuresOf({ milliseconds, seconds, megabytes }: FillRun): Figures {
  return { wall: milliseconds / 1000, cpu: seconds, memory: megabytes };
}

interface FillRun {
  readonly milliseconds: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly changes: number;
  readonly run?: string;
}

function writeLdif(file: string, accounts: number): void {
  const lines = Array.from(
    { length: accounts },
    (_, number) => `dn: ${fillDn(number)}\nchangetype: modify\nadd: davUniqueId\ndavUniqueId: ${fillId(number)}\n`,
  );
  writeFileSync(file, lines.join('\n'));
}
