import { describe, expect, it } from 'vitest';
import type { DesiredCs6Host, DesiredCs7Host } from '../../src/core/desired.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { containerPlaces, domainState } from '../../src/products/container.ts';
import { type Memory, memoryPorts, restartOver } from '../fakes/memory-ports.ts';
import { desiredOf } from './cases.ts';

const icsConf = '/etc/opt/SUNWics5/config/ics.conf';
const written = { files: { [icsConf]: '' }, written: 3_600 };

/** What is read of the service of a host, whose answers are laid over those of the fake. */
async function look(
  kind: 'cs6-service' | 'cs7-service',
  live: Memory,
  host: { readonly cs6?: Partial<DesiredCs6Host>; readonly cs7?: Partial<DesiredCs7Host> } = {},
) {
  const state = desiredOf({ name: '', live, changes: [], desired: host });
  const { ports } = memoryPorts(live);
  const [found] = await compareAll(
    targetsOf(state).filter(target => target.kind === kind),
    ports,
  );
  return {
    reasons: found?.changes.map(({ reason }) => reason) ?? [],
    codes: found?.findings.map(({ code }) => code) ?? [],
    unread: found?.unread,
    text: [...(found?.findings ?? []), ...(found?.unread ? [found.unread] : [])].map(({ detail }) => detail).join('\n'),
  };
}

/** What a restart of CS6 comes to, whose commands do `act` and end with `code`. */
async function restart(
  live: Memory,
  act: (words: readonly string[]) => void,
  desired: { readonly cs6?: Partial<DesiredCs6Host> } = {},
  code = 0,
) {
  const { ports } = memoryPorts(live);
  const host = ports.host('cs6');
  const run: typeof host.run = async ({ words }) => {
    act(words);
    return { state: 'ran', code, output: '' };
  };
  const used = { ...ports, host: () => ({ ...host, run, restart: restartOver({ run, query: host.query }) }) };
  const targets = targetsOf(desiredOf({ name: '', live, changes: [], desired }));
  const [service] = targets.filter(({ kind }) => kind === 'cs6-service');
  if (!service) throw new Error('there is no service');
  const states: [string, string][] = [];
  for await (const item of service.items(used))
    for await (const { state, detail } of service.apply([{ item, changes: item.changes }], used))
      states.push([state, detail ?? '']);
  return states;
}

/** A process list as `ps -e -o pid -o etime -o args` prints it. */
function processes(...rows: readonly string[]): NonNullable<Memory['output']> {
  return { 'ps -e -o pid -o etime': { code: 0, output: ['  PID     ELAPSED COMMAND', ...rows, ''].join('\n') } };
}

const down = 'it is not running';
const old = expect.stringContaining('it is not proved that');
const two = [
  '  812 30-04:00:10 /opt/SUNWics5/cal/lib/cshttpd -d1',
  '  815 30-04:00:10 /opt/SUNWics5/cal/lib/csadmind -d1',
  ' 2210    00:05:00 /opt/SUNWics5/cal/lib/cshttpd -d1',
  ' 2213    00:05:00 /opt/SUNWics5/cal/lib/csadmind -d1',
];
const zones = (own: string, other: string) => ({
  zonename: { code: 0, output: 'global\n' },
  'ps -e -o pid -o zone': {
    code: 0,
    output: `  PID     ZONE\n  812 ${own}\n  815 ${own}\n 2210 ${other}\n 2213 ${other}\n`,
  },
});

