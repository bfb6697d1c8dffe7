import { type DesiredCs6Host, type DesiredState, hostsOf } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import type { CellProblem, VerifiedCell, VerifiedMail } from '../core/verification.ts';
import { finding } from '../findings/catalogue.ts';
import { provisioningKeys } from '../products/cs6.ts';
import { differing, owedRestart, unread } from './causes.ts';
import { hostSettings } from './host-settings.ts';

/**
 * Whether each CS6 host sends invitations to accounts of CS7 by mail, as far as its settings tell: no question shows it, and
 * an invitation is never sent (chapter 10, "About the Calendar Server 6 Configuration").
 */
export function verifyInvitations(state: DesiredState, comparisons: readonly Comparison[]): readonly VerifiedMail[] {
  const settings = hostSettings(comparisons);
  return hostsOf(state, 'cs6').map((host): VerifiedMail => {
    const wrong = differing(
      provisioningKeys.map(key => ({ host, key })),
      settings,
    );
    const unclear = [
      ...unread(host, settings),
      ...(['owed', 'unproved'].includes(settings.service(host.name)) ? owedRestart(host, settings) : []),
    ];
    if (wrong.length > 0) return row(host, 'fails', `it is on by ${wrong.map(({ key }) => key).join(', ')}`, wrong);
    if (unclear.length > 0) return row(host, 'unknown', 'the settings it runs with are not known', unclear);
    return row(host, 'works', 'it is off, so an account of CS7 is invited by mail');
  });
}

function row(
  { name }: DesiredCs6Host,
  state: VerifiedMail['state'],
  detail: string,
  causes: VerifiedMail['causes'] = [],
): VerifiedMail {
  return { host: name, what: 'autoprovisioning', state, detail, causes };
}

/** What each problem does to users, or what proves more. */
const consequences: Readonly<Record<CellProblem, string>> = {
  'verify.no-answer': 'Users who look up the account there see nothing or an error.',
  'verify.wrongly-free': 'Users would book meetings at busy times.',
  'verify.split-brain': 'Users of CS6 see its old times, and CS6 keeps invitations to it.',
  'verify.own-copy': 'The answer is right only until the account gets its next appointment on CS6.',
  'verify.no-calendar': 'Each side refers to the other, and neither has the account.',
  'verify.not-asked': 'CS6 might create a calendar for the account. Apply first, then verify again.',
  'verify.unproved': 'In verify.probes, name an account with appointments in the coming weeks.',
};

/** What is wrong with the cells as findings, one for each problem and cause, at the line that owns the cause. */
export function cellFindings(cells: readonly VerifiedCell[]): readonly Finding[] {
  const groups = new Map<string, VerifiedCell[]>();
  for (const cell of cells) {
    if (cell.problem === undefined) continue;
    const [cause] = cell.causes;
    const key = `${cell.problem} ${cause ? `${cause.target} ${cause.key}` : cell.host}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].map(findingOf);
}

function findingOf(same: readonly VerifiedCell[]): Finding {
  const [first] = same;
  if (!first?.problem) throw new Error('a cell without a problem');
  const [cause] = first.causes;
  const likely = cause ? `\nMost likely ${cause.target} ${cause.key}: ${cause.why}` : '';
  const found = finding(first.problem, {
    detail: `${first.from} -> ${first.to} through ${first.host}, ${first.account}: ${first.detail}.\n${consequences[first.problem]}${likely}`,
    target: cause?.target ?? first.host,
    where: cause?.source,
  });
  return same.length > 1 ? { ...found, more: same.length - 1 } : found;
}
