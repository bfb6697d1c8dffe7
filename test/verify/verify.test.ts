import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Change } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { Comparison } from '../../src/core/plan.ts';
import type { VerifiedCell } from '../../src/core/verification.ts';
import type { BusyPeriod, FreeBusyAnswer, Hop, LookUpAnswer, LookUpFailure } from '../../src/ports/free-busy.ts';
import { cellFindings } from '../../src/verify/cell-findings.ts';
import { verify } from '../../src/verify/verify.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

/** Busy hours, or a failure and its code; after `>` over a redirect. */
type Said = readonly (number | string)[] | string;

interface Case {
  readonly name: string;
  readonly probe: 'rd' | 'jdoe' | 'moving';
  readonly own?: Said;
  readonly cs6?: Said;
  readonly cs7?: Said;
  readonly ischedule?: Said;
  readonly entry?: Readonly<Record<string, string[]>>;
  readonly differs?: readonly (readonly [target: string, key: string, before?: Change['before']])[];
  readonly service?: Readonly<Record<string, 'owed' | 'stopped' | 'unproved'>>;
  readonly unread?: readonly string[];
  /** Owners of calendars, as `cscal list` has them; the account of CS6 unless told. */
  readonly calendars?: readonly string[];
  /** All that may be asked. */
  readonly asks?: readonly string[];
  readonly cells?: Readonly<Record<string, string>>;
}

const cases: readonly Case[] = parse(readFileSync('test/verify/cells.yaml', 'utf8'));
const state = desiredOf({ name: '', live: {}, changes: [] });
const hour = 3_600_000;

function busyOf(said: readonly (number | string)[]): readonly BusyPeriod[] {
  return said.map(one => {
    const [start = 0, end = start + 1] = String(one).split('-').map(Number);
    return { start: start * hour, end: end * hour };
  });
}

function answerOf(said: Said = 'unreachable'): LookUpAnswer {
  if (typeof said !== 'string') return { state: 'answered', busy: busyOf(said), hops: hops(1) };
  const [, redirected, text = ''] = /^(>?) ?(.*)$/.exec(said) ?? [];
  const count = redirected ? 2 : 1;
  if (/^[\d ]*$/.test(text))
    return { state: 'answered', busy: busyOf(text.split(' ').filter(word => word !== '')), hops: hops(count) };
  const [failure = '', code] = text.split(' ');
  return {
    state: 'failed',
    failure: failure as LookUpFailure,
    ...(code !== undefined && { code }),
    detail: text,
    hops: hops(count),
  };
}

function hops(count: number): readonly Hop[] {
  return Array.from({ length: count }, () => ({ method: 'GET', url: 'http://x', came: 'said', milliseconds: 1 }));
}

function ownOf(said: Said = 'failed'): FreeBusyAnswer {
  if (typeof said !== 'string') return { state: 'answered', busy: busyOf(said) };
  return { state: said === 'nobody' ? 'nobody' : 'failed', detail: said };
}

const stages = {
  cs6: ['cs6-ics-conf', 'cs6-service'],
  cs7: ['cs7-davadmin', 'cs7-domain-map', 'cs7-service'],
} as const;

function comparisonsOf({ differs = [], service = {}, unread = [] }: Case): readonly Comparison[] {
  return (['cs6', 'cs7'] as const).flatMap(target =>
    stages[target].map((kind): Comparison => {
      const changes = differs.flatMap(([host, key, before]): readonly Change[] =>
        host === target && kind === stages[target][0]
          ? [
              {
                action: before === undefined ? 'create' : 'update',
                item: 'x',
                key,
                after: 'right',
                ...(before && { before }),
              },
            ]
          : [],
      );
      const restart: Change = {
        action: 'restart',
        item: 'x',
        key: 'service',
        ...(service[target] === 'stopped' && { before: 'stopped' }),
      };
      const isService = kind === `${target}-service`;
      return {
        kind,
        stage: 'check',
        target,
        ...(isService && { activates: { stage: 'check', service: 'x' } as const }),
        changes: isService && service[target] && service[target] !== 'unproved' ? [restart] : changes,
        findings: isService && service[target] === 'unproved' ? [unproved] : [],
        ...(unread.includes(target) && {
          unread: { severity: 'error', code: 'host.unreachable', summary: 'x', detail: 'x', target },
        }),
      };
    }),
  );
}

const unproved = { severity: 'warning', code: 'host.no-change-time', summary: 'x', detail: 'x' } as const;

const entries = {
  rd: { uid: ['rd'], mail: ['rd@example.com'], departmentNumber: ['Research'], davUniqueId: ['1'] },
  jdoe: {
    uid: ['jdoe'],
    mail: ['jdoe@example.com'],
    departmentNumber: ['Finance'],
    davUniqueId: ['2'],
    davStore: ['defaultbackend'],
  },
  moving: { uid: ['moving'], mail: ['moving@example.com'], departmentNumber: ['Finance'], davUniqueId: ['3'] },
};

