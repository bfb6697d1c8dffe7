import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectToExamine } from '../../src/adapters/examine-ports.ts';
import { loadEstates } from '../../src/estate/load.ts';
import type { LookedHost } from '../../src/import/fact.ts';
import { findHosts } from '../../src/import/host-facts.ts';
import { findRoutes } from '../../src/import/host-routes.ts';
import type { Cs6Dialect, Cs7Dialect } from '../../src/lab/dialect.ts';
import { startVariedEstate, type Variation, type VariedCs6, type VariedEstate } from './varied-estate.ts';

/* What is found on the stand-ins of the calendar servers, over SSH, in the dialects that a finder meets. */

const schema = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8')) as object;

interface EstateText {
  readonly ssh: object;
  readonly cs6: { readonly hosts: Readonly<Record<string, HostText>> };
  readonly cs7: { readonly hosts: Readonly<Record<string, HostText>>; readonly davadmin: object };
}

interface HostText {
  readonly address: string;
  readonly port: number;
  readonly http?: string;
}

/** Connects with what a person knows at the beginning: where the hosts are, and the password file of davadmin. */
async function find(estate: VariedEstate): Promise<readonly LookedHost[]> {
  const { ssh, cs6, cs7 } = parse(readFileSync(estate.file, 'utf8')) as EstateText;
  const content = stringify({
    ...{ version: 1, ssh, directory: { url: 'ldapi://none' } },
    cs6: { platform: 'solaris-sparc', hosts: withoutPlatform(cs6.hosts) },
    cs7: { davadmin: cs7.davadmin, hosts: cs7.hosts },
  });
  const { state, findings } = loadEstates([{ file: estate.file, content }], schema, { connectionsOnly: true });
  if (!state) throw new Error(JSON.stringify(findings));
  const { ports, close } = connectToExamine(state, {});
  try {
    return await findHosts({ ...state, hosts: state.hosts.map(({ http: _, ...host }) => host) }, ports);
  } finally {
    await close();
  }
}

function withoutPlatform(hosts: EstateText['cs6']['hosts']): EstateText['cs6']['hosts'] {
  const known = Object.entries(hosts).map(([name, { address, port, http = 'http://none:1' }]) => [
    name,
    { address, port, http },
  ]);
  return Object.fromEntries(known);
}

function urlOf(estate: VariedEstate, host: string): string | undefined {
  const { cs6, cs7 } = parse(readFileSync(estate.file, 'utf8')) as EstateText;
  return { ...cs6.hosts, ...cs7.hosts }[host]?.http;
}

async function withEstate(variation: Variation, action: (estate: VariedEstate) => Promise<void>): Promise<void> {
  const estate = await startVariedEstate('hosts', variation);
  try {
    await action(estate);
  } finally {
    await estate.stop();
  }
}

function server(dialect: Partial<Cs6Dialect> = {}, platform: VariedCs6['platform'] = 'solaris-sparc'): VariedCs6 {
  return { platform, backEnd: false, dialect };
}

/** What was found, `cs6.hosts.cs6-fe1.sbin` -> its value; without where the servers answer. */
function found(hosts: readonly LookedHost[]): Readonly<Record<string, unknown>> {
  const all = hosts.flatMap(host => host.found.map(({ path, value }) => [path.join('.'), value] as const));
  return Object.fromEntries(all.filter(([key]) => !key.endsWith('.http')));
}

function asked(hosts: readonly LookedHost[]): readonly string[] {
  return hosts.flatMap(({ choices }) => choices.map(({ path }) => path.join('.')));
}

it('hosts as they are installed need to be told of nothing but their platform', async () => {
  const variation = { cs6: { 'cs6-fe1': server() }, cs7: { 'cs7-fe1': { dialect: {} } } };
  await withEstate(variation, async estate => {
    const hosts = await find(estate);
    expect([found(hosts), asked(hosts)]).toEqual([{ 'cs6.platform': 'solaris-sparc' }, []]);
    expect(hosts.flatMap(({ findings }) => findings)).toEqual([]);
    expect(hosts.map(({ name, http }) => [name, http])).toEqual([
      ['cs6-fe1', urlOf(estate, 'cs6-fe1')],
      ['cs7-fe1', urlOf(estate, 'cs7-fe1')],
    ]);
    const [six, seven] = hosts;
    expect(six?.settings.get('service.http.idletimeout')).toBe('180');
    expect(six?.settings.get('local.enduseradmincred')).toBe('');
    expect(seven?.directory).toMatchObject({ uniqueId: 'davUniqueId', base: 'o=isp' });
    expect(seven?.settings.get('base.ldapinfo.cachesize')).toBe('1000');
    expect(findRoutes(hosts, new Map([['example.com', 3]]))).toEqual({
      found: [
        { path: ['freeBusyRedirect'], value: 'cs7-fe1' },
        { path: ['domains', 'example.com', 'cs6'], value: 'cs6-fe1' },
      ],
      choices: [],
      findings: [],
    });
  });
});

