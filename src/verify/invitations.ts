import type { DesiredCs6Host, DesiredState } from '../core/desired.ts';
import type { Comparison } from '../core/plan.ts';
import type { VerifiedMail } from '../core/verification.ts';
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
