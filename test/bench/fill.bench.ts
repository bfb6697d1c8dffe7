import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';
import { startDs389 } from '../servers/ds389.ts';
import { startSlapd } from '../servers/slapd.ts';
import { bundledProgram } from '../tools/bundled-program.ts';
import { fillAccounts, fillDn, fillId, writeFillEstate } from './fill-estate.ts';
import { shell } from './measure.ts';

/**
 * A first fill of unique ids: plan, apply with its record and its second reading, and undo, against `ldapmodify -f` with the same
 * changes on an equal server. Sizes come from the environment: BENCH_FILL (slapd) and BENCH_FILL_389.
 */
const size = (name: string, ordinary: number) => Number(process.env[name] ?? ordinary);

describe.each([
  { make: 'slapd', accounts: size('BENCH_FILL', 1_000_000), start: startSlapd },
  { make: '389', accounts: size('BENCH_FILL_389', 100_000), start: startDs389 },
])('$make', ({ make, accounts, start }) => {
  it(`a first fill of ${accounts} accounts`, { timeout: 7_200_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reconcile-fill-'));
    const place = (name: string) => mkdtempSync(join(tmpdir(), `reconcile-fill-${name}-`));
    const own = await start(place('own'), { entries: fillAccounts(accounts) });
    const usual = await start(place('usual'), { entries: fillAccounts(accounts) });
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
      process.stdout.write(
        `${make}, ${accounts} accounts, ${what}: ${(ran.milliseconds / 1000).toFixed(1)} s, ${ran.seconds.toFixed(1)} s CPU, ${ran.megabytes.toFixed(0)} MB resident at most\n`,
      );
      return ran;
    };
    await run('plan');
    const applied = await run('apply');
    const began = performance.now();
    await shell(`ldapmodify -x -H ${usual.url} -D '${usual.bindDn}' -w '${usual.password}' -f ${ldif} >/dev/null`);
    const took = performance.now() - began;
    const ratio = (applied.milliseconds / took).toFixed(2);
    process.stdout.write(
      `${make}, ${accounts} accounts: ldapmodify -f ${(took / 1000).toFixed(1)} s, apply takes ${ratio} of that\n`,
    );
    await run('undo', { run: applied.run });
    await Promise.all([own.kill(), usual.kill()]);
    for (const one of [folder, own.folder, usual.folder]) rmSync(one, { recursive: true, force: true });
  });
});

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
