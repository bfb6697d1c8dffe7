import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { connectionsOf } from '../../src/core/connection.ts';
import { hostsOf } from '../../src/core/desired.ts';
import { loadEstate, loadEstates } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';
import { offline, replacing } from './offline.ts';

const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');
const [head = '', rest = ''] = chapter.split(/(?=^cs7:$)/m);

function load(files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) {
  const sources = Object.entries(files).map(([file, content]) => ({ file, content }));
  return loadEstates(sources, estateSchema, { environment });
}

function places(files: Readonly<Record<string, string>>) {
  return load(files).findings.map(({ code, where }) => `${where?.file}:${where?.line} ${code}`);
}

describe('several files', () => {
  it('are one estate, whichever part stands in which', () => {
    const whole = loadEstate('base.yaml', chapter, estateSchema).state;
    const { state, findings } = load({ 'base.yaml': head, 'prod.yaml': `version: 1\n${rest}` });
    expect(findings).toEqual([]);
    expect(hostsOf(state ?? { hosts: [] }, 'cs6')).toEqual(
      hostsOf(whole ?? { hosts: [] }, 'cs6').map(host => ({
        ...host,
        settings: hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.settings,
      })),
    );
    expect(hostsOf(state ?? { hosts: [] }, 'cs7')[0]?.http).toBe(hostsOf(whole ?? { hosts: [] }, 'cs7')[0]?.http);
    expect(state?.cohorts.map(c => c.name)).toEqual(whole?.cohorts.map(c => c.name));
  });

  it('maps are merged by key, however deep', () => {
    const more = 'version: 1\ncs6: { hosts: { cs6: { port: 2022 }, fe2: { address: fe2, http: "http://fe2:80" } } }\n';
    const { state } = load({ 'base.yaml': chapter, 'more.yaml': more });
    expect(
      hostsOf(state ?? { hosts: [] }, 'cs6').map(({ name, access }) => [name, access.address, access.port]),
    ).toEqual([
      ['cs6', 'cs6server.example.com', 2022],
      ['fe2', 'fe2', undefined],
    ]);
  });

  it('places point into the right file', () => {
    const more = 'version: 1\n\ncs6: { hosts: { fe2: { address: fe2, http: "http://fe2:80" } } }\n';
    const { state } = load({ 'base.yaml': chapter, 'more.yaml': more });
    expect(hostsOf(state ?? { hosts: [] }, 'cs6')[1]?.source).toEqual({ file: 'more.yaml', line: 3, column: 17 });
    const wrong = more.replace('address: fe2', 'adress: fe2').replace(':80', '');
    expect(places({ 'base.yaml': chapter, 'more.yaml': wrong })).toEqual([
      'more.yaml:3 estate.unknown-key',
      'more.yaml:3 estate.url-without-port',
    ]);
    expect(places({ 'base.yaml': chapter.replace('bindDn', 'bindDN'), 'more.yaml': wrong })).toEqual([
      'base.yaml:9 estate.unknown-key',
      'more.yaml:3 estate.unknown-key',
      'more.yaml:3 estate.url-without-port',
    ]);
  });

  it('relative paths are beside the file they stand in', () => {
    const base = chapter.replace('  tls: { ca: pki/ca.pem }\n', '').replace('{ env: LDAP_PASSWORD }', '{ file: pw }');
    const more = 'version: 1\ndirectory: { tls: { ca: pki/ca.pem } }\n';
    const { state } = load({ 'sites/base.yaml': base, 'sites/prod/more.yaml': more });
    expect(state?.directory.tls.ca).toBe('sites/prod/pki/ca.pem');
    expect(state?.directory.password).toEqual({ file: 'sites/pw' });
    expect(hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.access.knownHosts).toBe('sites/known_hosts');
  });

  it('may say the same again', () => {
    expect(load({ 'a.yaml': chapter, 'b.yaml': chapter }).findings).toEqual([]);
  });

  it.each([
    ['a text', 'name: example.org\n'],
    ['a number', 'cs6: { minimumPatch: 45 }\n'],
    ['a list', 'cs7: { backends: [defaultbackend, other] }\n'],
    ['a kind', 'ssh: { identity: keys/a }\n'],
    ['a map and a value', 'domains: none\n'],
  ])('%s that differs is a conflict, and both places are named', (_, text) => {
    const { state, findings } = load({ 'base.yaml': chapter, 'prod.yaml': `version: 1\n${text}` });
    expect(state).toBeUndefined();
    expect(findings.map(f => [f.code, f.where?.file, f.where?.line])).toEqual([['estate.conflict', 'prod.yaml', 2]]);
    expect(findings[0]?.detail).toMatch(/base\.yaml:\d+/);
  });

  it('a conflict shows no secret', () => {
    const { findings } = load({
      'base.yaml': chapter.replace('{ env: LDAP_PASSWORD }', 'canary-1'),
      'prod.yaml': 'version: 1\ndirectory:\n  password: canary-2\n',
    });
    expect(findings.map(f => f.code)).toEqual(['estate.literal-secret', 'estate.conflict']);
    expect(JSON.stringify(findings)).not.toContain('canary');
  });

  it('each says its version', () => {
    expect(places({ 'base.yaml': chapter, 'prod.yaml': '# overlay\nname: example.com\n' })).toEqual([
      'prod.yaml:2 estate.missing-key',
    ]);
    expect(places({ 'base.yaml': chapter, 'prod.yaml': 'version: 2\n' })).toEqual(['prod.yaml:1 estate.conflict']);
  });

  it('what is wrong with each alone is told for all', () => {
    expect(places({ 'a.yaml': 'version: [\n', 'b.yaml': '', 'c.yaml': 'a: &x 1\n' })).toEqual([
      'a.yaml:2 estate.yaml-syntax',
      'b.yaml:1 estate.empty',
      'c.yaml:1 estate.alias',
    ]);
  });
});

