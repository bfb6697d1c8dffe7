import { diffLines } from 'diff';
import { describe, expect, it } from 'vitest';
import {
  accept,
  entry,
  estateText,
  secondCsv,
  setDomain,
  setKey,
  setOption,
  setStore,
  type World,
  worldOf,
} from './accept-world.ts';

/** The lines of a file that differ from what they were. */
function changed(world: World, file = 'estate.yaml', before = estateText): readonly string[] {
  return diffLines(before, String(world.files[file])).flatMap(({ added, removed, value }) =>
    added || removed
      ? value
          .replace(/\n$/, '')
          .split('\n')
          .map(line => `${added ? '+' : '-'}${line}`)
      : [],
  );
}

/** Nothing was written, and the codes say why. */
async function refused(
  world: World,
  names: readonly string[],
  codes: readonly string[],
  options = {},
): Promise<string> {
  const before = { ...world.files };
  const { code, stdout } = await accept(world, names, { format: 'json', ...options });
  expect(world.files).toEqual(before);
  const report: { findings: { code: string; detail: string }[] } = JSON.parse(stdout);
  expect([code, report.findings.map(one => one.code)], stdout).toEqual([3, codes]);
  return report.findings.map(one => one.detail).join('\n');
}

const timeout = 'service.http.idletimeout';

describe('own settings', () => {
  it('gets a key at the host where the value stands at the side', async () => {
    const world = worldOf();
    setKey(world, 'fe1', timeout, '300');
    const { code, stdout, stderr } = await accept(world, [`fe1:${timeout}`]);
    expect([code, stderr]).toEqual([0, '']);
    expect(changed(world)).toEqual([
      '-    fe1: { address: fe1.example.com, http: "http://fe1.example.com:8080" }',
      '+    fe1: { address: fe1.example.com, http: "http://fe1.example.com:8080", settings: { service.http.idletimeout: "300" } }',
    ]);
    expect(stdout).toContain('fe1  service.http.idletimeout  "120" -> "300"  estate.yaml:14\n\n--- estate.yaml');
    expect(stdout).toMatch(/\nWritten: estate\.yaml\.\nA plan shows that the 1 accepted difference is gone/);
  });

  it('is edited at the side where every host has the new value, also those that are not named', async () => {
    const world = worldOf();
    for (const host of ['fe1', 'fe2']) setKey(world, host, timeout, '300');
    const { code, stdout } = await accept(world, [`fe2:${timeout}`], { format: 'json' });
    expect(code).toBe(0);
    expect(changed(world)).toEqual([
      '-    service.http.idletimeout: "120"   # seconds',
      '+    service.http.idletimeout: "300"   # seconds',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'accept',
      estate: 'example.com',
      exitCode: 0,
      accepted: [
        { target: 'fe1', key: timeout, expected: '120', accepted: '300', where: { file: 'estate.yaml', line: 14 } },
        { target: 'fe2', key: timeout, expected: '120', accepted: '300', where: { file: 'estate.yaml', line: 14 } },
      ],
      files: [{ file: 'estate.yaml', diff: expect.stringContaining('+    service.http.idletimeout: "300"') }],
    });
  });

  it('goes to each host where they differ from each other', async () => {
    const world = worldOf();
    setKey(world, 'fe1', timeout, '300');
    setKey(world, 'fe2', timeout, '301');
    expect((await accept(world, [`fe1:${timeout},fe2:${timeout}`.split(',')].flat())).code).toBe(0);
    expect(changed(world).filter(line => line.startsWith('+'))).toEqual([
      '+    fe1: { address: fe1.example.com, http: "http://fe1.example.com:8080", settings: { service.http.idletimeout: "300" } }',
      '+      settings: { service.http.maxsessions: \'5000\', service.http.idletimeout: "301" }   # a large one',
    ]);
  });

  it('is edited at the host where it stands there, in its quotes; what is not set becomes ~', async () => {
    const world = worldOf();
    setKey(world, 'fe2', 'service.http.maxsessions', '6000');
    for (const host of ['fe1', 'fe2']) {
      setKey(world, host, timeout);
      setKey(world, host, 'local.rfc822header.allow8bit', 'yes');
    }
    const names = ['fe2:service.http.maxsessions', `fe1:${timeout}`, 'fe1:local.rfc822header.allow8bit'];
    expect((await accept(world, names)).code).toBe(0);
    expect(changed(world)).toEqual([
      '-    service.http.idletimeout: "120"   # seconds',
      '-    local.rfc822header.allow8bit: ~',
      '+    service.http.idletimeout: ~   # seconds',
      '+    local.rfc822header.allow8bit: "yes"',
      "-      settings: { service.http.maxsessions: '5000' }   # a large one",
      "+      settings: { service.http.maxsessions: '6000' }   # a large one",
    ]);
  });

  it('counts options of davadmin, and words that a list lost', async () => {
    const world = worldOf();
    setOption(world, 'cs7a', 'base.ldapinfo.cachettl', '30');
    for (const host of ['cs7a', 'cs7b'])
      setOption(world, host, 'service.dav.ischedulewhitelist', '10.0.0.1 192.0.2.11');
    const names = ['cs7a:base.ldapinfo.cachettl', 'cs7b:service.dav.ischedulewhitelist'];
    expect((await accept(world, names)).code).toBe(0);
    expect(changed(world).filter(line => line.startsWith('+'))).toEqual([
      '+    service.dav.ischedulewhitelist: { include: [192.0.2.11] }',
      '+    cs7a: { address: cs7a.example.com, http: "http://cs7a.example.com:8080", settings: { base.ldapinfo.cachettl: "30" } }',
    ]);
  });
});

