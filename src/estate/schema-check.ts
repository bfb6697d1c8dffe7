import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Finding } from '../core/finding.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import type { Part } from './node.ts';
import { pathOf, schemaFinding } from './schema-finding.ts';
import { childPointer, cleanView } from './valid-parts.ts';

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
  const { validate } = compiled(schema);
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
export function partsWithEnvironment(document: EstateDocument, schema: object): ReadonlySet<Part> {
  const { validate, environmentPlaces } = compiled(schema);
  environmentPlaces.clear();
  validate(document.value);
  const parts = [...environmentPlaces].flatMap(pointer => document.part(pathOf(pointer)) ?? []);
  return new Set(parts);
}

interface Compiled {
  readonly validate: ValidateFunction<EstateFile>;
  /** Filled by each validation: JSON pointers of the values that `x-env` stands for. */
  readonly environmentPlaces: Set<string>;
}

/** Compiling takes far longer than checking a file. */
const cache = new WeakMap<object, Compiled>();

function compiled(schema: object): Compiled {
  const known = cache.get(schema);
  if (known) return known;
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
    // Every command waits for this. That the schema is one is a test's affair; code that runs once need not be terse.
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  });
  const environmentPlaces = new Set<string>();
  ajv.addKeyword({
    keyword: 'x-env',
    schemaType: 'boolean',
    errors: false,
    validate: (allowed: boolean, _: unknown, __: unknown, place: { readonly instancePath: string } | undefined) => {
      if (allowed && place) environmentPlaces.add(place.instancePath);
      return true;
    },
  });
  ajv.addKeyword({ keyword: 'x-secret', schemaType: 'boolean' });
  const entry = { validate: ajv.compile<EstateFile>(schema), environmentPlaces };
  cache.set(schema, entry);
  return entry;
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
