import { printable } from '../../core/printable.ts';
import type { LikelyCause, VerifiedCell, VerifiedMail, VerifyReport } from '../../core/verification.ts';
import { findingRemarks } from './finding-remarks.ts';
import type { Places } from './places.ts';
import type { Remark } from './remark.ts';

/** Look-ups and mail that do not work as remarks. */
export function verifyRemarks({ cells, mail, findings }: VerifyReport, places: Places): readonly Remark[] {
  // What a finding tells of a look-up is not told twice.
  const told = new Set(findings.map(({ code }) => code));
  return [
    ...cells
      .filter(({ state, problem }) => state !== 'works' && !(problem !== undefined && told.has(problem)))
      .map(cell => cellRemark(cell, places)),
    ...mail.filter(({ state }) => state !== 'works').map(one => mailRemark(one, places)),
    ...findingRemarks(findings, places),
  ];
}

function cellRemark(cell: VerifiedCell, places: Places): Remark {
  const { from, to, host, way, account, state, detail, causes } = cell;
  const names = { cs6: 'Calendar Server 6', cs7: 'Calendar Server 7' } as const;
  const fails = state === 'fails';
  return {
    rule: `verify/${from}-${to}-${way}${fails ? '' : '-unknown'}`,
    level: fails ? 'error' : 'warning',
    title: fails
      ? `Free/busy look-ups from ${names[from]} to ${names[to]} do not work`
      : `Whether free/busy look-ups from ${names[from]} to ${names[to]} work is not known`,
    message: [printable(`${host}, about ${account}: ${detail}`), ...causes.map(causeText)].join('\n'),
    ...placeOf(host, causes, places),
    identity: ['verify', from, to, way, host, account],
  };
}

function mailRemark({ host, what, state, detail, causes }: VerifiedMail, places: Places): Remark {
  const fails = state === 'fails';
  return {
    rule: fails ? 'verify/mail' : 'verify/mail-unknown',
    level: fails ? 'error' : 'warning',
    title: fails
      ? 'Something that invitations by mail depend on does not work'
      : 'Whether something that invitations by mail depend on works is not known',
    message: [printable(`${host}, ${what}: ${detail}`), ...causes.map(causeText)].join('\n'),
    ...placeOf(host, causes, places),
    identity: ['verify', 'mail', host, what],
  };
}

function placeOf(host: string, causes: readonly LikelyCause[], places: Places): Pick<Remark, 'where' | 'target'> {
  const source = causes.flatMap(cause => cause.source ?? [])[0];
  return { where: source ?? places.ofTarget(host), target: host };
}

function causeText({ target, key, why }: LikelyCause): string {
  return printable(`Most likely: ${target} ${key}. ${why}`);
}
