import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import type { DesiredState } from '../../src/core/desired.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { estateSchema } from '../kinds/cases.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { contest, shell } from './measure.ts';

/** What an administrator would use otherwise: the C clients of OpenSSH and OpenLDAP, given the same work and no thinking. */
const hosts = 20;
const users = 20_000;
let estate: Estate;
let state: DesiredState;

beforeAll(async () => {
  estate = await startEstate({ cs6: hosts, cs7: 1, users, running: false });
  const loaded = loadEstate(estate.file, readFileSync(estate.file, 'utf8'), estateSchema);
  if (!loaded.state) throw new Error('the estate file is not valid');
  state = loaded.state;
});
afterAll(async () => estate?.stop());

/** Reads and compares the targets that `wanted` names, over connections of its own. */
async function compare(wanted: (target: string) => boolean): Promise<void> {
  const connection = connect(state, estate.environment);
  await compareAll(
    targetsOf(state).filter(target => wanted(target.target)),
    connection.ports,
  );
  await connection.close();
}

it(`${hosts} CS6 hosts: ssh, 8 at a time, against reading and comparing them`, async () => {
  const { identity, knownHosts, hosts: all } = estate.ssh;
  const options = `-i ${identity} -p 2222 -o UserKnownHostsFile=${knownHosts} -o BatchMode=yes -o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com -n`;
  const addresses = [...all.values()].filter(host => host.name.startsWith('cs6'));
  const ports = new Set(addresses.map(host => host.port));
  if (ports.size !== 1 || !ports.has(2222)) throw new Error('the hosts do not listen on one port');
  const command = `cat ${icsConf}; ps -e -o pid -o etime -o args; date; showrev -p; patchadd -p`;
  const line = `printf '%s\\n' ${addresses.map(host => host.address).join(' ')} | xargs -P8 -I{} ssh ${options} root@{} '${command}' >/dev/null`;
  await contest({
    name: `${hosts} hosts`,
    rounds: 5,
    usual: { name: 'ssh -P8', run: () => shell(line) },
    ours: { name: 'compare', run: () => compare(target => target.startsWith('cs6')) },
  });
});

it(`${users} accounts: ldapsearch, paged, against reading and comparing them for unique id and cohort`, async () => {
  const { url, bindDn, password } = estate.slapd;
  const search = (filter: string, attributes: string) =>
    `ldapsearch -x -LLL -H ${url} -D '${bindDn}' -w '${password}' -E pr=1000/noprompt -b o=isp '${filter}' ${attributes} >/dev/null`;
  const every = '(|(objectClass=icsCalendarUser)(objectClass=icsCalendarGroup)(objectClass=icsCalendarResource))';
  const line = `${search(every, 'davUniqueId nsUniqueId objectClass')} && ${search(every, 'davStore objectClass mail')}`;
  await contest({
    name: `${users} accounts`,
    rounds: 5,
    usual: { name: 'ldapsearch pr=1000, twice', run: () => shell(line) },
    ours: { name: 'compare', run: () => compare(target => target === 'directory') },
  });
});
