import type { Access, AccountClass } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { AttributeKind, AttributeMatching, DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryQuery } from '../ports/directory.ts';
import type { Command, CommandResult, StartRecord } from '../ports/host.ts';

/**
 * A snapshot is JSON lines, packed with gzip: the head, the schema of the directory, what each host answered, searches for
 * what is no account, every account, and the end with a digest over all before it. `schemas/snapshot.schema.json` describes
 * each line.
 */
export const formatVersion = 1;

/** What stands in for a secret. No value of an estate file can be the same: those are ASCII. */
export const masked = '\u00b7'.repeat(6);

/** The first line. */
export interface SnapshotHead {
  readonly line: 'snapshot';
  readonly formatVersion: number;
  /** Version of the program that took it. */
  readonly tool: string;
  /** The name of the estate. */
  readonly estate: string;
  /** When the reading began, ISO 8601. */
  readonly takenAt: string;
  readonly directory: {
    readonly url: string;
    /** Absent: SASL EXTERNAL. */
    readonly bindDn?: string;
    /** Every entry that one of these finds is in it; filters as the estate file has them. */
    readonly accounts: readonly AccountClass[];
    /** What is held of each account, in lower case; an attribute that is not named here is not known to be absent. */
    readonly attributes: readonly string[];
    /** Subtrees without any account that were asked for: whether they are there. */
    readonly bases: readonly { readonly base: string; readonly there: boolean }[];
  };
}

/** The schema as the directory gave it. */
export interface SchemaLine {
  readonly line: 'schema';
  readonly attributes: readonly (readonly [string, AttributeKind])[];
  readonly matching: readonly (readonly [string, AttributeMatching])[];
  readonly objectClasses: readonly (readonly [
    string,
    { readonly auxiliary: boolean; readonly may: readonly string[]; readonly must: readonly string[] },
  ])[];
  readonly superiors: readonly (readonly [string, readonly string[]])[];
}

/** A file that is there; without its content where nothing but its name, owner and time was looked at. */
export interface FileRecord {
  readonly asked: string;
  readonly path: string;
  /** One character a byte (ISO 8859-1). */
  readonly content?: string;
  readonly modified: number;
  readonly changed?: number;
  readonly owner: string;
  readonly mode: string;
  readonly link: boolean;
}

/** An answer, or the problem there was instead of one. */
export type Answer<T> = { readonly answer: T } | { readonly problem: Finding };

/** What a restart left there about a service. No sum of a file is kept: with one, a masked secret could be found by trying. */
export interface StartLine {
  readonly processes: StartRecord['processes'];
  readonly files: readonly { readonly path: string; readonly same: boolean }[];
}

/** What one host answered. */
export interface HostLine {
  readonly line: 'host';
  readonly name: string;
  /** Under the same name another machine may answer one day. */
  readonly access: Pick<Access, 'address' | 'port' | 'user'>;
  /** By the place that was asked for; an answer without files: nothing is there. */
  readonly files: readonly ({ readonly asked: string } & Answer<readonly FileRecord[]>)[];
  readonly commands: readonly ({ readonly command: Command } & Answer<CommandResult>)[];
  readonly clock?: Answer<number>;
  /** By service; one that is not named has no record. */
  readonly starts?: readonly ({ readonly service: string } & Answer<StartLine>)[];
  /** How many secrets were masked. */
  readonly masked: number;
}

/** A search that accounts do not answer, such as that for a group. */
export interface SearchLine {
  readonly line: 'search';
  readonly query: DirectoryQuery;
  readonly result: Answer<readonly EntryRecord[]>;
}

/** An entry as JSON. */
export interface EntryRecord {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** One account. */
export interface AccountLine extends EntryRecord {
  readonly line: 'account';
}

/** The last line. */
export interface EndLine {
  readonly line: 'end';
  readonly accounts: number;
  /** Attributes, in lower case, with values in another form of Unicode than NFKC: servers compare those in different ways. */
  readonly irregular: readonly string[];
  /** SHA-256 over every byte before this line, unpacked. */
  readonly sha256: string;
}

/** Any line of a snapshot. */
export type SnapshotLine = SnapshotHead | SchemaLine | HostLine | SearchLine | AccountLine | EndLine;

/** The schema as the kinds ask for it. */
export function schemaOf({ attributes, matching, objectClasses, superiors }: SchemaLine): DirectorySchema {
  return {
    attributes: new Map(attributes),
    matching: new Map(matching),
    objectClasses: new Map(objectClasses),
    superiors: new Map(superiors),
  };
}

/** A schema as a line. */
export function schemaLine({ attributes, matching, objectClasses, superiors }: DirectorySchema): SchemaLine {
  return {
    line: 'schema',
    attributes: [...attributes],
    matching: [...(matching ?? [])],
    objectClasses: [...objectClasses],
    superiors: [...(superiors ?? [])],
  };
}
