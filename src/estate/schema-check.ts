import type { ErrorObject } from 'ajv/dist/2020.js';
import { compileSchema } from '../core/compile-schema.ts';
import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { isSecretName, literalSecret } from './literal-secrets.ts';
import type { ValueNode } from './node.ts';
import { meantBy, suggestion } from './own-settings.ts';
import { childPointer, cleanView } from './valid-nodes.ts';

/** What one kind of schema error has to say; `at` is where, if not at the value itself. */
interface Said {
  readonly code: `estate.${'unknown-key' | 'missing-key' | `wrong-${'type' | 'form' | 'value'}`}`;
  readonly detail: string;
  readonly at?: Finding['where'];
}

/** A schema error with what its words are made of. */
interface Flaw {
  readonly document: EstateDocument;
  readonly error: ErrorObject;
  readonly path: DocumentPath;
  /** The path in words. */
  readonly name: string;
  /** The value in words; not said where it may be a secret. */
  readonly is: string;
  readonly part: ValueNode | undefined;
}

const byKeyword: Readonly<Record<string, (flaw: Flaw) => Said>> = {
  additionalProperties: unknownKey,
  required: missingKey,
  type: wrongType,
  oneOf: noBranch,
  anyOf: noBranch,
  const: ({ error, name, is }) =>
    wrongValue(`${name} must be ${JSON.stringify(error.params['allowedValue'])}, but is ${is}.`),
  enum: notListed,
  pattern: wrongForm,
  uniqueItems: saidTwice,
  minProperties: wrongCount,
  maxProperties: wrongCount,
  minItems: wrongCount,
  maxItems: wrongCount,
};

/** A schema error as a finding: what, why, and what to do. */
function schemaFinding(document: EstateDocument, error: ErrorObject): Finding {
  const path = pathOf(error.instancePath);
  const part = document.part(path);
  if (error.parentSchema?.['x-secret'] === true && error.keyword === 'type' && part && error.data !== null) {
    if (part.form === 'scalar') return literalSecret(part.span);
  }
  const name = path.length === 0 ? 'the file' : nameOf(path);
  const secret = path.some(step => isSecretName(String(step)));
  const flaw = { document, error, path, name, is: describe(error.data, secret, part), part };
  const said = (byKeyword[error.keyword] ?? otherwise)(flaw);
  return finding(said.code, { detail: said.detail.trimEnd(), where: said.at ?? document.at(path) });
}

/** A JSON pointer as a path of keys. */
function pathOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function unknownKey({ document, error, path }: Flaw): Said {
  const key = String(error.params['additionalProperty']);
  const properties: unknown = error.parentSchema?.['properties'];
  const known = properties && typeof properties === 'object' ? Object.keys(properties) : [];
  const detail = `${nameOf([...path, key])} is not a key of this language.${suggestion(key.slice(0, 100), known)}`;
  return { code: 'estate.unknown-key', detail, at: document.atKey([...path, key]) };
}

function missingKey({ document, error, path, name }: Flaw): Said {
  const at = path.length === 0 ? document.at(path) : document.atKey(path);
  return { code: 'estate.missing-key', detail: `${name} needs "${String(error.params['missingProperty'])}".`, at };
}

function wrongType({ error, name, is, part }: Flaw): Said {
  const types = [error.params['type']].flat().map(String);
  const detail = `${name} must be ${types.map(inWords).join(' or ')}, but is ${is}.${hint(types, error.data, part)}`;
  return { code: 'estate.wrong-type', detail };
}

function noBranch({ error, name, is }: Flaw): Said {
  return { code: 'estate.wrong-type', detail: `${name} is ${is}. ${expectation(error)}` };
}

function notListed({ error, name, is }: Flaw): Said {
  const allowed = [error.params['allowedValues']].flat().map(String);
  const meant = meantBy(String(error.data).slice(0, 100), allowed);
  return wrongValue(`${name} must be one of ${allowed.join(', ')}, but is ${is}.${meant}`);
}

/** A bad name of a host or domain is reported by ajv at the map that holds it. */
function wrongForm({ document, error, path, name, is }: Flaw): Said {
  const key = error.propertyName;
  const at = key === undefined ? document.at(path) : document.atKey([...path, key]);
  const what = key === undefined ? `${name} is ${is}` : `${nameOf([...path, key])} is not a valid name here`;
  return { code: 'estate.wrong-form', detail: `${what}. ${expectation(error)}`, at };
}

function saidTwice({ document, error, path, name }: Flaw): Said {
  const twice = Math.max(Number(error.params['i']), Number(error.params['j']));
  return { ...wrongValue(`${name} has an entry twice.\nRemove one.`), at: document.at([...path, twice]) };
}

function wrongCount({ error, name }: Flaw): Said {
  const detail = `${name} has the wrong number of entries: it ${error.message ?? 'does not fit'}. ${expectation(error)}`;
  return { code: 'estate.wrong-form', detail };
}

function otherwise({ error, name }: Flaw): Said {
  return wrongValue(`${name} ${error.message ?? 'is not allowed'}. ${expectation(error)}`);
}

