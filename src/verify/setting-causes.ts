import type { Change, Value } from '../core/change.ts';
import type { DesiredCs6Host, DesiredCs7Host } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { LikelyCause, VerifiedCell } from '../core/verification.ts';
import type { LookUpFailure } from '../ports/free-busy.ts';
import { type HostSettings, settingKeys } from './host-settings.ts';

type Host = DesiredCs6Host | DesiredCs7Host;

/** A setting that a question depends on. */
export interface Suspect {
  readonly host: Host;
  readonly key: string;
}

/** Those of the settings that are not what they must be. */
export function differing(suspects: readonly Suspect[], settings: HostSettings): readonly LikelyCause[] {
  return suspects.flatMap(({ host, key }) => {
    const change = settings.difference(host.name, key);
    if (!change) return [];
    const wish = wishOf(host, key);
    const why = `it is ${valueText(change.before)} and must ${mustText(change)}. ${wish?.because ?? ''}`.trim();
    return [cause(host.name, key, why, change.source ?? wish?.source)];
  });
}

/** A server that does not run, or runs with other settings than those in its files. */
export function owedRestart(host: Host, settings: HostSettings): readonly LikelyCause[] {
  const service = settings.service(host.name);
  if (service === 'runs') return [];
  const why =
    service === 'stopped'
      ? 'the calendar server does not run.'
      : 'the calendar server was not restarted since its configuration was written, and may run with what was there before.';
  return [cause(host.name, 'service', why, host.source)];
}

/** A host of which nobody knows the settings. */
export function unread(host: Host, settings: HostSettings): readonly LikelyCause[] {
  if (settings.known(host)) return [];
  return [
    cause(host.name, 'settings', 'its settings were not read, so that the cause may be any of them.', host.source),
  ];
}

/** What reading the host gave to remark upon, such as too old a patch. */
export function remarks(host: Host, settings: HostSettings): readonly LikelyCause[] {
  return settings
    .findings(host.name)
    .filter(({ severity }) => severity !== 'note')
    .map(({ code, summary, where }) => cause(host.name, code, `${summary}.`, where ?? host.source));
}

/** What a failure points to by itself, where every setting that was read is as it must be. */
export function otherwise(
  host: Host,
  failure: LookUpFailure,
  code: string | undefined,
  settings: HostSettings,
  way: VerifiedCell['way'],
): readonly LikelyCause[] {
  const of = (key: string, why: string) => [cause(host.name, key, why, wishOf(host, key)?.source ?? host.source)];
  const right = settings.known(host) ? ', and the file on the host has it right' : '';
  if (failure === 'led-astray')
    return of(
      settingKeys.redirect,
      `the redirect leads to another place than the file says${right}: is there a proxy in between?`,
    );
  if (failure === 'errno' && code === '29' && 'platform' in host)
    return of(settingKeys.redirect, `without it CS6 refers to nobody${right}: is the patch level high enough?`);
  if (way === 'ischedule' && failure === 'http-status' && code === '404')
    return of(
      settingKeys.schedule,
      `404 is what CS6 says without it${right}: is the patch level high enough, does a proxy stand in between?`,
    );
  if (failure === 'tls') return of('http', 'see that NODE_EXTRA_CA_CERTS names the authority of its certificate.');
  if (failure === 'unreachable' || failure === 'timed-out')
    return of(
      'http',
      'nothing answers at this address and port as seen from here: are they right, is a firewall in between?',
    );
  if (failure === 'http-status' || failure === 'wrong-type' || failure === 'unreadable')
    return of('http', 'what answers there does not answer as a calendar server does: are address and port right?');
  return [];
}

function wishOf(host: Host, key: string): { readonly because: string; readonly source: SourcePosition } | undefined {
  if ('platform' in host) return host.settings.find(one => one.key === key);
  return host.options.find(one => one.name === key) ?? host.domains.find(one => one.domain === key);
}

function cause(target: string, key: string, why: string, source: SourcePosition | undefined): LikelyCause {
  return { target, key, why: printable(why), ...(source && { source }) };
}

function mustText({ after, before }: Change): string {
  if (after === undefined) return 'not be set';
  if (typeof after === 'string') return `be "${after}"`;
  const added = after.filter(word => !before?.includes(word));
  return `have ${added.join(' and ')} too`;
}

function valueText(value: Value | undefined): string {
  if (value === undefined) return 'not set';
  return `"${typeof value === 'string' ? value : value.join(' ')}"`;
}