describe('processes of Calendar Server 6', () => {
  it('of another zone do not count, whether they are the older or the newer ones', async () => {
    const newer = await look('cs6-service', {
      ...written,
      output: { ...processes(...two), ...zones('cal2', 'global') },
    });
    expect(newer).toMatchObject({ reasons: [], codes: [] });
    const older = await look('cs6-service', {
      ...written,
      output: { ...processes(...two), ...zones('global', 'cal2') },
    });
    expect(older.reasons).toEqual([old]);
  });

  it('of another zone do not make a server that is down look up', async () => {
    const output = { ...processes(...two.slice(0, 2)), ...zones('cal2', 'cal2') };
    expect((await look('cs6-service', { ...written, output })).reasons).toEqual([down]);
  });

  it('of another installation are named and left alone', async () => {
    const output = processes('  812 30-04:00:10 /global/cal2/SUNWics5/cal/lib/cshttpd -d1', ...two.slice(2));
    const seen = await look('cs6-service', { ...written, output });
    expect(seen).toMatchObject({ reasons: [], codes: ['cs6.other-instance'] });
    expect(seen.text).toContain('/global/cal2/SUNWics5/cal/lib/cshttpd');
    const alone = await look('cs6-service', {
      ...written,
      output: {
        ...processes('  812 30-04:00:10 /global/cal2/SUNWics5/cal/lib/cshttpd -d1'),
        './start-cal -l': { code: 1, output: '' },
      },
    });
    expect(alone).toMatchObject({ reasons: [down], codes: ['cs6.other-instance'] });
  });

  it('that lie elsewhere while start-cal -l lists components are a contradiction', async () => {
    const output = processes('  812 30-04:00:10 /global/cal2/SUNWics5/cal/lib/cshttpd -d1');
    const seen = await look('cs6-service', { ...written, output });
    expect(seen.unread?.code).toBe('cs6.instances-unclear');
  });

  it('of two instances in one folder cannot be told apart, and the message has the way on', async () => {
    const seen = await look('cs6-service', { ...written, output: processes(...two) });
    expect(seen.unread?.code).toBe('cs6.instances-unclear');
    expect(seen.text).toContain('    cs6.hosts.cs6.restart: { stop: [');
    expect(seen.text).toContain('    cs6.hosts.cs6.restart: never');
  });

  it('are told apart by the record of our own restart', async () => {
    const now = Date.UTC(2026, 10, 22);
    const recorded = { [icsConf]: '' };
    const live = { ...written, output: processes(...two), recorded, running: 300 };
    const memory = memoryPorts(live);
    const host = { ...memory.ports.host('cs6') };
    const startRecord = async () => ({
      processes: [2210, 2213].map(pid => ({ pid, started: now - 301_000, same: true })),
      holds: () => true,
    });
    const state = desiredOf({ name: '', live, changes: [] });
    const ports = { ...memory.ports, host: () => ({ ...host, startRecord }) };
    const targets = targetsOf(state).filter(({ kind }) => kind === 'cs6-service');
    expect(await compareAll(targets, ports)).toMatchObject([{ changes: [], findings: [] }]);
  });

  it('are told apart by files with their numbers', async () => {
    const files = {
      [icsConf]: '',
      '/var/opt/SUNWics5/tmp/cshttpd.pid': '2210\n',
      '/var/opt/SUNWics5/tmp/csadmind.pid': '2213\n',
    };
    expect(await look('cs6-service', { ...written, files, output: processes(...two) })).toMatchObject({
      reasons: [],
      codes: [],
    });
  });

  it('that are there once while the files have other numbers may be those of another instance', async () => {
    const files = { [icsConf]: '', '/var/opt/SUNWics5/tmp/cshttpd.pid': '2210\n' };
    const output = processes(...two.slice(0, 2));
    expect((await look('cs6-service', { ...written, files, output })).unread?.code).toBe('cs6.instances-unclear');
  });

  it('of another instance do not count as ours while ours is stopped, though its files are gone then', async () => {
    const files = (http: number, admin: number) => ({
      [icsConf]: '',
      '/var/opt/SUNWics5/tmp/cshttpd.pid': `${http}\n`,
      '/var/opt/SUNWics5/tmp/csadmind.pid': `${admin}\n`,
    });
    const live: Memory = { ...written, files: files(812, 815), output: processes(...two) };
    const states = await restart(live, words => {
      const isStop = words.includes('./stop-cal');
      live.files = isStop ? { [icsConf]: '' } : files(3001, 3004);
      const anew = ['3001    00:00:00 ./cshttpd', '3004    00:00:00 ./csadmind'];
      Object.assign(live.output ?? {}, processes(...(isStop ? [] : anew), ...two.slice(2)));
    });
    expect(states).toEqual([['done', '']]);
  });

  it('that stay after a stop are called running as before, with the way on for those of another instance', async () => {
    const live: Memory = { ...written, output: processes(...two.slice(0, 2)) };
    const [[state, detail] = []] = await restart(live, () => undefined);
    expect(state).toBe('failed');
    expect(detail).toContain('still runs as before');
    expect(detail).toContain('    cs6.hosts.cs6.restart: never');
  });

  it('that are children of one of the same name count as one', async () => {
    const output = {
      ...processes('  812    00:05:00 ./csadmind', '  813    00:05:00 ./csadmind'),
      'ps -e -o pid -o ppid': { code: 0, output: '  PID  PPID\n  812     1\n  813   812\n' },
    };
    expect(await look('cs6-service', { ...written, output })).toMatchObject({ reasons: [], codes: [] });
  });

  it('in a row that is of no known form cost nothing, unless it is about one of them', async () => {
    const odd = '  900 ? /usr/lib/odd';
    const seen = await look('cs6-service', { ...written, output: processes(odd, '  812    00:05:00 ./cshttpd') });
    expect(seen).toMatchObject({ reasons: [], codes: [] });
    const own = await look('cs6-service', { ...written, output: processes(odd, '  812 soon ./cshttpd') });
    expect(own.unread?.code).toBe('host.unexpected-output');
  });
});