describe('${env:NAME}', () => {
  const asked = chapter
    .replace('name: example.com', 'name: ${env:SITE} estate')
    .replace('"http://cs6server.example.com:8080"', '"http://${env:CS6}:${env:PORT}"')
    .replace('base: o=isp', 'base: "${env:BASE}"');

  it('is replaced where it may stand', () => {
    const { state, findings } = load({ 'e.yaml': asked }, { SITE: 'rome', CS6: 'fe1', PORT: '81', BASE: 'o=x' });
    expect(findings).toEqual([]);
    expect([state?.name, hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.http, state?.directory.base]).toEqual([
      'rome estate',
      'http://fe1:81',
      'o=x',
    ]);
  });

  it('each one that is not set is named', () => {
    const { state, findings } = load({ 'e.yaml': asked }, { SITE: 'rome', CS6: 'fe1', PORT: '' });
    expect(state).toBeUndefined();
    expect(findings.map(f => [f.code, f.detail.split(' ')[0]])).toEqual([
      ['estate.env-unset', 'BASE'],
      ['estate.env-unset', 'PORT'],
    ]);
  });

  it('what comes in is checked like what stands there', () => {
    const { findings } = load({ 'e.yaml': asked }, { SITE: 'rome', CS6: 'f e/x', PORT: '81', BASE: 'o=x' });
    expect(findings.map(f => f.code)).toEqual(['estate.wrong-form']);
  });

  it('what comes in asks for nothing more', () => {
    const { state } = load({ 'e.yaml': asked }, { SITE: '${env:BASE}', CS6: 'fe1', PORT: '81', BASE: 'o=x' });
    expect(state?.name).toBe('${env:BASE} estate');
  });
});

describe('the command line', () => {
  const files = { 'base.yaml': head, 'prod.yaml': `version: 1\n${rest}` };

  it.each([
    ['validate', 'base.yaml', 'prod.yaml'],
    ['validate', '-f', 'base.yaml', '-f', 'prod.yaml'],
    ['validate', '--file', 'base.yaml', 'prod.yaml'],
    ['-f', 'base.yaml', 'validate', '-f', 'prod.yaml'],
    ['validate', '-f', 'base.yaml', 'base.yaml', 'prod.yaml'],
  ])('%s %s %s %s %s', async (...words) => {
    const environment = offline(files);
    expect(await runCommandLine(words.filter(Boolean), environment)).toBe(0);
    expect(environment.said().stdout).toBe('base.yaml, prod.yaml: valid\n');
  });

  it.each([
    ['--check', 'base.yaml', 'prod.yaml'],
    ['--check', '-f', 'base.yaml', '-f', 'prod.yaml'],
    ['plan', '-f', 'base.yaml', '-f', 'prod.yaml'],
    ['apply', 'base.yaml', '-f', 'prod.yaml'],
  ])('%s %s %s %s %s loads both, and goes on to connect', async (...words) => {
    const toRead = () => Promise.reject(new Error('connected'));
    const environment = replacing(offline(files), { connections: { toRead, toWrite: toRead } });
    await expect(runCommandLine(words.filter(Boolean), environment)).rejects.toThrow('connected');
  });

  it('names each file that cannot be read', async () => {
    const environment = offline(files);
    expect(await runCommandLine(['validate', 'base.yaml', 'a.yaml', 'b.yaml'], environment)).toBe(1);
    expect(environment.said().stdout).toMatch(/a\.yaml: there is no such file[\s\S]*b\.yaml: there is no such file/);
  });

  it('takes the environment of the process', async () => {
    const environment = offline(
      { 'estate.yaml': chapter.replace('name: example.com', 'name: ${env:SITE}') },
      { SITE: 'x' },
    );
    expect(await runCommandLine(['validate'], environment)).toBe(0);
  });
});

