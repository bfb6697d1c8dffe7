import { createHash, type Hash } from 'node:crypto';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { compileSchema } from '../core/compile-schema.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';
import { AccountStore } from './account-store.ts';
import {
  type EndLine,
  formatVersion,
  type HostLine,
  type SchemaLine,
  type SearchLine,
  type SnapshotHead,
  type SnapshotLine,
} from './snapshot-format.ts';

/** The clocks of two machines are never quite the same: how far ahead the other one may be, in milliseconds. */
const clockDifference = 3_600_000;

/** Why a snapshot is too old at a time; one whose time cannot be read, or is yet to come, counts as too old. */
export function ageFinding(
  file: string,
  { takenAt }: SnapshotHead,
  { now, most }: { readonly now: string; readonly most: { readonly text: string; readonly milliseconds: number } },
): Finding | undefined {
  const age = Date.parse(now) - Date.parse(takenAt);
  if (age >= -clockDifference && age <= most.milliseconds) return undefined;
  return finding('snapshot.too-old', {
    detail: `${file} was taken at ${takenAt}, and now it is ${now}; --max-age is ${most.text}.\nThe estate may have changed since. Take a new snapshot in a job with credentials, or allow older ones:`,
    where: { file, line: 1 },
    next: [nextCommands.snapshot(file)],
  });
}

/** A snapshot that was read to its end and is whole. */
export interface Snapshot {
  readonly head: SnapshotHead;
  readonly schema: SchemaLine;
  readonly hosts: readonly HostLine[];
  readonly searches: readonly SearchLine[];
  readonly accounts: AccountStore;
  /** Attributes with values that not all servers compare in the same way. */
  readonly irregular: readonly string[];
}

/** Longer lines are no snapshot's: a list of calendars has 64 MB at most. */
const longestLine = 200_000_000;

const newline = 10;

/** The unpacked bytes of a snapshot -> the snapshot, or why it cannot be used. What `bytes` throws is thrown. */
export async function readSnapshot(
  file: string,
  bytes: AsyncIterable<Uint8Array>,
  schema: object,
): Promise<Snapshot | Finding> {
  const gathering = new Gathering(schema);
  for await (const line of linesOf(bytes)) {
    const problem = line === undefined ? 'a line does not end' : gathering.add(line);
    if (problem !== undefined) return unusable(file, problem, gathering.head);
  }
  return gathering.whole() ?? unusable(file, 'it ends early; perhaps it was cut off', gathering.head);
}

/** What has been read so far, each line checked against the schema before anything is made of it. */
class Gathering {
  head: SnapshotHead | undefined;
  readonly #validate: ValidateFunction<SnapshotLine>;
  readonly #hash: Hash = createHash('sha256');
  readonly #hosts: HostLine[] = [];
  readonly #searches: SearchLine[] = [];
  readonly #accounts = new AccountStore();
  #schema: SchemaLine | undefined;
  #end: EndLine | undefined;

  constructor(schema: object) {
    this.#validate = compileSchema<SnapshotLine>(schema);
  }

  /** Takes a line; says what is wrong with it. */
  add(bytes: Buffer): string | undefined {
    const line = parseJson(bytes);
    if (!this.#validate(line)) {
      const [error] = this.#validate.errors ?? [];
      return `a line is not understood: ${error?.instancePath ?? ''} ${error?.message ?? ''}`;
    }
    if (this.#end) return 'something follows its end';
    if (!this.head && line.line !== 'snapshot') return 'it does not begin like a snapshot';
    if (line.line === 'end') return this.#finish(line);
    this.#hash.update(bytes).update('\n');
    this.#keep(line, bytes);
    return undefined;
  }

  #keep(line: Exclude<SnapshotLine, EndLine>, bytes: Buffer): void {
    if (line.line === 'account') this.#accounts.add(bytes);
    else if (line.line === 'host') this.#hosts.push(line);
    else if (line.line === 'search') this.#searches.push(line);
    else if (line.line === 'schema') this.#schema = line;
    else this.head = line;
  }

  #finish(end: EndLine): string | undefined {
    this.#end = end;
    const whole = end.accounts === this.#accounts.size && end.sha256 === this.#hash.digest('hex');
    return whole ? undefined : 'it does not match its own digest: it was changed after it was taken';
  }

  whole(): Snapshot | undefined {
    if (!this.head || !this.#schema || !this.#end) return undefined;
    const { irregular } = this.#end;
    const read = { head: this.head, schema: this.#schema, hosts: this.#hosts, searches: this.#searches };
    return { ...read, accounts: this.#accounts, irregular };
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The lines without their ends; `undefined` for one that is too long. What is left without an end is a line too. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Buffer | undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const some of bytes) {
    const piece = Buffer.from(some.buffer, some.byteOffset, some.byteLength);
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      yield Buffer.concat([...parts, piece.subarray(start, end)]);
      parts = [];
      length = 0;
      start = end + 1;
    }
    parts.push(Buffer.from(piece.subarray(start)));
    length += piece.length - start;
    if (length > longestLine) yield undefined;
  }
  if (length > 0) yield Buffer.concat(parts);
}

/** Why a file is no snapshot that counts. */
export function unusable(file: string, problem: string, head?: SnapshotHead): Finding {
  const other = head !== undefined && head.formatVersion !== formatVersion;
  const detail = other
    ? `${file} has format ${head.formatVersion}, and this version reads ${formatVersion}.`
    : `${file}: ${problem}.`;
  return finding('snapshot.unusable', {
    detail: `${detail}\nA part of a snapshot never counts as the whole. Take a new one:`,
    where: { file, line: 1 },
    next: [nextCommands.snapshot(file)],
  });
}
