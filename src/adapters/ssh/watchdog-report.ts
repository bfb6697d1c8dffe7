import { printable } from '../../core/printable.ts';
import type { WaitingWatchdog, WatchdogDeed } from '../../ports/host.ts';
import { bodyLines, type Frame } from './frames.ts';

/** The watchdogs that are going to act on a host, and those that do so now. */
export function watchdogsIn(frames: readonly Frame[]): readonly WaitingWatchdog[] {
  return frames.flatMap((frame): readonly WaitingWatchdog[] => {
    const state = frame.rest === 'acting' ? 'acting' : 'waiting';
    const [path = '', record = ''] = bodyLines(frame);
    const name = /\/watch-(.*)-[0-9a-f]{24}$/.exec(path)?.[1];
    if (frame.word !== 'watchdog' || name === undefined) return [];
    const until = untilOf(record);
    return [{ name: printable(name), state, ...(until !== undefined && { until }) }];
  });
}

/** The record begins with when the watchdog was started and for how long it waits. */
function untilOf(record: string): number | undefined {
  const [, begun = '', patience] =
    /begun at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ), patience (\d{1,9}) s$/.exec(record) ?? [];
  return patience === undefined ? undefined : Date.parse(begun) + Number(patience) * 1000;
}

/** What watchdogs did there since the last apply, line by line as they recorded it. */
export function deedsIn(frames: readonly Frame[]): readonly WatchdogDeed[] {
  return frames.flatMap((frame): readonly WatchdogDeed[] => {
    const [path = '', ...lines] = bodyLines(frame);
    const name = /\/watchdog-(.*)\.done$/.exec(path)?.[1];
    return frame.word === 'acted' && name !== undefined ? [{ name: printable(name), lines: lines.map(printable) }] : [];
  });
}