const places: readonly (readonly [Partial<Cs6Dialect>, VariedCs6['platform'], readonly string[]])[] = [
  [{ place: 'site', installRoot: 'base' }, 'solaris-x86', []],
  [{ place: 'site', installRoot: 'home' }, 'redhat', ['config']],
  [{ place: 'site', processNames: 'path' }, 'redhat', ['config']],
  [{ place: 'site' }, 'redhat', ['config', 'sbin']],
  [{ place: 'ha', cluster: 'refuses' }, 'solaris-sparc', ['restart']],
  [{ place: 'ha' }, 'redhat', []],
];

it.each(places)('the places of Calendar Server 6: %j on %s', async (dialect, platform, questions) => {
  await withEstate(
    { cs6: { 'cs6-fe1': server(dialect, platform) }, cs7: { 'cs7-fe1': { dialect: {} } } },
    async estate => {
      const hosts = await find(estate);
      const { 'cs6.platform': system, ...rest } = found(hosts);
      expect(system).toBe(platform);
      for (const [key, value] of Object.entries(rest)) expect(value, key).toBe(estate.truth(key.split('.')));
      const own = asked(hosts).filter(key => key.startsWith('cs6.'));
      expect(own.toSorted()).toEqual(questions.map(key => `cs6.hosts.cs6-fe1.${key}`));
      expect(hosts[0]?.http).toBe(questions.includes('config') ? undefined : urlOf(estate, 'cs6-fe1'));
    },
  );
});

it('a level that Solaris does not tell is asked for, that of Red Hat is not', async () => {
  const cs6 = {
    'cs6-fe1': server({ showrev: 'absent', patchadd: 'not-root' }),
    'cs6-fe2': server({ rpm: 'absent' }, 'redhat'),
    'cs6-be1': { ...server(), backEnd: true },
  };
  await withEstate({ cs6, cs7: { 'cs7-fe1': { dialect: {} } } }, async estate => {
    const hosts = await find(estate);
    expect(asked(hosts)).toEqual(['cs6.hosts.cs6-fe1.patch']);
    expect(found(hosts)).toEqual({ 'cs6.platform': 'solaris-sparc', 'cs6.hosts.cs6-fe2.platform': 'redhat' });
    expect(hosts.slice(0, 3).map(({ name, http, silent }) => [name, http !== undefined, silent])).toEqual([
      ['cs6-fe1', true, undefined],
      ['cs6-fe2', true, undefined],
      ['cs6-be1', false, true],
    ]);
  });
});

const sevens: readonly (readonly [Partial<Cs7Dialect>, readonly string[], readonly string[]])[] = [
  [{ container: 'glassfish2' }, [], []],
  [{ container: 'glassfish2-linux', domainCase: 'upper', domainList: 'name-status' }, [], []],
  [{ container: 'weblogic', processNames: 'path' }, ['cs7.container.type'], ['http', 'restart']],
  [{ container: 'weblogic' }, [], ['container.bin']],
  [{ domainFile: 'absent' }, [], ['http']],
  [{ domainFile: 'two-listeners' }, [], ['http']],
  [{ place: 'site', packages: 'pkginfo' }, ['cs7.home'], []],
  [{ place: 'site', packages: 'rpm', bareConfig: 'refused', unset: 'nothing' }, ['cs7.home'], []],
  [{ place: 'site' }, [], ['home']],
  [{ optionLine: 'two-lines', versionText: 'unknown' }, [], ['release']],
  [{ versionTakesUser: false, optionLine: 'equals' }, [], []],
];

it.each(sevens)('what Calendar Server 7 shows: %j', async (dialect, keys, questions) => {
  await withEstate({ cs6: { 'cs6-fe1': server() }, cs7: { 'cs7-fe1': { dialect } } }, async estate => {
    const hosts = await find(estate);
    const [seven] = hosts.slice(1);
    const { 'cs6.platform': _, ...facts } = found(hosts);
    expect(Object.keys(facts)).toEqual(keys);
    for (const key of keys) expect(facts[key], key).toBe(estate.truth(key.split('.')));
    expect([...asked(hosts)].sort()).toEqual(questions.map(key => `cs7.hosts.cs7-fe1.${key}`));
    expect(hosts.flatMap(({ findings }) => findings)).toEqual([]);
    if (!questions.some(key => /http|container/.test(key))) expect(seven?.http).toBe(urlOf(estate, 'cs7-fe1'));
    if (!questions.includes('home')) expect(seven?.directory.uniqueId).toBe('davUniqueId');
  });
});
