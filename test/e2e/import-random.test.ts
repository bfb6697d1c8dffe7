import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { reconcile, reportOf } from './cli.ts';
import { seedsOf } from './draw-variation.ts';
import { drawSite, type RandomSite, redirect, switches } from './random-site.ts';
import { inWords, startVariedEstate, users, type VariedEstate } from './varied-estate.ts';

/*
 * Sites that nobody here has configured, drawn by a seed: 1 to 6 hosts a side that answer in the dialects of the lab, any mixture
 * of settings, any state of the accounts. Each is imported; planning what is must come out empty, which means: all that is
 * planned is what coexistence needs, as the test works it out from what it drew. IMPORT_SEEDS names other seeds: `17`, `1-40`.
 */
const seeds = seedsOf(process.env['IMPORT_SEEDS'] ?? '1-4,7');

/** How often the administrator answers a refusal before giving up. */
const rounds = 8;

interface Imported {
  readonly file: string;
  readonly stated: readonly string[];
  readonly code: number;
  readonly said: string;
}

/** Imports, and answers what is left to decide with the truth, as each refusal says it. */
async function importAndAnswer(estate: VariedEstate, adopt: readonly string[]): Promise<Imported> {
  const file = join(estate.folder, 'imported.yaml');
  const hosts = (side: string) => [...estate.hosts].filter(name => name.startsWith(side)).join(',');
  const words = [
    '--cs6',
    hosts('cs6'),
    '--cs7',
    hosts('cs7'),
    '--ldap',
    estate.directory.url,
    '--bind-dn',
    estate.bindDn,
  ];
  const login = ['--password-env', 'LDAP_PASSWORD', '--davadmin-file', '/etc/opt/davadmin.clifile'];
  const stated: string[] = [];
  const answers: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const all = [
      'import',
      ...words,
      ...login,
      '--set',
      `ssh.config=${estate.sshConfig}`,
      ...adopt,
      ...answers,
      '-o',
      file,
    ];
    const ran = await reconcile(all, estate.environment);
    const said = `${ran.stdout}${ran.stderr}`;
    if (ran.code === 0 || ran.code === 2) return { file, stated, code: ran.code, said };
    expect(existsSync(file), said).toBe(false);
    const fresh = toDecide(said).filter(key => !stated.includes(key));
    if (ran.code !== 3 || fresh.length === 0)
      throw new Error(`exit ${ran.code}, having stated ${stated.join(', ')}:\n${said}`);
    for (const key of fresh) {
      stated.push(key);
      answers.push(...answerTo(key, estate, said));
    }
  }
  throw new Error(`not imported after ${rounds} rounds, having stated ${stated.join(', ')}`);
}

