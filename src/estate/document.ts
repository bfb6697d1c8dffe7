import type { SourcePosition } from '../core/finding.ts';
import { type Entry, type Part, plainValue } from './node.ts';
import { placeOf } from './source-text.ts';

/** A path of keys and indexes from the root of a document. */
export type DocumentPath = readonly (string | number)[];

/** One or several files as plain data that still knows where each part stands, and in which file. */
export interface EstateDocument {
  readonly value: unknown;
  /** Where the value at `path` stands, or the nearest part around it that is there. */
  at(path: DocumentPath): SourcePosition;
  /** Where the key that ends `path` stands. */
  atKey(path: DocumentPath): SourcePosition;
  /** The part at `path`, where there is one. */
  part(path: DocumentPath): Part | undefined;
}

/** A document over parts, which may come from several files. */
export function makeDocument(root: Part): EstateDocument {
  const part = (path: DocumentPath): Part | undefined =>
    path.reduce<Part | undefined>((around, step) => around && inside(around, step), root);
  const at = (path: DocumentPath): SourcePosition => {
    const found = part(path);
    return found || path.length === 0 ? placeOf((found ?? root).span) : at(path.slice(0, -1));
  };
  const atKey = (path: DocumentPath): SourcePosition => {
    const around = part(path.slice(0, -1));
    const entry = around && entryOf(around, path.at(-1));
    return entry ? placeOf(entry.key) : at(path);
  };
  return { value: plainValue(root), at, atKey, part };
}

function inside(part: Part, step: string | number): Part | undefined {
  return part.form === 'list' ? part.items[Number(step)] : entryOf(part, step)?.part;
}

function entryOf(part: Part, step: string | number | undefined): Entry | undefined {
  return part.form === 'map' ? part.entries.get(String(step)) : undefined;
}
