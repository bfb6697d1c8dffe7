import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { examples } from '../../src/cli/help.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { reconcile } from '../e2e/cli.ts';
import { offline } from '../estate/offline.ts';

const program = buildProgram(offline({}), () => {});
const commands: readonly Command[] = [program, ...program.commands];
const lines = Object.values(examples).flatMap(some => some.map(({ line }) => line));

describe('help', () => {
  it.each(commands.map(command => command.name()).filter(name => name !== 'completion' && name !== 'man'))(
    '%s has examples, and the exit codes',
    async name => {
      const { stdout, code } = await reconcile(name === 'reconcile' ? ['--help'] : [name, '--help'], {});
      expect(code).toBe(0);
      if (name !== 'reconcile') expect(stdout).toMatch(/\nExamples:\n {2}reconcile /);
      expect(stdout).toContain('Exit codes:');
      expect(examples[name]?.length).toBeLessThanOrEqual(4);
    },
  );

  it.each(lines.flatMap(line => line.split(' && ')))('%s can be said', line => {
    const [, first = '', ...rest] = line.split(' ');
    const command = commands.find(one => one.name() === first) ?? program;
    expect(command.name()).toBe(first);
    const known = command.options.flatMap(({ long, short }) => [long, short]);
    for (const word of [first, ...rest].filter(one => one.startsWith('-'))) expect(known).toContain(word);
  });

  it('is painted on a terminal, and nowhere else', async () => {
    const painted = await reconcile(['plan', '--help'], {}, { terminal: { stdoutIsTerminal: true } });
    const plain = await reconcile(['plan', '--help'], {});
    expect(painted.stdout).toContain('\u001b[');
    expect(plain.stdout).not.toContain('\u001b');
    for (const [words, environment] of [
      [['plan', '--help'], { NO_COLOR: '1' }],
      [['plan', '--help', '--no-color'], {}],
    ] as const)
      expect((await reconcile(words, environment, { terminal: { stdoutIsTerminal: true } })).stdout).toBe(plain.stdout);
  });
});
