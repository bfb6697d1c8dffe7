import { allowedInWords, type KnownSetting, knownSetting } from '../products/known-setting.ts';
import { products } from '../products/products.ts';
import type { LiveSetting } from './live-setting.ts';
import { accountSettings } from './live-settings/accounts.ts';
import { cs6Settings } from './live-settings/cs6.ts';
import { cs7Settings } from './live-settings/cs7.ts';

/** What coexistence turns on, and what reconcile says about it. */
export const liveSettings: readonly LiveSetting[] = [...cs6Settings, ...cs7Settings, ...accountSettings];

/** A setting of a server of which something is known, and which coexistence does not need. */
export interface FurtherSetting {
  readonly side: 'cs6' | 'cs7';
  readonly known: KnownSetting;
}

/** The page of a live setting; the case of its name does not matter. */
export function findLiveSetting(name: string): LiveSetting | undefined {
  return liveSettings.find(setting => setting.name.toLowerCase() === name.toLowerCase());
}

/** What is known of a further key of ics.conf or option of davadmin. */
export function findFurtherSetting(name: string): FurtherSetting | undefined {
  return Object.values(products)
    .flatMap(({ id, knownSettings }) => {
      const known = knownSetting(knownSettings, name);
      return known ? [{ side: id, known }] : [];
    })
    .at(0);
}

/** The names of all of them. */
export const settingNames: readonly string[] = [
  ...new Set(
    [...liveSettings, ...Object.values(products).flatMap(({ knownSettings }) => knownSettings)].map(
      setting => setting.name,
    ),
  ),
];

/** Which values a key takes and what holds while it is not set, as far as somebody says so. */
export function valuesInWords({ allowed, list, default: usual }: KnownSetting): string {
  const form = allowed ? allowedInWords(allowed) : list ? 'a list of words, parted by blanks' : 'any text';
  return `${form}${usual === undefined ? '' : `; "${usual}" while it is not set`}`;
}

/** How sure what is told of a key is. */
export function certaintyInWords({ sure, source }: KnownSetting): string {
  if (sure === 'documented') return source;
  return sure === 'inferred'
    ? `follows from: ${source}`
    : 'common knowledge of the product; no document at hand says so';
}
