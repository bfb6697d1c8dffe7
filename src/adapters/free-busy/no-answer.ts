import type { LookUpFailure } from '../../ports/free-busy.ts';

/** Something that is no usable answer; the message is said to people once it is made printable. */
export class NoAnswer extends Error {
  readonly failure: LookUpFailure;
  /** As in LookUpAnswer. */
  readonly code: string | undefined;

  constructor(failure: LookUpFailure, message: string, code?: string) {
    super(message);
    this.failure = failure;
    this.code = code;
  }
}

/** Hands on what `parse` makes of an answer, and its reason why it makes nothing of it as a NoAnswer. */
export function readable<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof NoAnswer
      ? error
      : new NoAnswer('unreadable', `the answer cannot be read: ${reasonOf(error)}`);
  }
}

/** Why, in words; a fault inside a library says nothing to a reader. */
function reasonOf(error: unknown): string {
  if (error instanceof TypeError || error instanceof RangeError) return 'it makes no sense';
  return error instanceof Error ? error.message : String(error);
}