describe('commands that the file states', () => {
  const restart = { stop: ['scswitch', '-n'], start: ['scswitch', '-e'], status: ['scstat', '-g'] };

  it('say whether the server runs, and its processes since when', async () => {
    const output = { ...processes('  812    00:05:00 ./cshttpd'), scstat: { code: 0, output: '' } };
    expect((await look('cs6-service', { ...written, output }, { cs6: { restart } })).reasons).toEqual([]);
    const stopped = { ...output, scstat: { code: 1, output: '' } };
    expect((await look('cs6-service', { ...written, output: stopped }, { cs6: { restart } })).reasons).toEqual([down]);
  });

  it('decide where instances cannot be told apart: without a record one restart is owed', async () => {
    const output = { ...processes(...two), scstat: { code: 0, output: '' } };
    const seen = await look('cs6-service', { ...written, output }, { cs6: { restart } });
    expect(seen).toMatchObject({ reasons: [old], codes: [] });
  });

  it('need no start-cal', async () => {
    const live = {
      ...written,
      missing: ['./start-cal'],
      output: { ...processes('  812    00:05:00 ./cshttpd'), scstat: { code: 0, output: '' } },
    };
    expect(await look('cs6-service', live, { cs6: { restart } })).toMatchObject({ reasons: [], codes: [] });
  });

  it.each([
    ['cs6-service', 'cs6'],
    ['cs7-service', 'cs7'],
  ] as const)('never restart %s: what is owed is a finding, and no difference', async (kind, side) => {
    const files = { [icsConf]: '', '/opt/sun/comms/davserver/config/davserver.properties': '' };
    const live = { files, written: 60, running: 3_600 };
    const seen = await look(kind, live, { [side]: { restart: 'never' } });
    expect(seen).toMatchObject({ reasons: [], codes: ['plan.restart-owed'] });
  });

  it('leave a host managed whose instances cannot be told apart', async () => {
    const seen = await look('cs6-service', { ...written, output: processes(...two) }, { cs6: { restart: 'never' } });
    expect(seen).toMatchObject({ reasons: [], codes: ['host.start-not-proved'] });
  });
});

it('a restart with stated commands is judged by what the status says, whatever they end with', async () => {
  const stated = { stop: ['scswitch', '-n'], start: ['scswitch', '-e'], status: ['scstat', '-g'] };
  const output: NonNullable<Memory['output']> = { ...processes(...two), scstat: { code: 0, output: '' } };
  const status = (words: readonly string[]) => {
    output['scstat'] = { code: words[1] === '-n' ? 1 : 0, output: '' };
  };
  expect(await restart({ ...written, output }, status, { cs6: { restart: stated } }, 255)).toEqual([['done', '']]);
});

describe('a folder of commands that is wrong', () => {
  const ran = processes('  812    00:05:00 ./cshttpd');

  it('is said before anything is written, with what the package system says', async () => {
    const live = {
      ...written,
      missing: ['./start-cal'],
      output: { ...ran, 'pkginfo -r SUNWics5': { code: 0, output: '/global/cal\n' } },
    };
    const seen = await look('cs6-service', live);
    expect(seen.unread?.code).toBe('host.place-unknown');
    expect(seen.text).toContain('pkginfo -r SUNWics5: /global/cal');
    expect(seen.text).toContain('    cs6.hosts.cs6.sbin: /opt/SUNWics5/cal/sbin');
  });

  it('of asadmin is said too', async () => {
    const files = { '/opt/sun/comms/davserver/config/davserver.properties': '' };
    const seen = await look('cs7-service', { files, missing: ['./asadmin'], running: 5 });
    expect(seen.unread?.code).toBe('host.place-unknown');
    expect(seen.text).toContain('    cs7.hosts.cs7.container.bin: /opt/glassfish3/bin');
    expect(seen.text).toContain('    cs7.hosts.cs7.restart: {');
  });
});

