import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { until } from './until.ts';

/** A program in a real terminal, and the person in front of it. */
export interface Terminal {
  /** What stands on the screen, without what only paints it; a line that was drawn again stands there once. */
  screen(): string;
  /** Types a line, with Enter, and waits until something comes of it. */
  type(line: string): Promise<void>;
  /** Waits until the program asks, or ends; gives what stands on the screen since the last line was typed, or nothing when it has ended. */
  question(): Promise<string | undefined>;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number>;
}

/** A question stands still for so long, in milliseconds: the line that says what goes on is drawn again every second. */
const stillFor = 1_500;

/**
 * Starts a program in a terminal of its own: `script` of util-linux makes it, so that the program sees what it would see under the
 * hands of a person.
 */
export function openTerminal(
  words: readonly string[],
  { env, columns = 80 }: { readonly env: Readonly<Record<string, string>>; readonly columns?: number },
): Terminal {
  const line = [`stty cols ${columns} rows 50;`, 'exec', ...words.map(quoted)].join(' ');
  const child = spawn('script', ['-qfec', line, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let [typed, answered, changed, over] = ['', 0, Date.now(), false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    typed += text;
    changed = Date.now();
  });
  const ended = once(child, 'close').then(([code]) => {
    over = true;
    return Number(code);
  });
  const screen = () => drawn(typed);
  const asks = () => {
    const since = drawn(typed.slice(answered));
    const last = since.split('\n').at(-1) ?? '';
    return last.trim() !== '' && Date.now() - changed > stillFor ? since : undefined;
  };
  return {
    screen,
    ended,
    async type(text) {
      answered = typed.length;
      child.stdin.write(`${text}\r`);
      await until(
        () => over || typed.length > answered,
        () => `nothing came of "${text}":\n${screen()}`,
      );
    },
    async question() {
      const found = await until(
        () => (over ? { over } : asks()),
        () => `no question after:\n${screen()}`,
      );
      return typeof found === 'string' ? found : undefined;
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What is left of each line after carriage returns. */
function drawn(text: string): string {
  return stripVTControlCharacters(text)
    .split(/\r*\n/)
    .map(line => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n');
}
