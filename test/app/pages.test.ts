import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listFolder, removeFile, replaceKeepingMode, replaceText } from '../../src/adapters/local/file-system.ts';
import { onlyReading } from '../../src/adapters/open-ports.ts';
import { withSample } from '../../src/app/site-folder.ts';
import { type PageOptions, pageCommand } from '../../src/cli/page-command.ts';
import { inSyncMemory } from '../drift/world.ts';
import { offline, replacing } from '../estate/offline.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { wordsOf } from '../report/html/page-elements.ts';

let folder: string;
let site: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-pages-'));
  site = join(folder, 'site');
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

interface Trouble {
  readonly file?: string;
  readonly down?: boolean;
  readonly now?: string;
  readonly cutAfter?: number;
}

/** Runs `page` over a fake estate, with real files in the folder of the pages and of the runs. */
async function page(options: Partial<PageOptions> = {}, trouble: Trouble = {}, memory: Memory = inSyncMemory()) {
  const files: Record<string, string> = { 'estate.yaml': trouble.file ?? text };
  const base = offline(files);
  const { ports } = memoryPorts(memory);
  const open = async () => {
    if (trouble.down) throw new Error('the network is down');
    return { ports: { ...onlyReading(ports, { hosts: [] }), mail: ports.mail }, close: async () => {} };
  };
  let writes = 0;
  const environment = replacing(base, {
    files: {
      ...{ list: listFolder, replace: replaceKeepingMode, remove: removeFile },
      read: async path => (path === 'estate.yaml' ? Buffer.from(files[path] ?? '') : readFileSync(path)),
      readEnd: async path => readFileSync(path),
    },
    clock: { now: () => trouble.now ?? '2026-12-08T10:00:00.000Z' },
    schemas: { read: name => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')) },
    connections: { toRead: open, toMail: open },
    watching: async () => ({
      ...{ elapsed: () => 0, chance: () => 0, pause: async () => {} },
      replaceText: async (path, content) => {
        if (++writes > (trouble.cutAfter ?? 1000)) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        await replaceText(path, content);
      },
      openNotifiers: () => Promise.reject(new Error('nobody is told')),
      openPing: () => Promise.reject(new Error('nothing is pinged')),
      openMetrics: () => Promise.reject(new Error('nothing is measured')),
    }),
  });
  const all: PageOptions = { format: 'text', color: false, output: site, runs: join(folder, 'runs'), ...options };
  const code = await pageCommand(['estate.yaml'], all, environment);
  return { code, ...base.said() };
}

const words = (file: string) => wordsOf(readFileSync(join(site, file), 'utf8'));
const memoryOf = () => JSON.parse(readFileSync(join(site, 'reconcile-pages.json'), 'utf8'));

/** A record of a run as a journal keeps it. */
function record(name: string, head: object = {}, more: readonly object[] = [], finished: object | null = {}) {
  const at = name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*/, '$1-$2-$3T$4:$5:$6.$7Z');
  const run = {
    line: 'run',
    formatVersion: 1,
    estate: 'example.com',
    plan: 'abc',
    desired: 'd',
    tool: '1',
    changes: 1,
  };
  const lines = [
    { at, ...run, accounts: { counted: 2, all: true }, ...head },
    ...more.map(line => ({ at, ...line })),
    ...(finished ? [{ at, line: 'finished', counts: { done: 1 }, converged: true, ...finished }] : []),
  ];
  mkdirSync(join(folder, 'runs'), { recursive: true });
  writeFileSync(join(folder, 'runs', `${name}.jsonl`), lines.map(line => `${JSON.stringify(line)}\n`).join(''));
}

const first = '20261120T100000000Z-00000001';
const second = '20261121T100000000Z-00000002';
const sixPages = ['audit.html', 'drift.html', 'index.html', 'runs.html', 'trends.html', 'verify.html'];

it('writes the pages of an estate', async () => {
  record(first, { actor: 'mona', commit: { id: 'a1b2c3d4e5f6' } });
  const { code, stdout } = await page();
  expect(stdout).toMatch(/7 pages written to .*site\.\n[\s\S]*Open .*site\/index\.html\.\n$/);
  expect(readdirSync(site).toSorted()).toEqual([...sixPages, `run-${first}.html`, 'reconcile-pages.json'].toSorted());
  expect(words('index.html')).toContain('Is live as the file says? Answer In sync');
  expect(words('runs.html')).toMatch(/mona Commit a1b2c3d/);
  expect(words(`run-${first}.html`)).toContain('The plan of this run is not in the records any more');
  expect(memoryOf()).toMatchObject({
    estate: 'example.com',
    samples: [{ differences: 0, accounts: { cs6: 2, cs7: 0 } }],
  });
  expect(code).toBe(4);
});

