import { type ChangeWindow, isZone, weekdays } from '../core/change-window.ts';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { ChangeWindowEntry, EstateFile } from './estate-file.ts';
import { meantBy } from './own-settings.ts';
import { overValidNodes } from './valid-nodes.ts';

/** The windows of a host: its own decide, then those of its side. */
export function deriveWindows(
  estate: EstateFile,
  side: 'cs6' | 'cs7',
  host: string,
): readonly ChangeWindow[] | undefined {
  const said = estate[side].hosts[host]?.window ?? estate[side].window;
  if (said === undefined) return undefined;
  // The order of the days makes no difference, and so none in a plan.
  return listed(said).map(({ days = [...weekdays], from, to, zone }) => {
    return { days: weekdays.filter(day => days.includes(day)), from, to, zone };
  });
}

/** What the windows of each side and of each host break. */
export function checkWindows(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return (['cs6', 'cs7'] as const).flatMap(side => {
    const places = overValidNodes(() => [
      [side, 'window'],
      ...Object.keys(estate[side].hosts).map(name => [side, 'hosts', name, 'window']),
    ]);
    return places.flatMap(path => overValidNodes(() => checkAt(estate, document, path)));
  });
}

interface Place {
  readonly window?: Window;
}
type Window = NonNullable<EstateFile['cs6']['window']>;

function checkAt(estate: EstateFile, document: EstateDocument, path: readonly string[]): readonly Finding[] {
  const [side, , host] = path;
  const section = side === 'cs6' ? estate.cs6 : estate.cs7;
  const place: Place | undefined = host === undefined ? section : section.hosts[host];
  const said = place?.window;
  if (said === undefined) return [];
  return listed(said).flatMap((entry, i) => {
    const at = Array.isArray(said) ? [...path, i] : path;
    return [knownZone, opens].flatMap(rule => overValidNodes(() => rule(entry, document, at)));
  });
}

function listed(window: Window): readonly ChangeWindowEntry[] {
  return Array.isArray(window) ? window : [window];
}

function knownZone({ zone }: ChangeWindowEntry, document: EstateDocument, path: DocumentPath): readonly Finding[] {
  if (isZone(zone)) return [];
  const meant = meantBy(zone, Intl.supportedValuesOf('timeZone'));
  const detail = `The time zone database has no "${zone}", so it is not clear when the window is open.${meant}\nWrite a name such as Europe/Berlin, or UTC.`;
  return [finding('estate.window-zone', { detail, where: document.at([...path, 'zone']) })];
}

function opens({ from, to }: ChangeWindowEntry, document: EstateDocument, path: DocumentPath): readonly Finding[] {
  if (from !== to) return [];
  const detail = `It begins and ends at ${from}. That could mean a whole day or no time at all.\nFor whole days, write from: "00:00", to: "24:00".`;
  return [finding('estate.window-empty', { detail, where: document.at([...path, 'to']) })];
}
