import { distance } from 'fastest-levenshtein';
import type { DocumentPath } from './document.ts';
import type { Cs6HostEntry, Cs7HostEntry, EstateFile } from './estate-file.ts';
import { overValidNodes } from './valid-nodes.ts';

/** A line that says what was probably meant by `word`; empty where nothing is near. */
export function meantBy(word: string, known: readonly string[]): string {
  const near = known
    .map(k => ({ k, d: distance(word.toLowerCase(), k.toLowerCase()) }))
    .sort((a, b) => a.d - b.d)
    .find(({ k, d }) => d <= Math.max(2, Math.floor(k.length / 3)));
  return near ? `\nDid you mean "${near.k}"?` : '';
}

/** The same, or a list of what is allowed where nothing is near; empty where nothing is allowed. */
export function suggestion(word: string, known: readonly string[]): string {
  return meantBy(word, known) || (known.length > 0 ? `\nAllowed here: ${known.join(', ')}.` : '');
}

/** A side of the file. */
export type Side = 'cs6' | 'cs7';

/** What may stand at a side or at a host, `ssh` at the top of the file too. */
type Placed = Pick<
  Cs6HostEntry & Cs7HostEntry,
  'ssh' | 'restart' | 'softwareTimeout' | 'hotBackup' | 'home' | 'davadmin' | 'container'
>;

/** The places of a key that say something, the nearest to the host last. */
function placesOf<K extends keyof Placed>(estate: EstateFile, side: Side, host: string, key: K) {
  const places: readonly { readonly at: DocumentPath; readonly around: Placed | undefined }[] = [
    { at: [], around: { ...(key === 'ssh' && estate.ssh && { ssh: estate.ssh }) } },
    { at: [side], around: estate[side] },
    { at: [side, 'hosts', host], around: estate[side].hosts[host] },
  ];
  return places.flatMap(({ at, around }) => {
    const value = around?.[key];
    return value === undefined ? [] : [{ value, path: [...at, key] as DocumentPath }];
  });
}

/** What the place nearest to the host says, and where that stands. */
export function nearest<K extends keyof Placed>(estate: EstateFile, side: Side, host: string, key: K) {
  return placesOf(estate, side, host, key).at(-1);
}

/** A section key by key: of each key what the place nearest to the host says. `place`: where that stands. */
export function nearestKeys<S extends object>(estate: EstateFile, side: Side, host: string, section: keyof Placed) {
  const places = placesOf(estate, side, host, section);
  const said = Object.assign({}, ...places.map(({ value }) => value)) as Partial<S>;
  const place = (key: keyof S & string): DocumentPath => {
    const last = places.findLast(({ value }) => typeof value === 'object' && Object.hasOwn(value, key));
    return [...(last?.path ?? [side, 'hosts', host]), key];
  };
  return { said, place };
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
