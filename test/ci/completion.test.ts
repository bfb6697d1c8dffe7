import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { reconcile } from '../e2e/cli.ts';
import { offline } from '../estate/offline.ts';

/** Completion and the manual page, in the shells and by the formatters they are for. */
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const ran = await reconcile(['completion', shell], {});
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    writeFileSync(join(folder, shell), ran.stdout);
  }
  writeFileSync(join(folder, 'reconcile.1'), (await reconcile(['man'], {})).stdout);
  writeFileSync(join(folder, 'saved.yaml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (program: string, ...words: readonly string[]) =>
  execFileSync(program, words, {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, HOME: folder, LC_ALL: 'C.UTF-8' },
  });

/** What bash would offer for the last word of a command line, taken apart as bash does it. */
function offered(line: string): readonly string[] {
  const words = line.split(/(?<==)| |(?==)/);
  const script = `source ./bash
    COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
    _reconcile; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', '--norc', '-uc', script)
    .split('\n')
    .filter(word => word !== '');
}

const formats = ['text', 'json'];

describe('bash', () => {
  it.each([
    ['reconcile pl', ['plan']],
    ['reconcile --che', ['--check']],
    ['reconcile plan --only cs6-fe1 --out', ['--output']],
    ['reconcile -f validate ap', ['apply']],
    ['reconcile apply --allow-m', ['--allow-moves', '--allow-moves-back']],
    ['reconcile completion ', ['bash', 'zsh', 'fish']],
    ['reconcile plan est', []],
    ['reconcile plan -o ', []],
    ['reconcile runs --format=js', ['json']],
  ])('%s<TAB>', (line, words) => {
    expect(offered(line)).toEqual(words);
  });

  it('offers all commands, formats and options', () => {
    expect(offered('reconcile ')).toEqual(expect.arrayContaining(['validate', 'plan', 'apply', 'man']));
    expect(offered('reconcile plan --format ')).toEqual(expect.arrayContaining(formats));
    expect(offered('reconcile --format=')).toEqual(expect.arrayContaining(formats));
    expect(offered('reconcile plan -')).toEqual(expect.arrayContaining(['-f', '--file', '--base', '--help']));
  });

  it('in a real bash, by the key', () => {
    const typed = `source ./bash; PS1='> '; bind 'set bell-style none'\nreconcile pl\t--out\tsav\t\n`;
    const script = `printf '%s' "$1" | bash --norc -i 2>&1; true`;
    expect(run('bash', '-c', script, '', typed)).toContain('reconcile plan --output saved.yaml');
  });

  it('is accepted by shellcheck', () => {
    run('shellcheck', '--shell', 'bash', '--exclude', 'SC2207', 'bash');
  });
});

describe('zsh', () => {
  it('is right zsh, and is registered', () => {
    run('zsh', '-n', 'zsh');
    const script = 'autoload -U compinit; compinit -u -D; source ./zsh; print $_comps[reconcile]';
    expect(run('zsh', '-fc', script).trim()).toBe('_reconcile');
  });

  it.each([
    ['reconcile pl', 'reconcile plan'],
    ['reconcile plan --ou', 'reconcile plan --output'],
    ['reconcile completion fi', 'reconcile completion fish'],
    ['reconcile runs --format js', 'reconcile runs --format json'],
  ])('%s<TAB>', (line, completed) => {
    // In a pseudo terminal of its own, the only place where zsh completes; the second key writes down what came of the first.
    const script = `zmodload zsh/zpty; zpty shell 'TERM=vt100 zsh -fi'
      zpty -w shell "autoload -U compinit; compinit -u -D; source ./zsh; show() { print -r - \\$BUFFER >shown; exit }"
      zpty -w shell "zle -N show; bindkey '^X' show; echo rea''dy"
      zpty -r -m shell seen '*ready*'; zpty -w -n shell "$1"$'\\t\\x18'
      while zpty -r shell seen; do :; done; cat shown`;
    expect(run('timeout', '200', 'zsh', '-fc', script, '', line).trim()).toBe(completed);
  });
});

describe('fish', () => {
  const complete = (line: string) =>
    run('fish', '--no-config', '-c', `source ./fish; complete -C '${line}'`)
      .split('\n')
      .map(found => found.split('\t')[0]);

  it.each([
    ['reconcile pl', 'plan'],
    ['reconcile plan --forma', '--format'],
    ['reconcile plan --format js', 'json'],
    ['reconcile completion z', 'zsh'],
    ['reconcile plan -o sav', 'saved.yaml'],
  ])('%s<TAB>', (line, word) => {
    expect(complete(line)).toContain(word);
  });
});

describe('the manual page', () => {
  it('is formatted without a warning', () => {
    expect(run('bash', '-c', 'groff -man -Tutf8 -K utf8 -ww reconcile.1 2>&1 >/dev/null')).toBe('');
    expect(run('bash', '-c', 'mandoc -T lint -W warning reconcile.1 | grep -v "missing date" || true')).toBe('');
  });

  it('has every command with its options, and the exit codes', () => {
    const text = run('mandoc', '-T', 'ascii', 'reconcile.1').replace(/.\x08/g, '');
    for (const part of ['--allow-moves', 'reconcile completion', 'refused by a guard', 'estate.yaml', 'NO_COLOR'])
      expect(text).toContain(part);
    const commands = buildProgram(offline({}), () => {}).commands.map(command => command.name());
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) expect(text).toMatch(new RegExp(`^ +reconcile ${command}\\b`, 'm'));
  });
});
