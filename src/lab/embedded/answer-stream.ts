import { Transform, type TransformCallback } from 'node:stream';
import type { TreePaths } from './tree-paths.ts';

/** Characters that may stand behind the nonce in the line before a file's content. */
const LONGEST_HEAD = 20;

/**
 * Puts the host's paths back into what a command prints, as it comes.
 *
 * The content of a file must not be touched: the client holds it against the checksum and length that the host told, and
 * a file may well name the folder it lies in. Where content begins and ends is told by the client's own protocol: a line
 * `@NONCE NUMBER data`, then the bytes, then the next `@NONCE`. The nonce is random, stands in the script and in no file,
 * so that the same marks that make the client's reading sound make this sound. Replacing on this side of the shell has
 * one more reason: the shell sees plain commands, and everything it runs, `/bin/pwd` and all, is the machine's own.
 */
export class AnswerStream extends Transform {
  readonly #paths: TreePaths;
  readonly #mark: string | undefined;
  readonly #head: RegExp | undefined;
  #held = '';
  #last = '\n';
  #inData = false;

  /** `nonce`: of the script, where it has one; else all is text. */
  constructor(paths: TreePaths, nonce?: string) {
    super();
    this.#paths = paths;
    this.#mark = nonce === undefined ? undefined : `@${nonce} `;
    this.#head = nonce === undefined ? undefined : new RegExp(`@${nonce} \\d+ data\\n`);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held += chunk.toString('latin1');
    while (this.#step()) {
      // Until no whole piece is left.
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#emit(this.#held.length);
    done();
  }

  /** Takes one piece off what is held; true when it ended with the end of a mode. */
  #step(): boolean {
    const end = this.#inData ? this.#held.indexOf(this.#mark ?? '') : this.#endOfHead();
    if (end < 0) {
      this.#emit(this.#held.length - this.#openEnd());
      return false;
    }
    this.#emit(end);
    this.#inData = !this.#inData;
    return true;
  }

  #endOfHead(): number {
    const match = this.#head?.exec(this.#held);
    return match ? match.index + match[0].length : -1;
  }

  /** How many of the last characters must wait, as they may be the beginning of something that is to be recognized. */
  #openEnd(): number {
    const names = this.#inData ? [] : this.#paths.names;
    const marks = this.#mark === undefined ? [] : [this.#mark];
    const patterns = [...names, ...marks];
    const longest = Math.max(0, ...patterns.map(pattern => pattern.length + LONGEST_HEAD));
    let start = Math.max(0, this.#held.length - longest);
    while (start < this.#held.length && !this.#mayGoOn(this.#held.slice(start), patterns)) {
      start += 1;
    }
    // What follows a name decides what it means, and be it a single `/`.
    const name = names.find(one => this.#held.endsWith(one, start));
    return this.#held.length - start + (name?.length ?? 0);
  }

  #mayGoOn(tail: string, patterns: readonly string[]): boolean {
    return patterns.some(pattern => pattern.startsWith(tail)) || (!this.#inData && this.#isOpenHead(tail));
  }

  /** A head whose line has not ended yet. */
  #isOpenHead(tail: string): boolean {
    return this.#mark !== undefined && tail.startsWith(this.#mark) && !tail.includes('\n');
  }

  #emit(length: number): void {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    if (text !== '') {
      this.push(Buffer.from(this.#inData ? text : this.#paths.toHost(text, this.#last), 'latin1'));
      this.#last = text.at(-1) ?? '';
    }
  }
}
