import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';

/**
 * The person at the terminal, who answers one question at a time: hosts are read in parallel, and two may ask at once. What is printed
 * on standard error during a question follows after it, so that it neither hides the question nor moves what is typed.
 */
export class TerminalPerson {
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #interrupt: () => void;
  readonly #turns = pLimit(1);
  #held: string[] | undefined;

  /** `interrupt` is called when the person presses Ctrl-C or Ctrl-D at a question. */
  constructor(input: Readable, output: Writable, interrupt: () => void) {
    this.#input = input;
    this.#output = output;
    this.#interrupt = interrupt;
  }

  /** Prints on standard error. */
  readonly print = (text: string): void => {
    if (this.#held) this.#held.push(text);
    else this.#output.write(text);
  };

  /**
   * Asks, and waits for a line. `hidden`: what is typed is not shown. The question is printed as it is: its writer has made it safe.
   * Rejects when `signal` takes the question back.
   */
  readonly ask = (
    question: string,
    { hidden, signal }: { readonly hidden: boolean; readonly signal?: AbortSignal },
  ): Promise<string> =>
    this.#turns(async () => {
      signal?.throwIfAborted();
      this.#held = [];
      this.#output.write(hidden ? `${clearLine}${question}` : clearLine);
      const terminal = createInterface({
        input: this.#input,
        output: hidden ? nowhere() : this.#output,
        terminal: true,
      });
      terminal.on('SIGINT', this.#interrupt);
      // The end of the input answers nothing, and nothing goes on after it.
      let isEnded = false;
      const end = () => {
        isEnded = true;
        this.#interrupt();
      };
      terminal.once('close', end);
      try {
        // What is typed is shown by readline, which draws the question anew with it.
        const answer = terminal.question(hidden ? '' : question, { ...(signal && { signal }) });
        return await answer.catch(async (error: unknown) => {
          // The program stays until the interrupt has come: nothing else keeps it.
          if (isEnded) await pause(untilInterrupted);
          throw error;
        });
      } finally {
        terminal.off('close', end);
        terminal.close();
        if (hidden) this.#output.write('\n');
        this.#release();
      }
    });

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const text of held) this.#output.write(text);
  }
}

/** Milliseconds; an interrupt comes at once. */
const untilInterrupted = 5_000;

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Takes away the line that says what goes on. */
const clearLine = '\r\u001b[K';
