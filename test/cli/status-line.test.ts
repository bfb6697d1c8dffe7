import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readContext } from '../../src/cli/contexts.ts';
import { withStatus } from '../../src/cli/environment.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { offline, replacing } from '../estate/offline.ts';

const clear = '\r\u001b[K';

/** A command on a terminal or in a log, whose clock goes with the timers. */
function begin(stderrIsTerminal: boolean, columns = 40) {
  const quiet = offline({});
  const environment = withStatus(
    replacing(quiet, {
      clock: { now: () => new Date().toISOString() },
      variables: {},
      terminal: { stderrIsTerminal, columns: () => columns },
    }),
  );
  const { progress } = readContext(environment, { format: 'text', color: false });
  return { environment, progress, said: quiet.said };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('on a terminal', () => {
  it('is one line with the time since the command began, drawn again every second', () => {
    const { progress, said } = begin(true);
    vi.advanceTimersByTime(2_000);
    progress.show('read 1 of 4');
    vi.advanceTimersByTime(2_000);
    progress.show('read 2 of 4');
    progress.end();
    expect(said().stderr).toBe(
      ['0:02  read 1 of 4', '0:03  read 1 of 4', '0:04  read 1 of 4', '0:04  read 2 of 4', '']
        .map(line => clear + line)
        .join(''),
    );
    expect(said().stdout).toBe('');
    vi.advanceTimersByTime(10_000);
    expect(said().stderr.endsWith(clear), 'nothing is drawn after the end').toBe(true);
  });

  it('is taken away before anything else is printed, on either stream, and drawn again after it', () => {
    const { environment, progress, said } = begin(true);
    progress.show('a');
    environment.terminal.stdout('result\n');
    expect(said().stderr).toBe(`${clear}0:00  a${clear}`);
    environment.terminal.stdout('more\n');
    progress.note('a note');
    vi.advanceTimersByTime(1_000);
    progress.warn([finding('file.no-revision', { detail: 'x' })]);
    expect(said().stderr).toContain(`${clear}0:00  a${clear}a note\n${clear}0:01  a${clear}error file.no-revision`);
    expect(said().stdout).toBe('result\nmore\n');
  });

  it('fits the terminal, shows hours, and nothing that the terminal would obey', () => {
    const { progress, said } = begin(true, 50);
    vi.advanceTimersByTime(3_725_000);
    progress.show('waiting for a\u001b[2J host with a long name');
    const line = said().stderr.slice(clear.length);
    expect(line).toBe('1:02:05  waiting for a\\u001b[2J host with a long…');
    expect(line.length).toBeLessThan(50);
  });
});

describe('in a log', () => {
  it('is a line a minute, and nothing before', () => {
    const { progress, said } = begin(false);
    progress.show('read 1 of 4; waiting for cs6-fe1');
    vi.advanceTimersByTime(59_000);
    expect(said().stderr).toBe('');
    vi.advanceTimersByTime(62_000);
    progress.show('read 4 of 4');
    progress.end();
    vi.advanceTimersByTime(200_000);
    expect(said()).toEqual({
      stdout: '',
      stderr:
        'Still working after 1 min: read 1 of 4; waiting for cs6-fe1\nStill working after 2 min: read 1 of 4; waiting for cs6-fe1\n',
    });
  });
});

it('with -q nothing is shown but errors', () => {
  const { environment, said } = begin(true);
  const { progress } = readContext(environment, { format: 'text', color: false, quiet: true });
  progress.show('a');
  progress.note('b');
  progress.warn([finding('cohort.no-mail', { detail: 'c' })]);
  expect(said()).toEqual({ stdout: '', stderr: '' });
  progress.warn([finding('file.no-revision', { detail: 'd' })]);
  expect(said().stderr).toContain('file.no-revision');
});