describe('the variables of a file that is not trusted', () => {
  const environment = { DEPLOY_TOKEN: 'token-4711', SITE: 'example.com' };
  const withName = (name: string) => chapter.replace(/^name: .*$/m, () => `name: ${name}`);
  const loadUntrusted = (name: string) =>
    loadEstates([{ file: 'estate.yaml', content: withName(name) }], estateSchema, {
      environment,
      variables: new Set(['SITE']),
    });

  it('are those that the trusted revision asks for', () => {
    expect(loadEstates([{ file: 'a', content: withName('"${env:SITE}"') }], estateSchema).variables).toEqual(['SITE']);
    expect(loadUntrusted('"${env:SITE}"').state?.name).toBe('example.com');
  });

  it.each(['"${env:DEPLOY_TOKEN}"', '"a ${env:SITE} ${env:DEPLOY_TOKEN}"', '"${env:HOME}"'])(
    'and no others: %s',
    name => {
      const { state, findings } = loadUntrusted(name);
      expect(state).toBeUndefined();
      expect(findings.map(({ code }) => code)).toEqual(['estate.env-untrusted']);
      expect(JSON.stringify(findings)).not.toContain('token-4711');
    },
  );
});

describe('a file of connections', () => {
  const [above = ''] = chapter.split(/(?=^domains:$)/m);
  const bare = above.replace(/^ *(name|base|backends|minimumPatch): .*\n/gm, '');
  const loadBare = (text: string) =>
    loadEstates([{ file: 'c.yaml', content: text }], estateSchema, { connectionsOnly: true });

  it('says how targets are reached, and needs nothing else', () => {
    const whole = loadEstate('c.yaml', chapter, estateSchema).state;
    expect(bare).not.toMatch(/backends|name:|base:/);
    const { state, findings } = loadBare(bare);
    expect(findings).toEqual([]);
    if (!state || !whole) throw new Error('not loaded');
    expect([...connectionsOf(state)]).toEqual([...connectionsOf(whole)]);
  });

  it('may be a whole estate file, of which the rest is passed over', () => {
    const text = chapter.replace('(departmentNumber=Finance)', '(not a filter');
    const { state, findings } = loadBare(text);
    expect(findings).toEqual([]);
    expect(state?.cohorts.map(({ name }) => name)).toEqual(['all']);
  });

  it('is checked as one', () => {
    const wrong = loadBare(bare.replace('bindDn', 'bindDN'));
    expect(wrong.findings.map(({ code }) => code)).toContain('directory.login-incomplete');
  });
});

it.each(['github', 'sarif'])(
  '%s names a file from the root of the repository, wherever the command is run',
  async format => {
    const environment = offline({ 'estate.yaml': 'version: 2\n' });
    const files = { ...environment.files, pathInRepository: (file: string) => `sites/north/${file}` };
    expect(await runCommandLine(['validate', '--format', format], { ...environment, files })).toBe(1);
    const { stdout } = environment.said();
    expect(stdout).toMatch(
      format === 'github' ? /::error file=sites\/north\/estate\.yaml,/ : /"uri": "sites\/north\/estate\.yaml"/,
    );
    const text = offline({ 'estate.yaml': 'version: 2\n' });
    await runCommandLine(['validate'], { ...text, files });
    expect(text.said().stdout + text.said().stderr).toMatch(/^estate\.yaml:/);
  },
);
