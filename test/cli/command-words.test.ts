import { describe, expect, it } from 'vitest';
import { buildProgram, runCommandLine } from '../../src/cli/program.ts';
import { offline } from '../estate/offline.ts';
import { parseOnly } from './parse-only.ts';

/** Runs a command line that opens nothing. */
async function run(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const environment = offline({}, { COLUMNS: '80' });
  const code = await runCommandLine(words, environment);
  return { code, ...environment.said() };
}

const verbs = buildProgram(offline({}), () => {}).commands.map(command => command.name());

describe('a mistake in the words is answered in two lines: what is wrong, and what to run', () => {
  it.each([
    [['chek'], 'There is no command "chek".', 'check'],
    [['chek', 'e.yaml', '--base', 'HEAD'], 'There is no command "chek".', 'check e.yaml --base HEAD'],
    [['aply', '--yes'], 'There is no command "aply".', 'apply --yes'],
    [['-f', 'e.yaml', 'aply', '--yes'], 'There is no command "aply".', '-f e.yaml apply --yes'],
    [['zzzzz'], 'There is no command "zzzzz".', 'help'],
    [['estate.yaml'], 'No command is named, only the file estate.yaml.', 'check estate.yaml'],
    [['help', 'chek'], 'There is no command "chek".', 'help check'],
    [['help', 'zzzz'], 'There is no command "zzzz".', 'help'],
    [['plan', '--onyl=a', 'e.yaml'], 'reconcile plan has no option --onyl.', 'plan --only=a e.yaml'],
    [['plan', '--zzzzz'], 'reconcile plan has no option --zzzzz.', 'help plan'],
    [['-x'], 'reconcile has no option -x.', 'help'],
    [['undo'], "missing required argument 'run'", 'help undo'],
    [
      ['demo', '--hosts', 'x'],
      "option '--hosts <n>' argument 'x' is invalid. Expected a whole number, 2 or more.",
      'help demo',
    ],
  ])('%j', async (words, wrong, instead) => {
    const { code, stdout, stderr } = await run(...words);
    expect(stderr).toBe(`error: ${wrong}\n    reconcile ${instead}\n`);
    expect([code, stdout]).toEqual([1, '']);
  });

  it('without any word the help is', async () => {
    const { code, stdout, stderr } = await run();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe((await run('help')).stdout);
  });
});

describe('help', () => {
  it('fits one screen: commands by groups before options', async () => {
    const { code, stdout } = await run('help');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(41);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80);
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
    expect(stdout.indexOf('  check ')).toBeLessThan(stdout.indexOf('  apply '));
    expect(stdout.indexOf('  help ')).toBeLessThan(stdout.indexOf('--format'));
    expect((await run('--help')).stdout).toBe(stdout);
  });

  it.each(verbs)('help %s is what its --help is', async verb => {
    const { code, stdout } = await run('help', verb);
    expect(code).toBe(0);
    expect(stdout).toBe((await run(verb, '--help')).stdout);
    expect(
      Math.max(...stdout.split('\n').map(line => (line.startsWith('  reconcile ') ? 0 : line.length))),
    ).toBeLessThanOrEqual(80);
  });
});

describe('an option with a list takes one word, and a file after it stays a file', () => {
  it.each([
    ['plan', '--only'],
    ['check', '--only'],
    ['apply', '--only'],
    ['undo', '--only', 'RUN'],
    ['audit', '--list'],
    ['snapshot', '--attribute'],
    ['snapshot', '--group'],
    ['verify', '--probe'],
    ['apply', '--signature'],
  ])('%s %s', async (verb, option, ...before) => {
    const program = buildProgram(offline({}), () => {});
    const command = program.commands.find(one => one.name() === verb);
    const value = option === '--list' ? 'limbo' : 'cs6-fe1';
    const needed = verb === 'snapshot' ? ['-o', 'x'] : [];
    let files: unknown;
    command?.action((...given: readonly unknown[]) => {
      files = given[before.length];
    });
    await program.parseAsync([verb, ...before, ...needed, option, value, 'estate.yaml'], { from: 'user' });
    expect(files).toEqual(['estate.yaml']);
  });

  it('no option takes more', () => {
    const options = buildProgram(offline({}), () => {}).commands.flatMap(command => command.options);
    expect(options.filter(({ variadic }) => variadic).map(({ flags }) => flags)).toEqual([]);
  });

  it.each([['a,b'], ['a, b']])('its names are separated by commas: %s', async list => {
    const program = buildProgram(offline({}), () => {});
    let only: unknown;
    program.commands
      .find(one => one.name() === 'plan')
      ?.action((_: unknown, options: { only?: unknown }) => {
        only = options.only;
      });
    await program.parseAsync(['plan', '--only', list, '--only', 'c'], { from: 'user' });
    expect(only).toEqual(['a', 'b', 'c']);
  });

  it('a name that cannot be is refused', async () => {
    await expect(parseOnly(['audit', '--list', 'limbo,limbos'])).rejects.toThrow(/Allowed are .*limbo/);
    await expect(parseOnly(['plan', '--only', 'a,,b'])).rejects.toThrow('Expected names separated by commas.');
  });
});