it('says of a run of a part what it was narrowed to, and claims nothing of the rest', async () => {
  record(first, { only: ['cs6-fe1'], except: ['vip'], origin: ['drift'] });
  await page();
  const shown = words(`run-${first}.html`);
  expect(shown).toMatch(/only cs6-fe1 .*except vip .*origin drift/);
  expect(shown).toContain('no difference left in what was chosen');
  record(first, { origin: ['drift'] });
  await page();
  expect(words(`run-${first}.html`)).toContain('no difference left in what was chosen');
});

it('draws the page of a run once, and again when its record has changed', async () => {
  record(first, {}, [], null);
  await page();
  expect(words(`run-${first}.html`)).toContain('Not finished');
  writeFileSync(join(site, `run-${first}.html`), 'kept');
  await page();
  expect(readFileSync(join(site, `run-${first}.html`), 'utf8')).toBe('kept');
  record(first);
  await page();
  expect(words(`run-${first}.html`)).toContain('Done Read again');
  writeFileSync(join(site, `run-${first}.html`), 'kept');
  await page({ names: true });
  expect(readFileSync(join(site, `run-${first}.html`), 'utf8')).not.toBe('kept');
});

it('removes the pages of runs that are gone, and touches nothing else', async () => {
  record(first);
  record(second);
  await page();
  rmSync(join(folder, 'runs', `${first}.jsonl`));
  const others = ['notes.html', `run-${first}.txt`, 'run-me.html', 'run-.html', `.run-${first}.html`, 'CNAME'];
  for (const name of others) writeFileSync(join(site, name), 'of somebody else');
  const { stdout } = await page();
  expect(stdout).toContain('1 old page removed');
  expect(readdirSync(site)).not.toContain(`run-${first}.html`);
  expect(Object.keys(memoryOf().runs)).toEqual([second]);
  for (const name of others) expect(readFileSync(join(site, name), 'utf8')).toBe('of somebody else');
});

it('keeps the pages of runs while records cannot be read', async () => {
  record(first);
  await page();
  const { code } = await page({}, { down: true });
  expect(code).toBe(1);
  expect(readdirSync(site)).toContain(`run-${first}.html`);
  expect(words('index.html')).toContain('Is live as the file says? Answer Not known');
  expect(memoryOf().runs[first]).toBeDefined();
});

describe('a folder of something else', () => {
  it.each(sixPages)('is not written to where it has %s', async name => {
    mkdirSync(site);
    writeFileSync(join(site, name), 'my own');
    const { code, stderr } = await page();
    expect([code, stderr]).toEqual([1, expect.stringContaining('page.not-ours')]);
    expect(readdirSync(site)).toEqual([name]);
    expect(readFileSync(join(site, name), 'utf8')).toBe('my own');
  });

  it('may have other files', async () => {
    mkdirSync(site);
    writeFileSync(join(site, 'CNAME'), 'status.example.com');
    expect((await page()).code).toBe(4);
  });

  it('is not written to where it is of another estate', async () => {
    await page();
    const before = readFileSync(join(site, 'index.html'), 'utf8');
    const { code, stderr } = await page({}, { file: text.replace('name: example.com', 'name: other.example') });
    expect([code, stderr]).toEqual([1, expect.stringContaining('page.other-estate')]);
    expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(before);
  });

  it.each([
    'no JSON',
    '{"formatVersion":2,"estate":"example.com","samples":[],"runs":{}}',
    '{"formatVersion":1,"estate":"example.com","samples":[{"at":"yesterday"}],"runs":{}}',
    '{"formatVersion":1,"estate":"example.com","samples":[{"at":"2026-12-01T00:00:00Z","differences":-1}],"runs":{}}',
    '{"formatVersion":1,"estate":"example.com","samples":[],"runs":{"x":{"drawn":1}}}',
  ])('keeps numbers of earlier days that it cannot read: %s', async content => {
    mkdirSync(site);
    writeFileSync(join(site, 'reconcile-pages.json'), content);
    const { code, stderr } = await page();
    expect([code, stderr]).toEqual([1, expect.stringContaining('page.history-unreadable')]);
    expect(readFileSync(join(site, 'reconcile-pages.json'), 'utf8')).toBe(content);
  });
});

it('a link in the place of a page is replaced, and not what it leads to', async () => {
  await page();
  const secret = join(folder, 'secret.txt');
  writeFileSync(secret, 'kept');
  rmSync(join(site, 'drift.html'));
  symlinkSync(secret, join(site, 'drift.html'));
  await page();
  expect(readFileSync(secret, 'utf8')).toBe('kept');
  expect(words('drift.html')).toContain('In sync');
});

it.each([0, 1, 3, 6])('a disk that is full after %i pages leaves whole pages, and says so', async cutAfter => {
  record(first);
  await page();
  const before = readFileSync(join(site, 'index.html'), 'utf8');
  record(second);
  const { code, stderr } = await page({}, { cutAfter, now: '2026-12-09T10:00:00.000Z' });
  expect([code, stderr]).toEqual([1, expect.stringContaining('file.unwritable')]);
  expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(before);
  for (const name of readdirSync(site).filter(one => one.endsWith('.html')))
    expect(readFileSync(join(site, name), 'utf8')).toMatch(/<\/html>\n$/);
  expect((await page({}, { now: '2026-12-10T10:00:00.000Z' })).code).toBe(4);
  expect(readdirSync(site)).toContain(`run-${second}.html`);
});