/** What may be asked of whom, as `cs7 by cs6`, and what came of it. */
async function run(one: Case) {
  const asked: string[] = [];
  const mail = `${one.probe}@example.com`;
  const attributes = { objectClass: ['icsCalendarUser'], ...entries[one.probe], ...one.entry };
  const side = (http: string) => (http.includes('cs6server') ? 'cs6' : 'cs7');
  const { calendars = ['rd@example.com'] } = one;
  const { ports } = memoryPorts({
    entries: [{ dn: `uid=${one.probe},o=isp`, attributes }],
    calendars: calendars.map(owner => ({ calid: owner, owner })),
    lookUp: async question => {
      asked.push(`${one.probe === 'jdoe' ? 'cs7' : 'cs6'} by ${side(question.http)}`);
      return answerOf(one[side(question.http)]);
    },
    schedule: async () => {
      asked.push('cs6 by ischedule');
      return answerOf(one.ischedule);
    },
  });
  const freeBusy = {
    ...ports.freeBusy(),
    ask: async (question: { readonly side: 'cs6' | 'cs7' }) => {
      asked.push(`own ${question.side}`);
      return ownOf(one.own);
    },
  };
  const options =
    one.probe === 'moving' || one.entry === undefined
      ? { mails: [mail] }
      : { accounts: [{ side: one.probe === 'jdoe' ? 'cs7' : 'cs6', mail, dn: `uid=${one.probe},o=isp` } as const] };
  const verification = await verify(
    state,
    { ...ports, freeBusy: () => freeBusy },
    { ...options, comparisons: comparisonsOf(one) },
  );
  return { asked, ...verification };
}

function shortly({ state: said, problem, causes: [cause] }: VerifiedCell): string {
  return [said, problem, cause?.target, cause?.key].filter(word => word !== undefined).join(' ');
}

it.each(cases)('$name', async one => {
  const { asked, cells, findings } = await run(one);
  const to = one.probe === 'jdoe' ? 'cs7' : 'cs6';
  const all = [`cs6 -> ${to} by cs6`, ...(to === 'cs6' ? ['cs7 -> cs6 by cs6'] : []), `cs7 -> ${to} by cs7`];
  const seen = cells.map(cell => [`${cell.from} -> ${cell.to} by ${cell.host}`, shortly(cell)] as const);
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(all.map(name => [name, one.cells?.[name] ?? 'works'])));
  expect(findings).toEqual([]);
  if (one.asks) expect(asked).toEqual(one.asks);
  const problems = new Set(cells.flatMap(({ problem }) => problem ?? []));
  expect(new Set(cellFindings(cells).map(({ code }) => code))).toEqual(problems);
});

