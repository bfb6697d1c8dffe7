import { distance } from 'fastest-levenshtein';
import type { DocumentPath } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { overValidNodes } from './valid-nodes.ts';

/** A line that says what was probably meant by `word`, or lists what is allowed; empty where nothing is. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .map(k => ({ k, d: distance(word.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.d - b.d)
    .find(({ k, d }) => d <= Math.max(2, Math.floor(k.length / 3)));
  if (near) return `\nDid you mean "${near.k}"?`;
  return known.length > 0 ? `\nAllowed here: ${known.join(', ')}.` : '';
}

/** What the file says a setting is to be; `null`: it is not to be set. */
export type OwnValue = string | null | { readonly include: readonly string[] };

/** One entry below `settings`, of all hosts of a side or of one. */
export interface OwnSetting {
  readonly side: 'cs6' | 'cs7';
  readonly name: string;
  readonly value: OwnValue;
  readonly path: DocumentPath;
}

/** Every entry of `settings` in the file. */
export function ownSettings(estate: EstateFile): readonly OwnSetting[] {
  return (['cs6', 'cs7'] as const).flatMap(side => [
    ...groupSettings(estate, side),
    ...overValidNodes(() => Object.keys(estate[side].hosts).flatMap(host => hostSettings(estate, side, host))),
  ]);
}

/** What counts for one host, each name once: its own entry where it has one, otherwise that of all hosts. */
export function settingsOfHost(estate: EstateFile, side: 'cs6' | 'cs7', host: string): readonly OwnSetting[] {
  const winning = new Map<string, OwnSetting>();
  for (const entry of [...groupSettings(estate, side), ...hostSettings(estate, side, host)])
    winning.set(entry.name.toLowerCase(), entry);
  return [...winning.values()];
}

function groupSettings(estate: EstateFile, side: 'cs6' | 'cs7'): readonly OwnSetting[] {
  return entriesOf(side, () => estate[side].settings, [side, 'settings']);
}

function hostSettings(estate: EstateFile, side: 'cs6' | 'cs7', host: string): readonly OwnSetting[] {
  return entriesOf(side, () => estate[side].hosts[host]?.settings, [side, 'hosts', host, 'settings']);
}

/** Entry by entry: one that the schema refused takes no other out of sight. */
function entriesOf(
  side: 'cs6' | 'cs7',
  read: () => Readonly<Record<string, OwnValue>> | undefined,
  path: DocumentPath,
): readonly OwnSetting[] {
  return overValidNodes(() => {
    const settings = read() ?? {};
    return Object.keys(settings).flatMap(name =>
      overValidNodes(() => [{ side, name, value: settings[name] ?? null, path: [...path, name] }]),
    );
  });
}
