/** What may stand in a setting: one of some words, or a whole number within bounds. */
export type AllowedValue =
  | { readonly words: readonly string[] }
  | { readonly from: number; readonly to?: number; readonly unit?: string };

/**
 * How sure it is: `documented` was read in the source that is named, `inferred` follows from what was read there,
 * `recalled` is common knowledge of the product that no document at hand confirms.
 */
export type Certainty = 'documented' | 'inferred' | 'recalled';

/** A key of ics.conf or an option of davadmin of which something is known. */
export interface KnownSetting {
  /** A part in brackets, such as `[hostname]`, stands for any name. */
  readonly name: string;
  /** Left out where any value will do, or where nobody says which. */
  readonly allowed?: AllowedValue;
  /** The value is a list of words, parted by blanks. */
  readonly list?: true;
  /** What holds while it is not set, where somebody says so. */
  readonly default?: string;
  readonly meaning: string;
  /** The document and its section. */
  readonly source: string;
  readonly sure: Certainty;
}

/** The entry for a key; the case of its name does not matter. */
export function knownSetting(known: readonly KnownSetting[], name: string): KnownSetting | undefined {
  return known.find(setting => fitsName(setting.name, name));
}

function fitsName(known: string, name: string): boolean {
  if (!known.includes('[')) return known === name.toLowerCase();
  const parts = known.split(/\[[^\]]*\]/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^\\s]+')}$`, 'i').test(name);
}

/** Whether a value may stand there; every value may where nothing is known against it. */
export function allows({ allowed }: KnownSetting, value: string): boolean {
  if (!allowed) return true;
  if ('words' in allowed) return allowed.words.includes(value);
  return /^(0|[1-9]\d{0,14})$/.test(value) && Number(value) >= allowed.from && Number(value) <= upperBound(allowed);
}

function upperBound({ to }: { readonly to?: number }): number {
  return to ?? Number.MAX_SAFE_INTEGER;
}

/** What may stand there, in words that follow "must be". */
export function allowedInWords(allowed: AllowedValue): string {
  if ('words' in allowed)
    return allowed.words.length === 1
      ? `"${allowed.words[0]}"`
      : `one of ${allowed.words.map(w => `"${w}"`).join(', ')}`;
  const bounds = allowed.to === undefined ? `of at least ${allowed.from}` : `from ${allowed.from} to ${allowed.to}`;
  return `a whole number ${bounds}${allowed.unit === undefined ? '' : ` (${allowed.unit})`}`;
}