it('a server under Sun Cluster is not restarted by start-cal, and the message names what to state', async () => {
  const files = { [icsConf]: 'local.server.ha.enabled="yes"\n local.server.ha.agent="SUNWscics"\n' };
  const seen = await look('cs6-service', { files, written: 3_600, running: 60 });
  expect(seen).toMatchObject({ reasons: [], codes: ['cs6.cluster-restart'] });
  expect(seen.text).toContain('    cs6.hosts.cs6.restart: never');
  const restart = { stop: ['scswitch', '-n'], start: ['scswitch', '-e'] };
  expect((await look('cs6-service', { files, written: 3_600, running: 60 }, { cs6: { restart } })).codes).toEqual([]);
});

describe('the container of Calendar Server 7', () => {
  const properties = '/opt/sun/comms/davserver/config/davserver.properties';
  const java = ' 4711  2-00:00:00 /usr/jdk/latest/bin/java -server com.sun.enterprise.server.PELaunch start';

  it.each([
    '/var/opt/SUNWappserver/domains/domain1/config/.__com_sun_appserv_pid',
    '/var/opt/sun/appserver/domains/domain1/config/.__com_sun_appserv_pid',
  ])('is GlassFish 2 where %s is', async path => {
    const live = { files: { [properties]: '', [path]: '4711' }, written: 200_000, output: processes(java) };
    expect(await look('cs7-service', live)).toMatchObject({ reasons: [], codes: [] });
  });

  it('does not run where another program has the number in its file', async () => {
    const path = '/opt/glassfish3/glassfish/domains/domain1/config/pid';
    const output = {
      ...processes(' 4711  2-00:00:00 /usr/sbin/cron'),
      './asadmin list-domains': {
        code: 1,
        output: 'Name: domain1 Status: Not Running\nCommand list-domains executed successfully.\n',
      },
    };
    expect((await look('cs7-service', { files: { [properties]: '', [path]: '4711' }, output })).reasons).toEqual([
      down,
    ]);
  });

  it('runs where asadmin says so, and since when only a restart of ours can tell', async () => {
    const output = {
      ...processes(),
      'ps -e -o pid -o etime': { code: 0, output: 'PID ELAPSED COMMAND\n 1 00:01 init\n' },
      './asadmin list-domains': {
        code: 0,
        output:
          'Name: DOMAIN1 Status: Running\nName: domain1 Status: Running, restart required to apply configuration changes\n',
      },
    };
    expect((await look('cs7-service', { files: { [properties]: '' }, output })).reasons).toEqual([old]);
  });

  it('is unclear where nothing says anything, and the message has every way on', async () => {
    const live = {
      files: { [properties]: '' },
      output: { ...processes(java), './asadmin list-domains': { code: 1, output: 'Authentication failed\n' } },
    };
    expect((await look('cs7-service', live)).reasons).toEqual([old]);
    const seen = await look('cs7-service', live, { cs7: { http: undefined } as never });
    expect(seen.unread?.code).toBe('cs7.unknown-start');
    for (const key of ['container.pidFile', 'container.domain', 'restart'])
      expect(seen.text).toContain(`    cs7.hosts.cs7.${key}: `);
  });

  it('has its places by its type, and those of both kinds of GlassFish where none is stated', () => {
    expect(containerPlaces('weblogic').bin).toEqual([]);
    expect(containerPlaces(undefined).bin).toEqual(
      expect.arrayContaining([...containerPlaces('glassfish3').bin, ...containerPlaces('glassfish2').bin]),
    );
  });

  it.each([
    ['domain1 running', 'running'],
    ['domain1 not running', 'stopped'],
    ['Name: domain1 Status: Not running', 'stopped'],
    ['NAME: domain1 STATUS: NOT RUNNING', 'stopped'],
    ['Name: domain1 Status: Running, restart required to apply configuration changes', 'running'],
    ['Name: domain2 Status: Running', undefined],
    ['domain10 running', undefined],
    ['Command list-domains executed successfully.', undefined],
    ['There is no domain1 here, running or not', undefined],
  ])('is read in "%s"', (listing, state) => {
    expect(domainState(`${listing}\n`, 'domain1')).toBe(state);
  });
});
