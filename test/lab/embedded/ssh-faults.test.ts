import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findingOf, readOne } from '../../adapters/ssh/support.ts';
import { settle } from '../../tools/until.ts';
import { bareHost, type TestHost } from './support.ts';

const path = '/etc/opt/f.conf';
const content = Buffer.from('after\n');

async function hostWithFile(): Promise<TestHost> {
  const host = await bareHost();
  writeFileSync(host.pathOf(path), 'before\n');
  return host;
}

/** The folder is as it was: the file, and nothing beside it. */
function expectUntouched(host: TestHost, text = 'before\n'): void {
  expect(readFileSync(host.pathOf(path), 'utf8')).toBe(text);
  expect(readdirSync(host.pathOf('/etc/opt'))).toEqual(['f.conf']);
}

it('slow: late answers come, and too late ones are reported', async () => {
  const host = await hostWithFile();
  await host.server.setFault({ fault: 'slow', milliseconds: 2_000 });
  const start = Date.now();
  expect((await readOne(host.open(), path)).content.toString()).toBe('before\n');
  expect(Date.now() - start).toBeGreaterThanOrEqual(2_000);
  expect(await findingOf(host.open({ read: 500 }).files([path]))).toMatchObject({ code: 'host.no-answer' });
});

it('drop-after: what had come is not used, and the next request connects anew', async () => {
  const host = await hostWithFile();
  const connection = host.open();
  await connection.clock();
  for (const bytes of [0, 40, 120]) {
    await host.server.setFault({ fault: 'drop-after', bytes });
    expect(await findingOf(connection.files([path]))).toMatchObject({ code: 'host.connection-lost' });
    await host.server.clearFaults();
    expect((await readOne(connection, path)).content.toString()).toBe('before\n');
  }
});

it('drop-after: a replacement leaves the file whole', async () => {
  for (const bytes of [30, 160, 230, 300]) {
    const host = await hostWithFile();
    const connection = host.open();
    const expected = (await readOne(connection, path)).content;
    await host.server.setFault({ fault: 'drop-after', bytes });
    const finding = await findingOf(connection.replace({ path, expected, content }).then(() => connection.clock()));
    expect(finding.code).toBe('host.connection-lost');
    expect(['before\n', 'after\n']).toContain(readFileSync(host.pathOf(path), 'utf8'));
  }
});

it('full-disk: the upload fails, the file is as it was, reading goes on', async () => {
  const host = await hostWithFile();
  const connection = host.open();
  const expected = (await readOne(connection, path)).content;
  await host.server.setFault({ fault: 'full-disk' });
  const finding = await findingOf(connection.replace({ path, expected, content: Buffer.alloc(500_000, 'x') }));
  expect(finding).toMatchObject({
    code: 'host.file-not-written',
    detail: expect.stringContaining('No space left on device'),
  });
  expect((await readOne(connection, path)).content.toString()).toBe('before\n');
  expectUntouched(host);
  await host.server.clearFaults();
  expect(await connection.replace({ path, expected, content })).toMatch(/^\/etc\/opt\/f\.conf\.reconcile-/);
});

it('changed-key: connections that stand go on, further ones are not made', async () => {
  const host = await hostWithFile();
  const standing = host.open();
  await standing.clock();
  await host.server.setFault({ fault: 'changed-key' });
  expect(await standing.clock()).toBeGreaterThan(0);
  expect(await findingOf(host.open().clock())).toMatchObject({ code: 'host.key-mismatch' });
  await host.server.clearFaults();
  expect(await host.open().clock()).toBeGreaterThan(0);
});

it('second-editor: somebody is faster, and what he wrote stays', async () => {
  const host = await hostWithFile();
  const connection = host.open();
  const expected = (await readOne(connection, path)).content;
  const edit = (tree: string) => appendFileSync(`${tree}${path}`, 'by hand\n');
  await host.server.setFault({ fault: 'second-editor', edit });
  expect(await findingOf(connection.replace({ path, expected, content }))).toMatchObject({ code: 'host.file-changed' });
  expectUntouched(host, 'before\nby hand\n');
  const now = (await readOne(connection, path)).content;
  expect(await connection.replace({ path, expected: now, content })).toMatch(/reconcile-/);
});

it('refuse: the host is down, and up again at the same port', async () => {
  const host = await hostWithFile();
  const connection = host.open({ failureMemory: 0 });
  await connection.clock();
  const hanging = connection.query({ words: ['sleep', '60'] });
  await settle();
  await host.server.setFault({ fault: 'refuse' });
  expect(await findingOf(hanging)).toMatchObject({ code: 'host.connection-lost' });
  expect(await findingOf(connection.clock())).toMatchObject({ code: 'host.unreachable' });
  await host.server.clearFaults();
  expect(await connection.clock()).toBeGreaterThan(0);
});
