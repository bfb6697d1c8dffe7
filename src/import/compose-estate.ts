import type { DocumentPath } from '../estate/document.ts';
import { type EditedText, type EstateEdit, editEstate, type FileValue } from '../estate/edit-estate.ts';
import type { Choice, Facts } from './fact.ts';

/** What is known of an estate before its file is written: what was given counts more than what was found. */
export interface Gathered {
  /** In the order in which they are written. */
  readonly edits: readonly EstateEdit[];
  /** What is left to decide: nothing was given for it. */
  readonly choices: readonly Choice[];
}

/** Puts what was given beside what was found. A value that was given decides the choices at its key. */
export function gather(given: readonly EstateEdit[], facts: readonly Facts[]): Gathered {
  const found = facts.flatMap(one => one.found).filter(({ path }) => !given.some(one => isWithin(path, one.path)));
  const open = facts.flatMap(one => one.choices).filter(({ path }) => !decided(path, given));
  return { edits: [...found, ...given], choices: distinctChoices(open) };
}

/** Whether a value was given at a path, around it, or in it. */
export function decided(path: DocumentPath, given: readonly EstateEdit[]): boolean {
  return given.some(one => isWithin(path, one.path) || isWithin(one.path, path));
}

/** The value that was given for a key, by itself or within a map; the last one counts. */
export function statedValue(given: readonly EstateEdit[], path: DocumentPath): FileValue | undefined {
  const stated = given.flatMap(({ path: at, value }) =>
    isWithin(path, at) ? [below(value, path.slice(at.length))] : [],
  );
  return stated.findLast(value => value !== undefined);
}

function below(value: FileValue | undefined, path: DocumentPath): FileValue | undefined {
  return path.reduce<FileValue | undefined>((part, key) => (isMap(part) ? part[String(key)] : undefined), value);
}

function isMap(value: FileValue | undefined): value is { readonly [key: string]: FileValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(path: DocumentPath, around: DocumentPath): boolean {
  return around.length <= path.length && around.every((part, i) => String(part) === String(path[i]));
}

function distinctChoices(choices: readonly Choice[]): readonly Choice[] {
  return [...new Map(choices.map(choice => [JSON.stringify(choice.path), choice])).values()];
}

/** A text with nothing in it but the edits; what is connected with before there is a file. */
export function draftEstate(edits: readonly EstateEdit[], schema: object): EditedText {
  return editEstate('version: 1\n', edits, schema);
}

/** The text of a new estate file. The same facts give the same bytes. `schemaFile` is the path of the schema from the file. */
export function composeEstate(edits: readonly EstateEdit[], schemaFile: string, schema: object): EditedText {
  const head = [
    `# yaml-language-server: $schema=${schemaFile}`,
    '# Written by "reconcile import" from what is live. A comment says where a value was found.',
    '# Change it as you like. "reconcile plan" shows what that would change.',
    'version: 1',
    '',
  ].join('\n');
  return editEstate(head, edits, schema);
}

/** Where a schema may be, from the folder of the file: an editor reads it there. */
export const schemaPlaces: readonly string[] = [
  './estate.schema.json',
  './schemas/estate.schema.json',
  '../schemas/estate.schema.json',
];
