import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layFace } from '../../src/lab/freebusy/http-face.ts';
import { cs6Sbin, type Estate, icsConf, runningCs6, startEstate } from '../servers/estate.ts';
import { restartCs6 } from './broken-settings.ts';
import { type Ran, reconcile } from './cli.ts';

/* A restart that leaves the server where nobody finds it has failed, also where the server only ever said that it fails. */
let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ users: 20, groups: 2, resources: 2 });
  expect((await apply(estate.file)).code).toBe(0);
  // From now on the server cannot ask the directory: every question ends with errno 39.
  const { tree, address } = estate.ssh.hosts.get('cs6-fe1') ?? { tree: '', address: '' };
  const directory = { url: 'ldap://127.0.0.1:1', bindDn: 'cn=x', password: 'x', base: 'o=isp' };
  await layFace({ tree, prefix: '' }, 'cs6', { address, httpPort: 8080, directory });
  restartCs6(estate);
});
afterAll(async () => estate?.stop());

function apply(file: string, ...words: readonly string[]): Promise<Ran> {
  return reconcile(['apply', file, '--yes', ...words], estate.environment);
}

/** The estate file with a setting of cs6-fe1, whose address over HTTP stays as it was. */
function withSetting(name: string, setting: string): string {
  const file = join(estate.folder, name);
  const settings = `$1, settings: { ${setting} } }`;
  writeFileSync(file, readFileSync(estate.file, 'utf8').replace(/(cs6-fe1: \{.*?) \}/, settings));
  return file;
}

async function answer(): Promise<string> {
  const response = await fetch(`${estate.urlOf('cs6-fe1')}/get_freebusy.wcap?calid=mailto:nobody@example.com`);
  return response.text();
}

it('errno 39 is an answer: a restart that moved the port has failed, and is taken back', async () => {
  expect(await answer()).toContain('X-NSCP-WCAP-ERRNO:39');
  const before = readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1');
  const ran = await apply(withSetting('moved.yaml', 'service.http.port: "8081"'));
  expect([ran.code, ran.stdout]).toEqual([
    1,
    expect.stringContaining('answered before the restart and no longer answers'),
  ]);
  expect(ran.stdout).toContain('the server runs with the old configuration again');
  expect(readFileSync(estate.pathOf('cs6-fe1', icsConf), 'latin1')).toBe(before);
  expect(runningCs6(estate, 'cs6-fe1')['service.http.port']).toBe('8080');
  expect(await answer()).toContain('X-NSCP-WCAP-ERRNO:39');
});

it('a restart after which it answers as badly as before is done', async () => {
  const ran = await apply(withSetting('quicker.yaml', 'service.http.idletimeout: "77"'));
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('Read again: in sync.')]);
  expect(ran.stdout).not.toContain('did not answer before');
});

it('no answer before and none after it is said, and not taken for health', async () => {
  estate.on('cs6-fe1', `cd ${cs6Sbin} && ./stop-cal`);
  const deaf = withSetting('deaf.yaml', 'service.http.port: "8082"');
  const ran = await apply(deaf);
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/:8080 did not answer before either: not checked/)]);
});
