import type { Change, Value } from '../core/change.ts';
import type { DesiredCs6Host, DesiredCs7Host } from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { LikelyCause } from '../core/verification.ts';
import type { OwnCause } from './failure-causes.ts';
import type { HostSettings } from './host-settings.ts';

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
    const why = `it is ${valueText(change.before)} and must ${mustText(change)}. ${change.because ?? ''}`.trim();
    return [cause(host.name, key, why, change.source)];
  });
}

/** A server that does not run, or runs with other settings than those in its files. */
export function owedRestart(host: Host, settings: HostSettings): readonly LikelyCause[] {
  const service = settings.service(host.name);
  if (service === 'runs') return [];
  return [cause(host.name, 'service', serviceTexts[service], host.source)];
}

const serviceTexts = {
  stopped: 'the calendar server does not run.',
  owed: 'the calendar server was not restarted since its configuration was written, and may run with what was there before.',
  unproved: 'it is not proved that the calendar server has read its configuration as it is.',
} as const;

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
export function otherwise(host: Host, { target, key, why }: OwnCause, settings: HostSettings): LikelyCause {
  return cause(target ?? host.name, key, why, settings.source(host.name, key) ?? host.source);
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