/** What a refusal asks for: `--redirect`, `--map DOMAIN`, or the key behind `--set`. */
function toDecide(said: string): readonly string[] {
  const keys = [...said.matchAll(/^ +--set '?([\w."-]+)=/gm)].map(([, key = '']) => key);
  const maps = [...said.matchAll(/^ +--map '?([\w.-]+)=/gm)].map(([, domain]) => `--map ${domain}`);
  return [...new Set([...keys, ...maps, ...(/^ +--redirect [\w-]/m.test(said) ? ['--redirect'] : [])])];
}

function answerTo(key: string, estate: VariedEstate, said: string): readonly string[] {
  if (key === '--redirect') return ['--redirect', 'cs7-fe1'];
  if (key === '--map DOMAIN') return ['--map', 'example.com=cs6-fe1'];
  if (key.startsWith('--map ')) return ['--map', `${key.slice('--map '.length)}=cs6-fe1`];
  const path = [...key.matchAll(/[\w-]+|"[^"]+"/g)].map(([name]) => name.replaceAll('"', ''));
  const value = estate.truth(path);
  if (value === undefined) throw new Error(`the test knows no answer for ${key}:\n${said}`);
  return ['--set', `${key}=${JSON.stringify(value)}`];
}

/** The kinds that only move or change accounts: what is must not ask for any of it. */
const ofPeople = ['ldap-cohort', 'ldap-login', 'cs6-calendar'];

interface Wanted {
  readonly freeBusyRedirect: string;
  readonly cs6: {
    readonly settings?: object;
    readonly hosts: Readonly<Record<string, { readonly settings?: object } | null>>;
  };
  readonly cs7: { readonly hosts: Readonly<Record<string, { readonly http: string }>> };
}

/** The keys that the ics.conf of a host has otherwise than coexistence needs them. */
function neededOf(
  host: string,
  site: RandomSite,
  estate: VariedEstate,
  { freeBusyRedirect, cs7 }: Wanted,
): readonly string[] {
  const plain = site.icsConf.get(host)?.plain ?? new Map<string, string>();
  const off = Object.entries(switches).flatMap(([key, { right }]) => (plain.get(key) === right ? [] : [key]));
  const leadsTo = plain.get(redirect.key) ?? '';
  const right = (estate.urls.get(leadsTo) ?? leadsTo) === cs7.hosts[freeBusyRedirect]?.http;
  return [...off, ...(right ? [] : [redirect.key])];
}

async function expectOnlyNeeds({ file }: Imported, site: RandomSite, estate: VariedEstate): Promise<void> {
  const { plan } = reportOf(await reconcile(['check', file, '--format', 'json'], estate.environment));
  const wanted: Wanted = parse(readFileSync(file, 'utf8'));
  expect(plan.unread, 'nothing is unread').toEqual([]);
  expect(plan.steps.filter(({ kind }) => ofPeople.includes(kind)).flatMap(({ changes }) => [...changes])).toEqual([]);
  for (const host of site.icsConf.keys()) {
    const planned = plan.steps.filter(({ target, kind }) => target === host && kind === 'cs6-ics-conf');
    const keys = planned.flatMap(({ changes }) => changes.map(({ key }) => key));
    expect([...keys].sort(), host).toEqual([...neededOf(host, site, estate, wanted)].sort());
  }
  const lines = plan.steps.filter(({ kind }) => kind === 'cs7-domain-map').flatMap(({ changes }) => [...changes]);
  for (const { key } of lines) expect(ownDomains).toContain(key);
  const options = plan.steps.filter(({ kind }) => kind === 'cs7-davadmin').flatMap(({ changes }) => [...changes]);
  for (const { key } of options) expect(coexistenceOptions).toContain(key);
}

/** The domains of the accounts; a partner's line stays. */
const ownDomains = ['example.com', 'branch.example.org'];

const coexistenceOptions = ['davcore.uriinfo.subjectattributes', 'davcore.scheduling.localuserattr'];

/** Every key that is in order, with its value and no other; nothing of the keys of coexistence, of secrets, and of odd lines. */
function expectAdopted({ file }: Imported, site: RandomSite): void {
  const { cs6 }: Wanted = parse(readFileSync(file, 'utf8'));
  for (const [host, { plain }] of site.icsConf) {
    const has: Readonly<Record<string, unknown>> = { ...cs6.settings, ...cs6.hosts[host]?.settings };
    const own = [...plain].filter(([key]) => !(key in switches) && !unlike.includes(key) && !/cred|passw/.test(key));
    const drawn = Object.entries(has).filter(([key]) => !unlike.includes(key));
    expect(Object.fromEntries(drawn), host).toEqual(Object.fromEntries(own.filter(([key]) => key in has)));
    expect(own.filter(([key]) => !(key in has)).map(([key]) => key)).toEqual([]);
  }
}

/** Keys that follow from other things than what was drawn here. */
const unlike = [
  redirect.key,
  'service.http.port',
  'service.http.enable',
  'local.server.ha.enabled',
  'local.server.ha.agent',
];

/** What the directory says of where each account is. */
function storesOf(estate: VariedEstate): readonly string[] {
  return estate.accounts.map(dn => `${dn}: ${estate.directory.entry(dn)?.attributes['davStore']?.join() ?? 'none'}`);
}

describe.concurrent('a site that nobody here has seen', () => {
  it.each(seeds)('seed %i', async seed => {
    const site = drawSite(seed);
    const estate = await startVariedEstate(`site ${seed}`, site.variation);
    try {
      const before = storesOf(estate);
      const adopts = seed % 2 === 0;
      const imported = await importAndAnswer(estate, adopts ? ['--adopt', 'all'] : []);
      await expectOnlyNeeds(imported, site, estate);
      if (adopts) expectAdopted(imported, site);
      expect(storesOf(estate)).toEqual(before);
      process.stdout.write(
        `seed ${seed}: ${users} users, ${site.people}; stated: ${imported.stated.join(', ') || 'nothing'}\n`,
      );
    } catch (error) {
      if (error instanceof Error)
        error.message = `seed ${seed}: ${site.people}\n${inWords(site.variation)}\n${error.message}`;
      throw error;
    } finally {
      await estate.stop();
    }
  });
});
