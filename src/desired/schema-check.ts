import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Finding } from '../core/finding.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { suggestion } from './suggestion.ts';

/** Checks a document against the published schema; the schema itself is handed in by the caller, who reads files. */
export function checkSchema(
  document: EstateDocument,
  schema: object,
): { readonly estate?: EstateFile; readonly findings: readonly Finding[] } {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
  });
  const validate = ajv.compile<EstateFile>(schema);
  if (validate(document.value)) return { estate: document.value, findings: [] };
  return { findings: meaningful(validate.errors ?? []).map(error => schemaFinding(document, error)) };
}

/**
 * A `oneOf` reports every branch that did not fit. The branches here differ in type, so the errors worth showing
 * are those of the branch whose type fits, or else the one that says what may stand there.
 */
function meaningful(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(e => e.keyword === 'oneOf');
  return errors.filter(error => {
    const choice = choices.find(c => error !== c && error.schemaPath.startsWith(`${c.schemaPath}/`));
    if (choice) return !isBranchMismatch(error, choice) && fitsObject(choice);
    if (error.keyword === 'oneOf') return !fitsObject(error);
    return error.keyword !== 'propertyNames' && error.keyword !== 'if';
  });
}

function fitsObject(choice: ErrorObject): boolean {
  return typeof choice.data === 'object' && choice.data !== null && !Array.isArray(choice.data);
}

function isBranchMismatch(error: ErrorObject, choice: ErrorObject): boolean {
  return error.instancePath === choice.instancePath && (error.keyword === 'type' || error.keyword === 'const');
}

function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
}

function schemaFinding(document: EstateDocument, error: ErrorObject): Finding {
  const path = pathOf(error.instancePath);
  const name = path.length === 0 ? 'the file' : path.join('.');
  const at = (code: string, summary: string, detail: string, where = document.at(path)): Finding => ({
    severity: 'error',
    code,
    summary,
    detail,
    where,
  });
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      return at(
        'estate.unknown-key',
        'A key that means nothing here',
        `${[...path, key].join('.')} is not a key of this language.${suggestion(key, knownKeys(error))}`,
        document.atKey([...path, key]),
      );
    }
    case 'required':
      return at(
        'estate.missing-key',
        'A key is missing',
        `${name} needs "${String(params['missingProperty'])}".`,
        keyOf(document, path),
      );
    case 'type':
      return at(
        'estate.wrong-type',
        'A value of the wrong type',
        `${name} must be ${article(String(params['type']))}, and is ${describe(error.data)}.`,
      );
    case 'const':
      return at(
        'estate.wrong-value',
        'A value that is not allowed',
        `${name} must be ${JSON.stringify(params['allowedValue'])}, and is ${describe(error.data)}.`,
      );
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      return at(
        'estate.wrong-value',
        'A value that is not allowed',
        `${name} must be one of ${allowed.join(', ')}, and is ${describe(error.data)}.${suggestion(String(error.data), allowed)}`,
      );
    }
    case 'oneOf':
      return at(
        'estate.wrong-type',
        'A value of the wrong type',
        `${name} is ${describe(error.data)}. ${expectation(error)}`,
      );
    case 'pattern':
      return at(
        'estate.wrong-form',
        'A value of the wrong form',
        `${name} is ${describe(error.data)}. ${expectation(error)}`,
        formPlace(document, path, error),
      );
    case 'minProperties':
    case 'maxProperties':
    case 'minItems':
      return at(
        'estate.wrong-form',
        'A value of the wrong form',
        `${name} has the wrong number of entries: it ${error.message}. ${expectation(error)}`,
      );
    default:
      return at(
        'estate.wrong-value',
        'A value that is not allowed',
        `${name} ${error.message ?? 'is not allowed'}. ${expectation(error)}`,
      );
  }
}

/** A bad name of a host or domain is reported by ajv at the map that holds it. */
function formPlace(document: EstateDocument, path: DocumentPath, error: ErrorObject) {
  return error.propertyName === undefined ? document.at(path) : document.atKey([...path, error.propertyName]);
}

function keyOf(document: EstateDocument, path: DocumentPath) {
  return path.length === 0 ? document.at(path) : document.atKey(path);
}

function knownKeys(error: ErrorObject): readonly string[] {
  const properties: unknown = error.parentSchema?.['properties'];
  return properties && typeof properties === 'object' ? Object.keys(properties) : [];
}

function expectation(error: ErrorObject): string {
  const description: unknown = error.parentSchema?.['description'];
  if (typeof description === 'string') return `Expected: ${description}`;
  return error.keyword === 'pattern' ? `Expected the form ${String(error.schema)}` : '';
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function describe(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? String(value);
  return `${typeof value === 'string' ? '' : `the ${typeof value} `}${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