describe('several hosts', () => {
  const two = {
    ...state,
    hosts: [
      ...hostsOf(state, 'cs6'),
      ...hostsOf(state, 'cs6').map(host => ({ ...host, name: 'other', http: 'http://other:8080' })),
      ...hostsOf(state, 'cs7'),
      ...hostsOf(state, 'cs7').map(host => ({ ...host, name: 'second', http: 'http://second:8080' })),
    ],
  };
  const jdoe = { side: 'cs7', mail: 'jdoe@example.com', dn: 'uid=jdoe,o=isp' } as const;
  const attributes = { objectClass: ['icsCalendarUser'], ...entries.jdoe };
  const ps = (...names: readonly string[]) => [
    '  PID ELAPSED COMMAND',
    ...names.map(name => `  812 01:00 ./${name}`),
    '',
  ];

  it.each([
    ['has no HTTP server is a back end, which nobody asks', ['csstored', 'csdwpd'], ['cs6'], ['verify.back-end']],
    ['has one is asked too', ['csstored', 'cshttpd'], ['cs6', 'other'], []],
    ['runs nothing is not taken for a back end', [], ['cs6', 'other'], []],
  ])('a CS6 host that %s', async (_, running, hosts, codes) => {
    const output = { ps: { code: 0, output: ps(...running).join('\n') } };
    const { ports } = memoryPorts({ entries: [{ dn: jdoe.dn, attributes }], output });
    const { cells, findings } = await verify(two, ports, { accounts: [jdoe] });
    expect(cells.filter(({ from }) => from === 'cs6').map(({ host }) => host)).toEqual(hosts);
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  it('a CS7 host that lacks times which another one shows', async () => {
    const { ports } = memoryPorts({
      entries: [{ dn: jdoe.dn, attributes }],
      lookUp: async ({ http }) => answerOf(http.includes('second') ? [] : [14]),
    });
    const comparisons = comparisonsOf({ name: '', probe: 'jdoe' });
    const sameOf = (name: string, like: string) =>
      comparisons.filter(({ target }) => target === like).map(one => ({ ...one, target: name }));
    const all = [...comparisons, ...sameOf('other', 'cs6'), ...sameOf('second', 'cs7')];
    const { cells } = await verify(two, ports, { accounts: [jdoe], comparisons: all });
    const own = cells.filter(({ from }) => from === 'cs7').map(cell => `${cell.host} ${shortly(cell)}`);
    expect(own).toEqual(['cs7 works', 'second fails verify.wrongly-free']);
  });
});

/** What is named first, by what failed, where everything is wrong at once that can be known: only what the failure can come from. */
describe('the cause fits the failure', () => {
  const everything: Pick<Case, 'differs' | 'service' | 'entry'> = {
    entry: { davStore: [] },
    differs: [
      ['cs6', 'service.wcap.freebusy.redirecturl'],
      ['cs7', 'davcore.scheduling.localuserattr'],
    ],
    service: { cs7: 'owed' },
  };

  it.each([
    ['no-address', 'directory mail of jdoe@example.com'],
    ['unreachable', 'cs7 service'],
    ['timed-out', 'cs7 service'],
    ['cut-short', 'cs7 service'],
    ['tls', 'cs7 http'],
    ['too-large', 'cs7 service'],
    ['packed', 'cs7 service'],
    ['wrong-type', 'cs7 service'],
    ['unreadable', 'cs7 service'],
    ['http-status 500', 'cs7 service'],
    ['http-status 401', 'cs7 http'],
    ['http-status 403', 'cs7 http'],
    ['led-astray', 'cs7 davcore.scheduling.localuserattr'],
    ['errno 1', 'cs7 http'],
    ['errno 2', 'cs7 davcore.autocreate.enableautocreate'],
    ['errno 28', 'cs7 access to the calendar of jdoe@example.com'],
    ['errno 29', 'directory davStore'],
    ['errno 39', 'directory davStore'],
    ['errno 11000', 'directory davStore'],
  ])('%s of CS7 about its account, with everything wrong: %s', async (cs7, first) => {
    const { cells } = await run({ name: '', probe: 'jdoe', own: 'nobody', cs6: 'unreachable', cs7, ...everything });
    expect(shortly(cellOf(cells, 'cs7'))).toBe(`fails verify.no-answer ${first}`);
  });

  it.each([
    ['no-address', 'directory mail of jdoe@example.com', /not a mail address/],
    ['unreachable', 'cs7 http', /no server answers at this address/],
    ['timed-out', 'cs7 http', /did not answer in time/],
    ['cut-short', 'cs7 http', /closed the connection/],
    ['tls', 'cs7 http', /NODE_EXTRA_CA_CERTS/],
    ['http-status 500', 'cs7 http', /not that of a calendar server/],
    ['http-status 403', 'cs7 http', /asks for a login \(HTTP 403\)/],
    ['wrong-type', 'cs7 http', /not that of a calendar server/],
    ['errno 1', 'cs7 http', /asks for a login \(errno 1\)/],
    ['errno 2', 'cs7 davcore.autocreate.enableautocreate', /just created a calendar/],
    ['errno 28', 'cs7 access to the calendar of jdoe@example.com', /access rights/],
    ['errno 29', 'cs7 calendar of jdoe@example.com', /has no calendar for the account/],
    ['errno 39', 'cs7 log', /errno 39 for every failure/],
    ['errno 11000', 'cs7 log', /errno 11000: the log/],
  ])('%s of CS7 about its account, with nothing known to be wrong: %s', async (cs7, first, why) => {
    const { cells } = await run({ name: '', probe: 'jdoe', own: 'nobody', cs6: 'unreachable', cs7 });
    const cell = cellOf(cells, 'cs7');
    expect(shortly(cell)).toBe(`fails verify.no-answer ${first}`);
    expect(cell.causes[0]?.why).toMatch(why);
  });

  it.each([
    ['errno 1', 'cs6 service.http.allowanonymouslogin'],
    ['errno 28', 'cs6 access to the calendar of rd@example.com'],
    ['errno 29', 'cs6 calendar of rd@example.com'],
    ['errno 39', 'cs6 log'],
  ])('%s of CS6 about its own account: %s, and not where it refers others to', async (cs6, first) => {
    const differs = [['cs6', 'service.wcap.freebusy.redirecturl']] as const;
    const { cells } = await run({ name: '', probe: 'rd', own: [9], cs6, cs7: [9], ischedule: [9], differs });
    expect(shortly(cellOf(cells, 'cs6'))).toBe(`fails verify.no-answer ${first}`);
  });

  it.each([
    ['http-status 404', 'cs6 service.http.caldavcompatible'],
    ['http-status 500', 'cs6 http'],
    ['schedule-status 3.7', 'cs6 log'],
  ])('%s of CS6 to what CS7 asks it: %s', async (ischedule, first) => {
    const { cells } = await run({ name: '', probe: 'rd', own: [9], cs6: [9], cs7: [9], ischedule });
    const cell = cells.find(({ way }) => way === 'ischedule');
    expect(cell && shortly(cell)).toBe(`fails verify.no-answer ${first}`);
  });
});

function cellOf(cells: readonly VerifiedCell[], host: string): VerifiedCell {
  const cell = cells.find(one => one.host === host && one.way === 'wcap');
  if (!cell) throw new Error(`no cell of ${host}`);
  return cell;
}
