/** A reader of text from outside, with what it takes to attack it. */
export interface Parser {
  readonly name: string;
  /** The exported functions that are reached: `parseIcsConf`. */
  readonly covers: readonly string[];
  /** Texts as they are met. Of a parser of bytes each character is a byte. */
  readonly samples: readonly string[];
  /** Pieces of its grammar. */
  readonly words: readonly string[];
  /** Reads a text; throws only what `refuses` knows. */
  read(text: string): unknown;
  /** Errors by which it says in its own way that it cannot read a text. */
  refuses?(error: unknown): boolean;
  /** Throws where what was made of a text claims something that is not in it. */
  holds?(text: string, result: unknown): void;
  /** Characters are bytes. */
  readonly bytes?: true;
  /** The longest text that gets as far as this parser. */
  readonly longest?: number;
}

/** Throws with a reason: what a property says when it does not hold. */
export function claim(holds: boolean, reason: string): void {
  if (!holds) throw new Error(`it does not hold: ${reason}`);
}

/** UTF-8 as a text whose characters are bytes. */
export function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
