import { describe, expect, it } from 'vitest';
import { buildProgram, runCommandLine } from '../../src/cli/program.ts';
import { offline, replacing } from '../estate/offline.ts';

/** Parses a command line and does nothing; returns the options of the command that would have run. */
async function optionsOf(words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const program = buildProgram(offline({}), () => {});
  let options: Readonly<Record<string, unknown>> = {};
  for (const command of program.commands)
    command.action(() => {
      options = command.opts();
    });
  await program.parseAsync([...words], { from: 'user' });
  return options;
}

describe('an option before the name of a command', () => {
  it.each([
    [['--runs', 'x', 'apply'], { runs: 'x' }],
    [['--runs', 'x', 'apply', '--runs', 'own'], { runs: 'own' }],
    [['--only', 'a', '--format', 'json', 'plan'], { only: ['a'], format: 'json' }],
    [['--no-color', '--verbose', 'audit'], { color: false, verbose: true }],
    [['apply'], { format: 'text' }],
  ])('%j is taken by the command', async (words, expected) => {
    expect(await optionsOf(words)).toMatchObject(expected);
  });

  it('is where the records of runs are looked for', async () => {
    const listed: string[] = [];
    const files = {
      list: async (folder: string) => {
        listed.push(folder);
        return [];
      },
    };
    expect(await runCommandLine(['--runs', 'kept here', 'runs'], replacing(offline({}), { files }))).toBe(0);
    expect(listed).toEqual(['kept here']);
  });

  it.each([
    [['--check', 'apply'], '--check'],
    [['--live', 'l.gz', 'apply'], '--live'],
    [['--live', 'l.gz', 'drift'], '--live'],
    [['--runs', 'x', 'validate'], '--runs'],
  ])('%j is an error where the command has none such', async (words, option) => {
    const environment = offline({});
    expect(await runCommandLine(words, environment)).toBe(1);
    expect(environment.said().stderr).toContain(`"${words.at(-1)}" has no option ${option}`);
  });
});
