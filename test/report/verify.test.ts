import { expect, it } from 'vitest';
import type { VerifiedCell, VerifyReport } from '../../src/core/verification.ts';
import { makeStyle } from '../../src/report/text/layout.ts';
import { renderVerify } from '../../src/report/text/verify-text.ts';

const source = { file: 'estate.yaml', line: 17, column: 5 };
const hop = {
  method: 'GET',
  url: 'http://cs7fe1.example.com:8080/davserver/wcap/get_freebusy.wcap',
  milliseconds: 12,
} as const;

const works: VerifiedCell = {
  from: 'cs6',
  to: 'cs6',
  host: 'cs6-fe1',
  way: 'wcap',
  account: 'rd@example.com',
  state: 'works',
  detail: '2 busy times',
  hops: [{ ...hop, came: 'HTTP 200, 2 busy times' }],
  causes: [],
};

const free: VerifiedCell = {
  ...works,
  from: 'cs7',
  host: 'cs7-fe1',
  state: 'fails',
  problem: 'verify.wrongly-free',
  detail: 'no busy times, and CS6 has 2, such as 2026-12-01T09:00:00.000Z to 2026-12-01T10:00:00.000Z',
  hops: [{ ...hop, came: 'HTTP 200, 0 busy times' }],
  causes: [
    {
      target: 'cs7-fe1',
      key: 'davcore.scheduling.localuserattr',
      why: 'it is not set and must be "davStore".',
      source,
    },
    { target: 'cs7-fe1', key: 'service', why: 'the calendar server was not restarted.' },
  ],
};

const cells: readonly VerifiedCell[] = [
  works,
  {
    ...works,
    to: 'cs7',
    account: 'jdoe@example.com',
    state: 'unknown',
    problem: 'verify.not-asked',
    detail: 'not asked, for it might do harm: local.autoprovision on cs6-fe1',
    hops: [],
    causes: [{ target: 'cs6-fe1', key: 'local.autoprovision', why: 'it is "yes" and must be "no".', source }],
  },
  { ...works, from: 'cs7', way: 'ischedule' },
  free,
  { ...free, account: '\u001b[31mgrace@example.com', hops: [] },
  { ...works, from: 'cs7', host: 'cs7-fe1' },
];

const report: VerifyReport = {
  command: 'verify',
  exitCode: 2,
  estate: 'example.com',
  askedAt: '2026-11-22T16:00:00.000Z',
  probes: [
    { side: 'cs6', mail: 'rd@example.com', dn: 'uid=rd,o=isp', chosen: 'cohort others: has busy times' },
    { side: 'cs7', mail: 'jdoe@example.com', dn: 'uid=jdoe,o=isp', chosen: 'named in the file' },
  ],
  cells,
  mail: [
    {
      host: 'cs6-fe1',
      what: 'autoprovisioning',
      state: 'fails',
      detail: 'it is on by user.invite.autoprovision',
      causes: [],
    },
    { host: 'cs6-be1', what: 'autoprovisioning', state: 'works', detail: 'it is off', causes: [] },
  ],
  unread: ['cs6-be1'],
  findings: [
    { severity: 'note', code: 'verify.back-end', summary: 'A host was not asked', detail: 'cs6-be2 is a back end.' },
    { severity: 'error', code: 'verify.wrongly-free', summary: 'Told with its cell', detail: '' },
  ],
};

function text(changes: Partial<VerifyReport>, verbose = false): string {
  return `${renderVerify({ ...report, ...changes }, makeStyle(false), { verbose }).join('\n')}\n`;
}

it('is a matrix, then each failure with its hops and causes', async () => {
  await expect(text({})).toMatchFileSnapshot('golden/verify.txt');
});

it('with --verbose tells whom it asked about, and what works', async () => {
  await expect(text({}, true)).toMatchFileSnapshot('golden/verify-verbose.txt');
});

it.each([
  ['all works', { cells: [works], mail: [], findings: [] }, 'Coexistence works: 1 look-up.'],
  ['not all could be asked', { cells: cells.slice(0, 2), mail: [] }, 'Nothing fails. 1 of 2 look-ups is not known.'],
  [
    'only mail was looked at',
    { cells: [], mail: report.mail.slice(1), findings: [] },
    'Every check that ran works, but not every check could run.',
  ],
  ['nobody was asked about', { cells: [], mail: [], probes: [] }, 'Nothing was tested.'],
])('ends with a verdict where %s', (_, changes, verdict) => {
  expect(text(changes).trimEnd().split('\n').at(-1)).toBe(verdict);
});
