import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { folderWith, releasedAction, runAction } from './action.ts';
import { ciFolder } from './templates.ts';

/** The action, and the scripts of the templates, with a program that ends with each exit code: 0 and 2 are green, 1, 3 and 4 are red. */
const codes = [
  [0, true],
  [1, false],
  [2, true],
  [3, false],
  [4, false],
] as const;

interface Ended {
  readonly green: boolean;
  /** What the step gave to later ones. */
  readonly output: string;
}

/** Runs a script as GitHub does, or as a container does, with a `reconcile` whose plans, checks and looks end with this code. */
function runScript(script: string, code: number, environment: Readonly<Record<string, string>> = {}): Ended {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-codes-'));
  const program = `#!/bin/sh\ncase "$1" in snapshot) exit 0 ;; *) exit ${code} ;; esac\n`;
  const stubs = { reconcile: program, git: '#!/bin/sh\necho 0\n', gh: '#!/bin/sh\necho 1\n' };
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const env = { PATH: `${folderWith(stubs)}:${process.env['PATH']}`, GITHUB_OUTPUT: output, ...environment };
  const ran = spawnSync('bash', ['-eo', 'pipefail', '-c', script], { cwd: folder, env, encoding: 'utf8' });
  return { green: ran.status === 0, output: readFileSync(output, 'utf8') };
}

describe.each(codes)('exit code %d', (code, green) => {
  it.each(['plan', 'check', 'drift'])('of the action with %s', command => {
    const ended = runAction(releasedAction(`process.exit(${code})`), { command });
    expect(ended.code === 0).toBe(green);
    expect(ended).toMatchObject({ outputs: { 'exit-code': String(code) } });
    if (!green) expect(ended.output).toContain(`::error title=reconcile::reconcile ${command} ended with ${code}: `);
  });

  it('of GitLab, where it is shown with a warning at most', () => {
    const template = parse(readFileSync(join(ciFolder, 'gitlab', 'reconcile.gitlab-ci.yml'), 'utf8'));
    const allowed: readonly number[] = [template['.reconcile'].allow_failure.exit_codes].flat();
    expect(code === 0 || allowed.includes(code)).toBe(green);
  });

  it('of Jenkins, where a difference is a failed test at most', () => {
    const pipeline = readFileSync(join(ciFolder, 'jenkins', 'Jenkinsfile'), 'utf8');
    const [check = '', drift = ''] = [/sh '''([^']+)'''/, /sh '(reconcile drift [^']+)'/].map(
      form => form.exec(pipeline)?.[1] ?? 'exit 9',
    );
    for (const script of [check, drift]) expect(runScript(script, code, { CHANGE_TARGET: 'main' }).green).toBe(green);
    const allowed = /in \[([^\]]*)\]/.exec(pipeline)?.[1] ?? '';
    expect(allowed.includes(`'${code}'`)).toBe(green);
  });

  it('of the unit of systemd', () => {
    const unit = readFileSync(join(ciFolder, 'systemd', 'reconcile-drift.service'), 'utf8');
    const allowed = /^SuccessExitStatus=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
    expect(code === 0 || allowed.includes(String(code))).toBe(green);
  });
});

it.each(codes)('a part that ends with %d in Kubernetes: %s', (code, green) => {
  const text = readFileSync(join(ciFolder, 'kubernetes', 'sharded-plan.yaml'), 'utf8');
  const script = /args:\n\s+- \|\n((?: {14}.*\n)+)/.exec(text)?.[1] ?? 'exit 9';
  expect(runScript(script, code, { JOB_COMPLETION_INDEX: '0' }).green).toBe(green);
});