describe('records are untrusted', () => {
  it.each([
    {
      head: { actor: 17, commit: 'x', signers: 'jane', allowed: [1], accounts: null, only: { a: 1 }, origin: 'drift' },
    },
    { head: { commit: { id: 5 }, direction: 'sideways', changes: 'many', undoes: [1, 'x'] } },
    { head: { commit: { id: 'a', link: 'javascript:alert(1)', pullRequest: { name: 'x', link: 'data:x' } } } },
    { head: { job: 'https://ci.example.com/?token=secret-token-1', actor: 'x' } },
    { head: {}, finished: { counts: 'none', targets: [null, 1, { target: {}, counts: { done: 'x' } }] } },
  ])('%o makes a page all the same', async ({ head, finished = {} }) => {
    record(first, head, [], finished);
    expect((await page()).code).toBe(4);
    const all = readFileSync(join(site, `run-${first}.html`), 'utf8') + readFileSync(join(site, 'runs.html'), 'utf8');
    expect(all).not.toMatch(/javascript:|data:x|secret-token-1/);
  });

  it.each(['..%2Findex', 'x', '20261120T100000000Z-0000000G', '99999999T999999999Z-00000001'])(
    'a run called %s leads nowhere',
    async name => {
      record(name);
      expect((await page()).code).toBe(4);
      expect(readdirSync(site).filter(one => one.startsWith('run-')).length).toBe(/^9+T/.test(name) ? 1 : 0);
    },
  );
});

it('without --names no name of the accounts is in any file', async () => {
  const memory = inSyncMemory();
  for (const { attributes } of memory.entries ?? []) attributes['davStore'] = ['elsewhere'];
  await page({}, {}, memory);
  const all = readdirSync(site).map(name => readFileSync(join(site, name), 'utf8'));
  expect(all.join('')).not.toMatch(/uid=|anna|ben@|o=isp/);
  expect(words('drift.html')).toContain('2 accounts');
  await page({ names: true }, {}, memory);
  expect(readFileSync(join(site, 'drift.html'), 'utf8')).toContain('uid=anna');
});

it('a page with names does not stay among pages without, also where its run cannot be read any more', async () => {
  record(first);
  await page({ names: true });
  expect(readdirSync(site)).toContain(`run-${first}.html`);
  await page({}, { down: true });
  expect(readdirSync(site)).not.toContain(`run-${first}.html`);
  await page();
  expect(readdirSync(site)).toContain(`run-${first}.html`);
});

it('a file without a name that can be read makes no pages', async () => {
  const { code, stderr } = await page({}, { file: 'version: 1\n' });
  expect([code, readdirSync(folder).includes('site')]).toEqual([1, false]);
  expect(stderr).not.toBe('');
});

it('a broken file makes pages that say so, where it is known whose they are', async () => {
  await page();
  const { code } = await page({}, { file: 'version: 1\n' });
  expect(code).toBe(1);
  expect(words('index.html')).toContain('Not known Is live as the file says?');
  expect(memoryOf().samples).toHaveLength(1);
});

describe('numbers of earlier days', () => {
  const sample = (at: string, differences = 0) => ({ at, differences });

  it('are kept all for two days, and then one a day', () => {
    const hours = Array.from({ length: 24 * 10 }, (_, i) => new Date(Date.UTC(2026, 10, 1, i)).toISOString());
    const kept = hours.reduce<readonly { at: string }[]>((all, at) => withSample(all, sample(at)), []);
    expect(kept.length).toBeGreaterThan(48);
    expect(kept.length).toBeLessThan(48 + 12);
    expect(kept.at(-1)?.at).toBe(hours.at(-1));
    expect(kept.at(0)?.at).toBe('2026-11-01T23:00:00.000Z');
  });

  it('of a clock that was ahead, or behind, are kept in their order', () => {
    const [early, late] = [sample('2026-11-01T00:00:00.000Z'), sample('2027-01-01T00:00:00.000Z')];
    const kept = withSample([early, late], sample('2026-11-02T00:00:00.000Z'));
    expect(kept.map(({ at }) => at.slice(0, 10))).toEqual(['2026-11-01', '2026-11-02', '2027-01-01']);
  });

  it('are drawn once their time has come', async () => {
    await page({}, { now: '2027-01-01T00:00:00.000Z' });
    await page({}, { now: '2026-12-08T10:00:00.000Z' });
    expect(memoryOf().samples).toHaveLength(2);
    expect(words('trends.html')).toContain('1 check recorded');
  });
});