describe('mail domains', () => {
  const route = (host: string) => `http://${host}.example.com:8080/ischedule/`;

  it('get the CS6 host whose URL all maps have', async () => {
    const world = worldOf();
    for (const host of ['cs7a', 'cs7b']) setDomain(world, host, 'example.org', route('fe2'));
    expect((await accept(world, ['cs7a:example.org'])).code).toBe(0);
    expect(changed(world)).toEqual(['-  example.org: { cs6: fe1 }', '+  example.org: { cs6: fe2 }']);
  });

  it('go where no map has a line, unless accounts need them', async () => {
    const world = worldOf();
    for (const host of ['cs7a', 'cs7b']) setDomain(world, host, 'example.org');
    expect((await accept(world, ['cs7a:example.org'])).code).toBe(0);
    expect(changed(world)).toEqual(['-  example.org: { cs6: fe1 }']);
    const other = worldOf();
    for (const host of ['cs7a', 'cs7b']) setDomain(other, host, 'example.com');
    await refused(other, ['cs7a:example.com'], ['drift.accept-unproved', 'cohort.domain-unmapped']);
  });

  it('are refused where the maps differ, and where no host has the URL', async () => {
    const world = worldOf();
    setDomain(world, 'cs7a', 'example.org', route('fe2'));
    for (const host of ['cs7a', 'cs7b']) setDomain(world, host, 'example.com', route('elsewhere'));
    const said = await refused(
      world,
      ['cs7a:example.org', 'cs7a:example.com'],
      ['drift.not-expressible', 'drift.not-expressible'],
    );
    expect(said).toContain('cs7b: as in the file, or not read');
    expect(said).toContain('Declare that host with its http');
  });
});

describe('members', () => {
  it('leave a list, and come into one', async () => {
    const world = worldOf();
    setStore(world, 'anna');
    setStore(world, 'emil', 'defaultbackend');
    expect((await accept(world, ['directory:davStore'])).code).toBe(0);
    expect(changed(world)).toEqual(['-        - anna       # asked on Monday', '+        - emil']);
  });

  it('go from one cohort to another, also where a CSV has them', async () => {
    const world = worldOf();
    setStore(world, 'ben', 'other');
    setStore(world, 'dora');
    const { code, stdout } = await accept(world, ['directory:davstore']);
    expect(code, stdout).toBe(0);
    expect(changed(world)).toEqual(['-        - ben']);
    expect(world.files['second.csv']).toBe('uid,name\ncarl,"Carl, of course"\nben,\n');
    expect(stdout).toContain('--- second.csv');
  });

  it('are not guessed', async () => {
    const world = worldOf({
      'estate.yaml': estateText.replace('list:\n        - anna', 'filter: (uid=a*)\n      list:\n        - anna'),
      'second.csv': secondCsv,
    });
    setStore(world, 'fritz', 'third');
    expect(await refused(world, ['directory:davStore'], ['drift.not-expressible'])).toContain(
      'no back end of the file',
    );
    const filtered = worldOf({
      'estate.yaml': estateText.replace(/list:\n(.*\n){3}/, 'filter: (uid=anna)\n'),
      'second.csv': secondCsv,
    });
    filtered.directory.entries = [...(filtered.directory.entries ?? []), entry('anna')];
    expect(await refused(filtered, ['directory:davStore'], ['drift.not-expressible'])).toContain(
      'does not list it by name',
    );
  });
});

