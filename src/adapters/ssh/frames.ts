import { randomBytes } from 'node:crypto';

/** A name for the frames of one trip that nothing on a host can guess. */
export function createNonce(): string {
  return randomBytes(12).toString('hex');
}

/**
 * What a script prints comes in frames: a line `@NONCE REQUEST WORD REST`, then a body. The nonce is random and travels on
 * standard input only, so nothing on the host can print it by accident; the body is taken as bytes.
 */
export interface Frame {
  /** The number of the request, or `-` for what concerns the script as a whole. */
  readonly request: string;
  readonly word: string;
  readonly rest: string;
  readonly body: Buffer;
}

/** How a frame begins. */
export function frameMark(nonce: string): string {
  return `@${nonce}`;
}

/** The frame that ends every script: with it the answer is whole, whoever still holds the channel open. */
export function doneMark(nonce: string): string {
  return `${frameMark(nonce)} - done\n`;
}

/** Takes an answer apart. What stands before the first frame (a greeting of the login shell) is left out. */
export function parseFrames(output: Buffer, nonce: string): readonly Frame[] {
  const mark = Buffer.from(`${frameMark(nonce)} `);
  const frames: Frame[] = [];
  let start = output.indexOf(mark);
  while (start >= 0) {
    const next = output.indexOf(mark, start + mark.length);
    frames.push(parseFrame(output.subarray(start + mark.length, next < 0 ? output.length : next)));
    start = next;
  }
  return frames;
}

/** The last line end of a body belongs to the frame: scripts print one after data that may not end with a line end. */
function parseFrame(text: Buffer): Frame {
  const headEnd = text.indexOf(10);
  const head = text.toString('utf8', 0, headEnd < 0 ? text.length : headEnd);
  const [request = '', word = '', ...rest] = head.trimEnd().split(' ');
  const bodyStart = headEnd < 0 ? text.length : headEnd + 1;
  return { request, word, rest: rest.join(' '), body: text.subarray(bodyStart, Math.max(bodyStart, text.length - 1)) };
}

/** The number that the shell of the script has on the host, once it has said it. */
export function scriptProcess(output: Buffer, nonce: string): number | undefined {
  const start = parseFrames(output, nonce).find(frame => frame.word === 'start');
  return start && /^\d+$/.test(start.rest) ? Number(start.rest) : undefined;
}

/** The lines of a body that holds text. */
export function bodyLines(frame: Frame | undefined): readonly string[] {
  const text = frame?.body.toString() ?? '';
  return text === '' ? [] : text.split('\n').map(line => line.trim());
}
