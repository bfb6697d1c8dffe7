import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../../src/adapters/ldap/directory-client.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import type { LabEntry } from '../../src/lab/directory-content.ts';
import { Secret } from '../../src/ports/secret.ts';
import { desiredOf } from '../kinds/cases.ts';
import { bundledProgram } from '../tools/bundled-program.ts';
import { madeUpEntries, randomFrom } from './made-up-accounts.ts';
import { directoryServers } from './servers.ts';

interface Line {
  readonly line: string;
  readonly write?: number;
  readonly dn?: string;
  readonly state?: string;
}

const base = desiredOf({ name: '', live: {}, changes: [] });

/** The folders and the service entry of a made-up directory, with accounts that all have to move. */
function* staying(count: number): Iterable<LabEntry> {
  yield* madeUpEntries(randomFrom(1), 0);
  for (let number = 0; number < count; number++) {
    const uid = `m${number}`;
    yield {
      dn: `uid=${uid},ou=People,o=isp`,
      attributes: {
        objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'icsCalendarUser', 'davEntity'],
        ...{ uid: [uid], cn: [uid], sn: [uid], mail: [`${uid}@example.com`], davUniqueId: [`id-${number}`] },
      },
    };
  }
}

describe.each(directoryServers)('a wave of moves on $name that is killed again and again', server => {
  const count = server.moves;
  let folder: string;
  let running: Awaited<ReturnType<typeof server.start>>;
  let state: DesiredState;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-moves-'));
    running = await server.start(folder, staying(count));
    const password = { env: 'LDAP_PASSWORD' };
    const { url, adminDn: bindDn } = running;
    const source = { file: 'estate.yaml', line: 1 };
    const cohorts = [{ name: 'all', members: 'rest', store: 'store1', source } as const];
    state = { ...base, directory: { ...base.directory, url, startTls: false, bindDn, password }, cohorts };
  });
  afterAll(async () => {
    await running?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`goes on where it stopped: each of ${count} accounts is moved once`, async () => {
    const journals = mkdtempSync(join(tmpdir(), 'reconcile-journals-'));
    try {
      const kills = [0.1, 0.35, 0.6];
      for (const [round, part] of kills.entries()) await killAfter(journals, `run-${round}`, part * count * 250);
      const last = await move(journals, 'run-last').ended;
      expect(last.signal).toBeNull();
      const { planned, done } = JSON.parse(last.output);
      expect(done).toBe(planned);
      expect(planned, 'the interrupted runs did their part').toBeLessThan(count);
      expect(planned).toBeGreaterThan(0);
      expect(await storesOf()).toEqual({ store1: count });

      const writes = readdirSync(journals).flatMap(file => writesOf(join(journals, file)));
      const doneOf = new Map<string, number>();
      for (const { dn, state: outcome } of writes) if (outcome === 'done') doneOf.set(dn, (doneOf.get(dn) ?? 0) + 1);
      expect(Math.max(...doneOf.values()), 'nothing is done twice').toBe(1);
      const unknown = new Set(writes.filter(write => write.state === undefined).map(write => write.dn));
      const accounted = new Set([...doneOf.keys(), ...unknown]);
      expect(accounted.size, 'the records say of each account what was done').toBe(count);
      expect(unknown.size, 'only what was under way at a kill is not known').toBeLessThanOrEqual(kills.length * 32);
    } finally {
      rmSync(journals, { recursive: true, force: true });
    }
  });

  function move(journals: string, name: string) {
    const words = [bundledProgram('test/directories/move-accounts.mjs'), JSON.stringify(state), journals, name];
    const child = spawn('node', words, { env: { ...process.env, LDAP_PASSWORD: running.adminPassword } });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    const ended = once(child, 'close').then(([code, signal]) => {
      if (signal === null && code !== 0) throw new Error(complaint);
      return { signal, output };
    });
    return { child, ended };
  }

  /** Kills the run when its journal has that many bytes more; a run that ends before has nothing to be killed in. */
  async function killAfter(journals: string, name: string, bytes: number): Promise<void> {
    const { child, ended } = move(journals, name);
    const file = join(journals, `${name}.jsonl`);
    while (child.exitCode === null && !(existsSync(file) && statSync(file).size > bytes)) await pause(2);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
  }

  async function storesOf(): Promise<Record<string, number>> {
    const directory = openDirectory(state.directory, async () => new Secret(running.adminPassword));
    const stores: Record<string, number> = {};
    const query = { base: 'o=isp', filter: '(objectClass=icsCalendarUser)', attributes: ['davStore'] };
    for await (const { attributes } of directory.search(query)) {
      const store = attributes.get('davstore')?.join(' ') ?? 'none';
      stores[store] = (stores[store] ?? 0) + 1;
    }
    await directory.close();
    return stores;
  }
});

/** Each write of a journal with what became of it; the last line may have been cut by the kill. */
function writesOf(file: string): readonly { readonly dn: string; readonly state?: string }[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line): Line => JSON.parse(line));
  const states = new Map(lines.flatMap(({ line, write, state }) => (line === 'end' ? [[write, state] as const] : [])));
  return lines.flatMap(({ line, write, dn }) => {
    if (line !== 'begin' || dn === undefined) return [];
    const state = states.get(write);
    return [{ dn, ...(state !== undefined && { state }) }];
  });
}