describe('refuses, with all reasons at once, and touches no file', () => {
  it('derived values, secrets, what does not differ, unknown names, unread targets', async () => {
    const world = worldOf();
    setKey(world, 'fe1', 'local.autoprovision', 'yes');
    setKey(world, 'fe1', timeout, '300');
    world.down.add('cs7b');
    const said = await refused(
      world,
      [
        ...['fe1:local.autoprovision', 'fe1:local.authldapbindcred', `fe2:${timeout}`, 'fe3:x', 'nonsense'],
        ...[`fe1:${timeout}s`, 'cs7b:base.ldapinfo.cachettl', `fe1:${timeout}`],
      ],
      [
        ...['drift.accept-secret', 'drift.nothing-to-accept', 'drift.nothing-to-accept', 'drift.nothing-to-accept'],
        ...['drift.nothing-to-accept', 'drift.accept-unread', 'drift.accept-derived'],
      ],
    );
    expect(said).toContain('It is derived from the rest of the file. Coexistence needs it.'.slice(3));
    expect(said).toContain('Did you mean "fe1"?');
    expect(said).toContain(`Did you mean "${timeout}"?`);
    expect(said).toContain('Nothing differs on fe2.');
  });

  it('a difference that is left alone, with the way on', async () => {
    const ignore = `ignore:\n  - { target: fe1, key: ${timeout}, until: 2027-01-31, reason: test, owner: ops }\n`;
    const world = worldOf({ 'estate.yaml': `${estateText}${ignore}`, 'second.csv': secondCsv });
    setKey(world, 'fe1', timeout, '300');
    expect(await refused(world, [`fe1:${timeout}`], ['drift.accept-ignored'])).toContain(
      'remove the entry of "ignore"',
    );
  });

  it('a value that the file may not have, with its place', async () => {
    const world = worldOf();
    setOption(world, 'cs7a', 'base.ldapinfo.cachettl', 'often');
    await refused(world, ['cs7a:base.ldapinfo.cachettl'], ['drift.accept-unproved', 'estate.setting-value']);
  });

  it('a file that was changed meanwhile', async () => {
    const world = worldOf();
    setKey(world, 'fe1', timeout, '300');
    world.meanwhile = () => {
      world.files['estate.yaml'] = `${estateText}# mine\n`;
    };
    const { code, stderr } = await accept(world, [`fe1:${timeout}`]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('drift.accept-changed')]);
    expect(world.files['estate.yaml']).toBe(`${estateText}# mine\n`);
  });

  it('standard input, other names beside all, and options that mean nothing here', async () => {
    for (const [names, options] of [
      [['all', 'fe1:x'], { yes: true }],
      [['fe1:x'], { every: 1000 }],
      [['fe1:x'], { base: 'HEAD' }],
      [['fe1:x'], { format: 'sarif' as const }],
    ] as const) {
      const { code, stdout, stderr } = await accept(worldOf(), names, options);
      expect([code, stdout + stderr]).toEqual([1, expect.stringContaining('cli.accept-alone')]);
    }
  });
});

describe('all', () => {
  function drifted(): World {
    const world = worldOf();
    setKey(world, 'fe1', timeout, '300');
    setStore(world, 'anna');
    return world;
  }
  const after = [
    '-    fe1: { address: fe1.example.com, http: "http://fe1.example.com:8080" }',
    '+    fe1: { address: fe1.example.com, http: "http://fe1.example.com:8080", settings: { service.http.idletimeout: "300" } }',
    '-        - anna       # asked on Monday',
  ];

  it('needs --yes without a terminal', async () => {
    const world = drifted();
    const { code, stderr } = await accept(world, ['all']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('reconcile drift --accept all --yes')]);
    expect(changed(world)).toEqual([]);
    expect((await accept(world, ['all'], { yes: true })).code).toBe(0);
    expect(changed(world)).toEqual(after);
  });

  it('asks on a terminal, and shows the diff before', async () => {
    const world = { ...drifted(), answers: ['no', 'yes'] };
    const no = await accept(world, ['all']);
    expect([no.code, no.stderr]).toEqual([2, expect.stringContaining('-        - anna')]);
    expect(changed(world)).toEqual([]);
    const yes = await accept(world, ['all']);
    expect([yes.code, yes.stdout]).toEqual([0, expect.stringMatching(/^Written: estate\.yaml\./)]);
    expect(changed(world)).toEqual(after);
  });

  it('is everything or nothing, and names the rest', async () => {
    const world = drifted();
    setKey(world, 'fe2', 'local.autoprovision', 'yes');
    const { code, stderr } = await accept(world, ['all'], { yes: true });
    expect([code, changed(world)]).toEqual([3, []]);
    expect(stderr).toContain(`reconcile drift --accept fe1:${timeout},directory:davStore`);
  });

  it('says so where nothing differs, and where a target could not be read', async () => {
    await refused(worldOf(), ['all'], ['drift.nothing-to-accept'], { yes: true });
    const world = drifted();
    world.down.add('fe2');
    await refused(world, ['all'], ['drift.accept-unread'], { yes: true });
  });
});