function wrongValue(detail: string): Said {
  return { code: 'estate.wrong-value', detail };
}

function expectation(error: ErrorObject): string {
  const description: unknown = error.parentSchema?.['description'];
  if (typeof description === 'string') return `Expected: ${description}`;
  return error.keyword === 'pattern' ? `Expected the form ${String(error.schema)}` : '';
}

function nameOf(path: DocumentPath): string {
  return path.map(step => cut(String(step))).join('.');
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty (~)',
};

function inWords(type: string): string {
  return typeWords[type] ?? type;
}

/** YAML takes a bare 120 for a number and, unlike its version 1.1, `yes` for a text. */
function hint(wanted: readonly string[], value: unknown, part: ValueNode | undefined): string {
  if (wanted.includes('string') && (typeof value === 'number' || typeof value === 'boolean'))
    return `\nWrite it in quotes: "${asWritten(value, part)}".`;
  if (wanted.includes('boolean') && typeof value === 'string') {
    if (/^(y|yes|on|true|1)$/i.test(value)) return '\nWrite true, without quotes.';
    if (/^(n|no|off|false|0)$/i.test(value)) return '\nWrite false, without quotes.';
  }
  const digits = wanted.includes('integer') && typeof value === 'string' && /^\d+$/.test(value);
  return digits ? '\nRemove the quotes.' : '';
}

/** A number or truth value as the file has it: 1.10 is no 1.1 once it is in quotes. */
function asWritten(value: unknown, part: ValueNode | undefined): string {
  const written = part?.span.source.text.slice(part.span.start, part.span.end).trim();
  return cut(written || String(value));
}

function describe(value: unknown, secret: boolean, part: ValueNode | undefined): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (secret) return 'something else (not shown)';
  return typeof value === 'string' ? cut(JSON.stringify(value)) : `the ${typeof value} ${asWritten(value, part)}`;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** What the schema says about a document. */
export interface SchemaChecked {
  /** The whole file where it has no error, otherwise a view that holds rules off the parts that have; see `cleanView`. */
  readonly estate?: EstateFile;
  readonly findings: readonly Finding[];
}

/** More is some other file, and would help nobody. */
const mostErrors = 500;

/** Checks a document against the published schema; the schema itself is handed in by the caller, who reads files. */
export function checkSchema(document: EstateDocument, schema: object): SchemaChecked {
  const validate = compileSchema<EstateFile>(schema);
  const { value } = document;
  if (validate(value)) return { estate: value, findings: [] };
  const errors = validate.errors ?? [];
  const findings = meaningful(errors)
    .slice(0, mostErrors)
    .map(error => schemaFinding(document, error));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { findings };
  // What a rule reads through the view has passed the schema, so it has the type the schema gives it.
  return { estate: cleanView(value, new Set(errors.map(brokenPointer))) as EstateFile, findings };
}

/** The parts where the schema says `"x-env": true`: a text there may come from the environment. */
export function partsWithEnvironment(document: EstateDocument, schema: object): ReadonlySet<ValueNode> {
  const environmentPlaces = new Set<string>();
  compileSchema(schema).call({ environmentPlaces }, document.value);
  const parts = [...environmentPlaces].flatMap(pointer => document.part(pathOf(pointer)) ?? []);
  return new Set(parts);
}

/**
 * A `oneOf` reports every branch that did not fit. The branches here differ in type, so the errors worth showing
 * are those of the branch whose type fits, or else the one that says what may stand there.
 */
function meaningful(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = new Set(errors.filter(isChoice).map(error => error.instancePath));
  const decided = new Set(
    errors.filter(error => !isMismatch(error, choices)).map(error => choiceAround(error, choices)),
  );
  return errors.filter(error => {
    if (isChoice(error)) return !decided.has(error.instancePath);
    return !isMismatch(error, choices) && error.keyword !== 'propertyNames' && error.keyword !== 'if';
  });
}

function isChoice(error: ErrorObject): boolean {
  return error.keyword === 'oneOf' || error.keyword === 'anyOf';
}

/** Whether this only says that one branch is of another type. */
function isMismatch(error: ErrorObject, choices: ReadonlySet<string>): boolean {
  if (isChoice(error)) return true;
  return choices.has(error.instancePath) && (error.keyword === 'type' || error.keyword === 'const');
}

/** The choice that an error lies in: the one at its own place, or the nearest around it. */
function choiceAround(error: ErrorObject, choices: ReadonlySet<string>): string | undefined {
  let pointer = error.instancePath;
  while (pointer !== '' && !choices.has(pointer)) pointer = pointer.slice(0, pointer.lastIndexOf('/'));
  return choices.has(pointer) ? pointer : undefined;
}

/** The part that is not as the schema wants it, also where it is missing or should not be there. */
function brokenPointer({ instancePath, params, propertyName }: ErrorObject): string {
  const key: unknown = params['missingProperty'] ?? params['additionalProperty'] ?? propertyName;
  return typeof key === 'string' ? childPointer(instancePath, key) : instancePath;
}
