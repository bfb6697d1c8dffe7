import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { Privilege } from '../../../src/core/desired.ts';
import { CLERK, PASSWORD, type PrivilegeHost, ROOT, startPrivilegeHost } from './privilege-hosts.ts';
import { readOne } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ssh-privilege-'));
let plain: PrivilegeHost;
const opened: HostConnection[] = [];

beforeAll(async () => {
  plain = await startPrivilegeHost(join(folder, 'plain'), {});
});

afterAll(async () => {
  await Promise.all(opened.map(host => host.close()));
  await plain.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each<readonly [Privilege, string]>([
  [{ by: 'sudo', as: 'root', password: PASSWORD }, CLERK],
  [{ by: 'doas', as: 'root', password: PASSWORD }, CLERK],
  [{ by: 'su', as: 'root', password: PASSWORD }, ROOT],
])('%o', (privilege, password) => {
  test('carries 300,000 random bytes both ways', async () => {
    const host = plain.open(privilege, {}, password);
    opened.push(host);
    const content = randomBytes(300_000);
    const path = join(plain.host.tree, 'etc/opt', `${privilege.by}.bin`);
    writeFileSync(path, 'old\n', { mode: 0o600 });
    const name = `/etc/opt/${privilege.by}.bin`;
    expect((await readOne(host, name)).content.toString()).toBe('old\n');
    await host.replace({ path: name, expected: Buffer.from('old\n'), content });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect((await readOne(host, name)).content.equals(content)).toBe(true);
  });
});