it('edits the one of several files that has the key', async () => {
  const at = estateText.indexOf('cs7:');
  const files = {
    'base.yaml': estateText.slice(0, at),
    'more.yaml': `version: 1\n${estateText.slice(at)}`,
    'second.csv': secondCsv,
  };
  const world = worldOf(files);
  setKey(world, 'fe1', timeout, '300');
  setKey(world, 'fe2', timeout, '300');
  setOption(world, 'cs7b', 'base.ldapinfo.cachettl', '30');
  const { code, stdout } = await accept(world, [`fe1:${timeout}`, 'cs7b:base.ldapinfo.cachettl']);
  expect(code, stdout).toBe(0);
  expect(changed(world, 'base.yaml', files['base.yaml'])).toHaveLength(2);
  expect(changed(world, 'more.yaml', files['more.yaml'])).toEqual([
    '-    cs7b: { address: cs7b.example.com, http: "http://cs7b.example.com:8080" }',
    '+    cs7b: { address: cs7b.example.com, http: "http://cs7b.example.com:8080", settings: { base.ldapinfo.cachettl: "30" } }',
  ]);
});

it('keeps a byte order mark and CRLF', async () => {
  const text = `\ufeff${estateText.replaceAll('\n', '\r\n')}`;
  const world = worldOf({ 'estate.yaml': estateText, 'second.csv': secondCsv });
  world.files['estate.yaml'] = Buffer.from(text);
  for (const host of ['fe1', 'fe2']) setKey(world, host, timeout, '300');
  expect((await accept(world, [`fe1:${timeout}`])).code).toBe(0);
  expect(world.files['estate.yaml']).toBe(text.replace('"120"', '"300"'));
});

describe('whatever was changed, all is accepted and nothing differs afterwards', () => {
  const values = [
    'no',
    '~',
    'null',
    '#x',
    'a #b',
    "it's",
    '{a}',
    '[x',
    'a: b',
    '- a',
    ' a',
    '1e3',
    '0x1f',
    '007',
    '',
    '%',
    '&a',
    '*a',
    '!t',
    'a\\b',
  ];
  const text = estateText
    .replace('  hosts:\n    fe1', "    local.test.a: '1'\n    local.test.b: one\n  hosts:\n    fe1")
    .replace("maxsessions: '5000'", 'maxsessions: \'5000\', local.test.a: "2"')
    .replace('cachettl: "60"', 'cachettl: "60"\n    local.test.c: "1"');
  const styles = [
    text,
    text.replaceAll('\n', '\r\n'),
    text.replaceAll(/^( +)/gm, '$1$1'),
    text.replace(/\n$/, ''),
    text.replace(/list:\n(.*\n){3}/, 'list: [anna, ben]\n'),
  ];

  it.each(Array.from({ length: 20 }, (_, seed) => seed))('seed %i', async seed => {
    let state = seed * 7919 + 1;
    const below = (n: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >>> 8) % n;
    };
    const world = worldOf({ 'estate.yaml': styles[seed % styles.length] ?? text, 'second.csv': secondCsv });
    const value = () => values[below(values.length)] ?? '';
    for (const host of ['fe1', 'fe2'])
      for (const key of ['local.test.a', 'local.test.b']) if (below(3) > 0) setKey(world, host, key, value());
    if (below(2) === 0) for (const host of ['fe1', 'fe2']) setKey(world, host, timeout, '300');
    for (const host of ['cs7a', 'cs7b']) if (below(2) === 0) setOption(world, host, 'local.test.c', value());
    if (below(2) === 0)
      for (const host of ['cs7a', 'cs7b'])
        setDomain(world, host, 'example.org', 'http://fe2.example.com:8080/ischedule/');
    for (const uid of ['anna', 'carl', 'emil', 'fritz'])
      if (below(2) === 0) setStore(world, uid, [undefined, 'defaultbackend', 'other'][below(3)]);
    setKey(world, 'fe2', 'service.http.maxsessions', `${below(1000) + 6000}`);
    const { code, stdout, stderr } = await accept(world, ['all'], { yes: true });
    expect(code, stdout + stderr).toBe(0);
    await refused(world, ['all'], ['drift.nothing-to-accept'], { yes: true });
  });
});
