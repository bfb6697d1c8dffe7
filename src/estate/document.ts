import { dirname, join } from 'node:path/posix';
import type { SourcePosition } from '../core/finding.ts';
import type { Environment } from './env-values.ts';
import { type Entry, plainValue, type ValueNode } from './node.ts';
import { placeOf } from './source-text.ts';

/** Why a file was not read, in words that end a sentence; `outside`: it does not lie where it has to. */
export interface NotRead {
  readonly reason: string;
  readonly outside?: true;
}

/**
 * Reads a file of this machine: its bytes, of a large one only some more than `limit`. With `below` only one that lies in
 * that folder or further down, wherever links lead, and that is no part of git's own records.
 */
export type FileReader = (path: string, limit: number, below?: string) => Uint8Array | NotRead;

/** What a file can depend on besides its text; handed in, because nothing here knows the process. */
export interface LoadOptions {
  readonly environment?: Environment;
  /** The day for which waves are asked, YYYY-MM-DD; left out, each wave is taken as it ends. */
  readonly day?: string;
  /** The variables that texts may ask for; left out, any. */
  readonly variables?: ReadonlySet<string> | undefined;
  /** Whether only how targets are reached is taken from the files, which may leave the rest out. */
  readonly connectionsOnly?: boolean;
  /** For the files that members stand in; left out, none can be read. */
  readonly readFile?: FileReader;
}

/** A relative path is beside the file it stands in, which one of several files that may be. */
export function resolvePath(document: EstateDocument, place: DocumentPath, path: string): string {
  return path.startsWith('/') ? path : join(dirname(document.at(place).file), path);
}

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
  part(path: DocumentPath): ValueNode | undefined;
}

/** A document over parts, which may come from several files. */
export function makeDocument(root: ValueNode): EstateDocument {
  const part = (path: DocumentPath): ValueNode | undefined =>
    path.reduce<ValueNode | undefined>((around, step) => around && inside(around, step), root);
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

function inside(part: ValueNode, step: string | number): ValueNode | undefined {
  return part.form === 'list' ? part.items[Number(step)] : entryOf(part, step)?.part;
}

function entryOf(part: ValueNode, step: string | number | undefined): Entry | undefined {
  return part.form === 'map' ? part.entries.get(String(step)) : undefined;
}
