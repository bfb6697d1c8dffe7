import { type FindingArea, type FindingPage, findingAreas, findingPages } from '../findings/areas.ts';
import type { LiveSetting } from './live-settings.ts';
import { type FurtherSetting, findFurtherSetting, findLiveSetting, settingNames } from './live-settings.ts';
import { nearestNames } from './nearest.ts';
import { findKey, type SchemaKey, schemaKeys } from './schema-keys.ts';

/** What a name means. */
export type Explanation =
  | { readonly kind: 'code'; readonly page: FindingPage }
  | { readonly kind: 'key'; readonly key: SchemaKey; readonly below: readonly SchemaKey[] }
  | { readonly kind: 'setting'; readonly setting: LiveSetting }
  | { readonly kind: 'further-setting'; readonly setting: FurtherSetting }
  | { readonly kind: 'area'; readonly area: FindingArea };

/** The page of a finding code, a key of the file, or a live setting; `schema` is that of the file. */
export function explainName(name: string, schema: object): Explanation | undefined {
  const page = findingPages.find(({ code }) => code === name.toLowerCase());
  if (page) return { kind: 'code', page };
  const setting = findLiveSetting(name);
  if (setting) return { kind: 'setting', setting };
  const further = findFurtherSetting(name);
  if (further) return { kind: 'further-setting', setting: further };
  return explainKey(name, schema) ?? explainArea(name);
}

function explainKey(name: string, schema: object): Explanation | undefined {
  const keys = schemaKeys(schema);
  const key = findKey(keys, name);
  return key && { kind: 'key', key, below: keys.filter(({ path }) => key.keys.includes(path)) };
}

function explainArea(name: string): Explanation | undefined {
  const area = findingAreas.find(({ names }) => names.includes(name.toLowerCase()));
  return area && { kind: 'area', area };
}

/** Names that come near to one that means nothing. */
export function nearNames(name: string, schema: object): readonly string[] {
  const keys = schemaKeys(schema).map(key => key.path);
  return nearestNames(name, [...findingPages.map(page => page.code), ...keys, ...settingNames]);
}
