import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Estate } from '../../servers/estate.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';

/** An estate that is reached through proxies only. */
export interface ProxiedEstate {
  readonly estate: Estate;
  /** Path of the estate file that names the proxies. */
  readonly file: string;
  /** By name of the host; the directory's is `directory`. */
  readonly proxies: ReadonlyMap<string, CuttingProxy>;
  stop(): Promise<void>;
}

/** Puts a proxy before every sshd and before the directory, and writes an estate file and known hosts that name them. */
export async function putProxies(estate: Estate): Promise<ProxiedEstate> {
  const proxies = new Map<string, CuttingProxy>();
  let text = readFileSync(estate.file, 'utf8');
  let known = readFileSync(estate.ssh.knownHosts, 'utf8');
  for (const { name, address, port } of estate.ssh.hosts.values()) {
    const proxy = await startCuttingProxy(address, port);
    proxies.set(name, proxy);
    text = text.replace(`address: ${address}, port: ${port},`, `address: ${address}, port: ${proxy.port},`);
    known = known.replace(`[${address}]:${port} `, `[${address}]:${proxy.port} `);
  }
  const directory = await startCuttingProxy('127.0.0.1', estate.directory.port);
  proxies.set('directory', directory);
  text = text.replace(`127.0.0.1:${estate.directory.port}`, `127.0.0.1:${directory.port}`);
  const knownHosts = join(estate.folder, 'known_hosts_of_proxies');
  writeFileSync(knownHosts, known);
  const file = join(estate.folder, 'estate-of-proxies.yaml');
  writeFileSync(file, text.replace(/knownHosts: .*/, `knownHosts: ${knownHosts}`));
  const stop = async () => {
    await Promise.all([...proxies.values()].map(proxy => proxy.stop()));
  };
  return { estate, file, proxies, stop };
}
