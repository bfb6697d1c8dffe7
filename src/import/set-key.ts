import type { Finding } from '../core/finding.ts';
import type { DocumentPath } from '../estate/document.ts';
import { type EstateEdit, editEstate, type FileValue } from '../estate/edit-estate.ts';
import { isSecretName } from '../estate/literal-secrets.ts';
import { loadEstates } from '../estate/load.ts';
import { resolved, type SchemaPart } from '../estate/new-value.ts';
import { plainValue } from '../estate/node.ts';
import { suggestion } from '../estate/own-settings.ts';
import { readTree } from '../estate/read-tree.ts';
import { makeSourceText } from '../estate/source-text.ts';
import { finding, hasCode } from '../findings/catalogue.ts';

/** A part of a key as it was written. In quotes, a dot belongs to it. */
interface KeyPart {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * `KEY=VALUE` -> an edit of the estate file. The key has dots between its parts, as messages print it; a name with dots may be in
 * double quotes. The value is YAML on one line: `120`, `[a, b]`, `{ env: NAME }`, `~`. A finding where the file has no such
 * key, where the value is no YAML, and where a secret would stand in it.
 */
export function readSetting(text: string, schema: object): EstateEdit | Finding {
  const [, key = '', value] = /^((?:[^="]|"(?:[^"\\]|\\.)*")+)=(.*)$/s.exec(text) ?? [];
  if (value === undefined) return wrong(`--set takes KEY=VALUE, and this has no "=":\n    --set ${hidden(text)}`);
  const found = findPath(schema as SchemaPart, partsOf(key.trim()));
  if ('known' in found)
    return wrong(`${key.trim()} is not a key of the estate file.${suggestion(found.word, found.known)}`);
  if (mustBeReference(found, value)) return literal(key.trim());
  const read = readValue(value);
  if (read === undefined)
    return wrong(
      `The value of ${key.trim()} is no YAML on one line. Write a text, a number, [a, b] or { key: value }.\nIn a shell, put the whole word in single quotes.`,
    );
  const edit = { path: found.path, value: asTyped(read, value.trim(), found.nodes) };
  return wrongValue(edit, schema) ?? edit;
}

/** What the schema says against a value where it would stand. What is missing around it is no matter. */
function wrongValue(edit: EstateEdit, schema: object): Finding | undefined {
  const drafted = editEstate('version: 1\n', [edit], schema);
  if ('refused' in drafted) return wrong(drafted.refused);
  const { findings } = loadEstates([{ file: '--set', content: drafted.text }], schema);
  const against = findings.find(one => hasCode(one, 'estate.wrong-type', 'estate.wrong-form', 'estate.wrong-value'));
  return against && wrong(against.detail);
}

/** A key as `--set` takes it: names with other characters than letters, digits, `-` and `_` are in quotes where a dot is in them. */
export function keyText(path: DocumentPath): string {
  return path.map(part => (/[."=]|^$/.test(String(part)) ? JSON.stringify(String(part)) : String(part))).join('.');
}

/** A value as YAML on one line, which `readSetting` reads back. */
export function valueText(value: FileValue): string {
  if (typeof value !== 'object' || value === null) return value === null ? '~' : scalarText(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const entries = Object.entries(value).map(([key, one]) => `${scalarText(key)}: ${valueText(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function scalarText(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const plain =
    /^[A-Za-z/][\w./@=-]*(?::[\w./@=-]+)*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return plain ? value : JSON.stringify(value);
}

/** What is written in a command line can be seen by every user of the machine, so that it is not repeated. */
function hidden(text: string): string {
  return /^[\w.-]{1,60}$/.test(text) ? text : '…';
}

function partsOf(key: string): readonly KeyPart[] {
  return [...key.matchAll(/"((?:[^"\\]|\\.)*)"|([^."]+)/g)].map(([whole, quoted, plain]) =>
    quoted === undefined ? { text: plain ?? '', quoted: false } : { text: String(JSON.parse(whole)), quoted: true },
  );
}

/** A path, and what the schema says of what stands there; or what was not known, and what would be. */
type FoundPath =
  | { readonly path: DocumentPath; readonly nodes: readonly SchemaPart[] }
  | { readonly word: string; readonly known: readonly string[]; readonly depth: number };

/** Names of hosts, domains and settings may have dots: the shortest name after which the rest is a key counts. */
function findPath(root: SchemaPart, parts: readonly KeyPart[]): FoundPath {
  const visit = (node: SchemaPart, rest: readonly KeyPart[], path: DocumentPath): FoundPath => {
    const nodes = resolved(node, root);
    const [first] = rest;
    if (!first) return { path, nodes };
    const known = nodes.flatMap(({ properties = {} }) => Object.keys(properties));
    let failed: FoundPath = { word: first.text, known, depth: path.length };
    for (const step of stepsInto(nodes, rest)) {
      const found = visit(step.node, rest.slice(step.taken), [...path, step.name]);
      if ('path' in found) return found;
      if (found.depth > failed.depth && found.known.length > 0) failed = found;
    }
    return failed;
  };
  return parts.length === 0 ? { word: '', known: [], depth: 0 } : visit(root, parts, []);
}

interface Step {
  readonly name: string | number;
  readonly node: SchemaPart;
  readonly taken: number;
}

function stepsInto(nodes: readonly SchemaPart[], rest: readonly KeyPart[]): readonly Step[] {
  const [first] = rest;
  if (!first) return [];
  return nodes.flatMap(({ properties = {}, additionalProperties, items }): readonly Step[] => {
    const own = Object.hasOwn(properties, first.text) ? properties[first.text] : undefined;
    if (own) return [{ name: first.text, node: own, taken: 1 }];
    if (items && /^\d+$/.test(first.text)) return [{ name: Number(first.text), node: items, taken: 1 }];
    if (typeof additionalProperties !== 'object') return [];
    return namesOf(rest).map(({ name, taken }) => ({ name, taken, node: additionalProperties }));
  });
}

/** The names that the parts may begin with, the shortest first. */
function namesOf(rest: readonly KeyPart[]): readonly { readonly name: string; readonly taken: number }[] {
  const quoted = rest.findIndex(part => part.quoted);
  if (quoted === 0) return [{ name: rest[0]?.text ?? '', taken: 1 }];
  const plain = quoted < 0 ? rest : rest.slice(0, quoted);
  return plain.map((_, i) => ({ name: joined(plain.slice(0, i + 1)), taken: i + 1 }));
}

function joined(parts: readonly KeyPart[]): string {
  return parts.map(({ text }) => text).join('.');
}

/** Whether a secret would stand in the command line: only where to find it may. */
function mustBeReference({ path, nodes }: Extract<FoundPath, { path: DocumentPath }>, value: string): boolean {
  const reference = /^\s*(?:\{|~\s*$)/.test(value);
  if (nodes.some(node => node['x-secret'])) return !reference;
  return isSecretName(String(path.at(-1) ?? '')) && !reference;
}

function literal(key: string): Finding {
  return finding('import.literal-secret', {
    detail: `${key}: the secret itself was given. Every user of this machine can read a command line, and shells keep it.\nSay where it is instead, and change the secret:\n    --set '${key}={ env: LDAP_PASSWORD }'`,
  });
}

function wrong(detail: string): Finding {
  return finding('import.option-unusable', { detail });
}

/** The value of YAML on one line; nothing where it is none, or is more than one value. */
function readValue(text: string): FileValue | undefined {
  if (/[\n\r]/.test(text)) return undefined;
  const { root, findings } = readTree(makeSourceText('--set', `value: ${text}\n`));
  const entry = root?.entries.get('value');
  if (!root || !entry || findings.length > 0 || root.entries.size !== 1) return undefined;
  return plainValue(entry.part) as FileValue;
}

/** Where the file has a text, `120` is one too: the quotes of YAML would have to get past the shell. */
function asTyped(value: FileValue, written: string, nodes: readonly SchemaPart[]): FileValue {
  if (typeof value !== 'number' && typeof value !== 'boolean') return value;
  const types = nodes.flatMap(({ type = [] }) => type);
  const fits = types.some(type => (typeof value === 'boolean' ? type === 'boolean' : /^(integer|number)$/.test(type)));
  return !fits && types.includes('string') ? written : value;
}
