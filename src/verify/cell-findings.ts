import type { DesiredCs6Host, DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';
import type { VerifiedCell, VerifiedMail } from '../core/verification.ts';
import { hostSettings } from './host-settings.ts';
import { differing, owedRestart, unread } from './setting-causes.ts';

/** An account of CS7 that is invited gets a mail only where none of these makes CS6 create a calendar for it instead. */
const keys = ['user', 'group', 'resource'].map(of => `${of}.invite.autoprovision`);

/**
 * Whether each CS6 host sends invitations to accounts of CS7 by mail, as far as its settings tell: no question shows it, and
 * an invitation is never sent (chapter 10, "About the Calendar Server 6 Configuration").
 */
export function verifyInvitations({ cs6 }: DesiredState, comparisons: readonly Comparison[]): readonly VerifiedMail[] {
  const settings = hostSettings(comparisons);
  return cs6.map((host): VerifiedMail => {
    const wrong = differing(
      ['local.autoprovision', ...keys].map(key => ({ host, key })),
      settings,
    );
    const unclear = [
      ...unread(host, settings),
      ...(['owed', 'unproved'].includes(settings.service(host.name)) ? owedRestart(host, settings) : []),
    ];
    if (wrong.length > 0) return row(host, 'fails', `it is on by ${wrong.map(({ key }) => key).join(', ')}`, wrong);
    if (unclear.length > 0) return row(host, 'unknown', 'the settings it runs with are not known', unclear);
    return row(host, 'works', 'it is off: an account of CS7 is invited by mail');
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

/** Fixed texts by the code of what is wrong with a cell. */
const texts: Readonly<Record<string, Pick<Finding, 'severity' | 'summary'> & { readonly remedy: string }>> = {
  'verify.no-answer': {
    severity: 'error',
    summary: 'A look-up gets no answer',
    remedy: 'Whoever looks the account up there sees nothing, or an error.',
  },
  'verify.wrongly-free': {
    severity: 'error',
    summary: 'Somebody who is busy is shown as free',
    remedy: 'Meetings would be made at times that are taken.',
  },
  'verify.split-brain': {
    severity: 'error',
    summary: 'Calendar Server 6 answers for an account that has moved',
    remedy: 'Users of CS6 see its old times, and CS6 takes invitations to it.',
  },
  'verify.own-copy': {
    severity: 'error',
    summary: 'Calendar Server 7 answers for an account that has not moved',
    remedy: 'What it shows is right until the account gets its next appointment on CS6.',
  },
  'verify.no-calendar': {
    severity: 'error',
    summary: 'An account of Calendar Server 6 has no calendar there',
    remedy: 'Each side refers to the other, and nobody has it.',
  },
  'verify.not-asked': {
    severity: 'warning',
    summary: 'A question was not asked because it might do harm',
    remedy: 'CS6 might make a calendar for the account. Apply first, then verify again.',
  },
  'verify.unproved': {
    severity: 'warning',
    summary: 'An answer proves nothing',
    remedy: 'Name an account with appointments in the coming weeks in verify.probes.',
  },
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
  const text = texts[first?.problem ?? ''];
  if (!first?.problem || !text) throw new Error(`no text for ${first?.problem}`);
  const [cause] = first.causes;
  const likely = cause ? `\nMost likely ${cause.target} ${cause.key}: ${cause.why}` : '';
  return {
    severity: text.severity,
    code: first.problem,
    summary: text.summary,
    detail: `${first.from} -> ${first.to} by way of ${first.host}, ${first.account}: ${first.detail}.\n${text.remedy}${likely}`,
    target: cause?.target ?? first.host,
    ...(cause?.source && { where: cause.source }),
    ...(same.length > 1 && { more: same.length - 1 }),
  };
}
