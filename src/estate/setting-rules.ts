import { distance } from 'fastest-levenshtein';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { cs7Options } from '../products/cs7.ts';
import { allowedInWords, allows, type KnownSetting, knownSetting } from '../products/known-setting.ts';
import { isDerived, products } from '../products/products.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { isSecretName } from './literal-secrets.ts';
import { type OwnSetting, ownSettings } from './own-settings.ts';
import { overValidNodes } from './valid-nodes.ts';

/** What is wrong with the entries below `settings`: one finding for each entry at most, the gravest. */
export function checkSettings(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const settings = ownSettings(estate);
  const single = settings.flatMap(setting => overValidNodes(() => gravestOf(setting, document)));
  return [...single, ...overValidNodes(() => writtenTwice(settings, document))];
}

function gravestOf(setting: OwnSetting, document: EstateDocument): readonly Finding[] {
  const rules = [uniqueIdIsKept, derivedIsFree, holdsNoSecret, isWritten, isKnown, isAllowed];
  return rules.flatMap(rule => rule(setting, document) ?? []).slice(0, 1);
}

function uniqueIdIsKept({ side, name, path }: OwnSetting, document: EstateDocument): Finding | undefined {
  if (side !== 'cs7' || name.toLowerCase() !== cs7Options.uniqueId) return undefined;
  return finding('estate.unique-id-attribute', {
    detail: `Changing ${name} on a server with data loses that data (Calendar Server 8 Installation and Configuration Guide, post-configuration).\nRemove it here, and set directory.uniqueId.attribute to the attribute that the server uses.`,
    where: document.atKey(path),
  });
}

function derivedIsFree({ side, name, path }: OwnSetting, document: EstateDocument): Finding | undefined {
  if (!isDerived(side, name)) return undefined;
  const from = side === 'cs6' ? 'what coexistence needs' : 'directory.localUser and directory.uniqueId';
  return finding('estate.derived-key', {
    detail: `${name} is set for every ${side.toUpperCase()} host by ${from}.\nRemove it here.`,
    where: document.atKey(path),
  });
}

/** Both servers hold passwords, under such names as `local.authldapbindcred` and `notification.dav.smtppassword`. */
function holdsNoSecret({ name, path }: OwnSetting, document: EstateDocument): Finding | undefined {
  if (!isSecretName(name)) return undefined;
  return finding('estate.secret-setting', {
    detail: `${name} holds a password, which does not belong in a file in git.\nRemove it here, and change the password if it was ever committed.`,
    where: document.atKey(path),
  });
}

/** YAML reads nothing behind a colon as `~`, and a forgotten value must not take a setting away. */
function isWritten({ name, value, path }: OwnSetting, document: EstateDocument): Finding | undefined {
  const part = document.part(path);
  if (value !== null || !part || part.span.end > part.span.start) return undefined;
  return finding('estate.setting-value', {
    detail: `${name} has no value after the colon.\nWrite the value in double quotes. Write "" for an empty value, or ~ if the setting must not be set.`,
    where: document.atKey(path),
  });
}

function knownOf(side: OwnSetting['side']): readonly KnownSetting[] {
  return products[side].knownSettings;
}

function isKnown({ side, name, path }: OwnSetting, document: EstateDocument): Finding | undefined {
  const known = knownOf(side);
  if (knownSetting(known, name)) return undefined;
  const near = nearName(
    name,
    known.map(setting => setting.name),
  );
  const hint =
    near === undefined ? 'Compare its name with the documentation of the server.' : `Did you mean "${near}"?`;
  return finding('estate.setting-unknown', {
    detail: `${unknownAs[side](name)}\n${hint}`,
    where: document.atKey(path),
  });
}

const unknownAs: Readonly<Record<OwnSetting['side'], (name: string) => string>> = {
  cs6: name => `${name} is not a known key of ics.conf, so its value was not checked. It is managed as written here.`,
  cs7: name =>
    `${name} is not a known option of davadmin, so its value was not checked. If the server does not know it either, it is left out of the plan.`,
};

/** Names are long and begin alike, so only a slip or two count as a misspelling. */
function nearName(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map(k => ({ k, d: distance(name.toLowerCase(), k) }))
    .filter(({ d }) => d <= 3)
    .sort((a, b) => a.d - b.d);
  return best?.k;
}

function isAllowed({ side, name, value, path }: OwnSetting, document: EstateDocument): Finding | undefined {
  const known = knownSetting(knownOf(side), name);
  const wrong = (detail: string) => finding('estate.setting-value', { detail, where: document.at(path) });
  if (!known || value === null || (side === 'cs7' && typeof value === 'string' && value.trim() === ''))
    return undefined;
  if (typeof value !== 'string')
    return known.list ? undefined : wrong(`${name} has a single value, not a list of words.\n${known.meaning}`);
  if (!known.allowed || allows(known, side === 'cs7' ? value.trim() : value)) return undefined;
  const meant = 'words' in known.allowed ? meantWord(value, known.allowed.words) : undefined;
  return wrong(
    `${name} must be ${allowedInWords(known.allowed)}, but is "${value}".${meant === undefined ? '' : `\nDid you mean "${meant}"?`}\n${known.meaning} (${known.source})`,
  );
}

const sameMeaning: readonly (readonly string[])[] = [
  ['yes', 'y', 'true', 'on', '1', 'enabled'],
  ['no', 'n', 'false', 'off', '0', 'disabled'],
];

/** By meaning first: "on" is two letters from "no". */
function meantWord(value: string, words: readonly string[]): string | undefined {
  const written = value.trim().toLowerCase();
  const alike = sameMeaning.find(group => group.includes(written)) ?? [written];
  return (
    words.find(word => alike.includes(word)) ?? words.find(word => word.length > 1 && distance(written, word) === 1)
  );
}

/** Options are found whatever the case of their names, so two spellings in one place are one option. */
function writtenTwice(settings: readonly OwnSetting[], document: EstateDocument): readonly Finding[] {
  const seen = new Map<string, OwnSetting>();
  return settings.flatMap(setting => {
    const place = JSON.stringify(setting.path).toLowerCase();
    const other = seen.get(place);
    seen.set(place, other ?? setting);
    if (!other) return [];
    const detail = `${setting.name} and ${other.name} are the same option, because case does not count in its name.\nRemove one.`;
    return [finding('estate.duplicate-key', { detail, where: document.atKey(setting.path) })];
  });
}
