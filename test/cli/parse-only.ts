import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import type { DrawCommand } from '../../src/core/next-command.ts';
import { offline } from '../estate/offline.ts';

/** Parses a command line and does nothing; throws what commander has to say. Gives what draws commands after it. */
export async function parseOnly(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<DrawCommand> {
  const program = buildProgram({ ...offline({}, variables), enterFolder: () => {} }, () => {});
  let draw: DrawCommand | undefined;
  for (const command of [program, ...program.commands])
    command
      .action((...given: readonly unknown[]) => {
        draw = (given.at(-1) as Command).opts()['draw'];
      })
      .configureOutput({ writeErr: () => {} });
  await program.parseAsync([...words], { from: 'user' });
  if (!draw) throw new Error(`nothing was run: ${words.join(' ')}`);
  return draw;
}

/** The words of command lines, as a shell takes them apart; without the name of the program. */
export function shellWords(lines: readonly string[]): readonly (readonly string[])[] {
  const script = lines.map(line => `set -- ${line}; printf '%s\\0' "$@"; printf '\\n\\0'`).join('\n');
  const output = execFileSync('sh', ['-c', script], {
    encoding: 'utf8',
    cwd: mkdtempSync(join(tmpdir(), 'reconcile-words-')),
  });
  return output
    .split('\n\0')
    .slice(0, -1)
    .map(words => {
      const [program, ...rest] = words.split('\0').slice(0, -1);
      if (program !== 'reconcile') throw new Error(`not of this program: ${words}`);
      return rest;
    });
}
