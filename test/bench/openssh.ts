import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cs7Home, icsConf } from '../servers/estate.ts';
import type { SshHost } from '../servers/ssh-hosts.ts';
import { type BenchHosts, cs7Files } from './bench-hosts.ts';
import type { MeasuredCommand } from './measured-process.ts';

/** How many clients of OpenSSH run at once. */
const atOnce = 32;

/** OpenSSH reading what a check reads, with one combined command a host and no thinking, with its quickest algorithms. */
export function opensshReads({ estate }: BenchHosts, hosts: readonly SshHost[], port?: number): MeasuredCommand {
  const { identity, knownHosts } = estate.ssh;
  const algorithms = '-o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com';
  const options = `-F none -n -p ${port ?? hosts[0]?.port} -i ${identity} -o UserKnownHostsFile=${knownHosts} -o BatchMode=yes ${algorithms}`;
  const list = join(estate.folder, 'addresses');
  writeFileSync(list, hosts.map(({ address }) => `root@${address}\n`).join(''));
  const line = `exec xargs -a ${list} -P${atOnce} -I{} ssh ${options} {} '${remoteCommand}'`;
  const cs6 = hosts.filter(({ name }) => name.startsWith('cs6')).length;
  return {
    words: ['/bin/sh', '-c', line],
    isRight: output =>
      count(output, /^user\.invite\.autoprovision = /gm) === cs6 &&
      count(output, /^davcore\.uriinfo\.subjectattributes: /gm) === hosts.length - cs6,
  };
}

const readFile = (path: string) => `ls -lnL --full-time ${path}; cat ${path}; ls -lncL --full-time ${path}`;

const remoteCommand = `date -u; ps -e -o pid -o etime -o args; if test -f ${icsConf}; then ${readFile(icsConf)}; showrev -p; else ${cs7Files.map(readFile).join('; ')}; cd ${cs7Home}/sbin; ./davadmin version -u admin; ./davadmin config -u admin; fi`;

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}
