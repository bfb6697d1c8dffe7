import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('a reader that closes the pipe early meets no stack trace', () => {
  const piped = spawnSync('sh', ['-c', 'node dist/reconcile.cjs schema | head -1'], { encoding: 'utf8' });
  expect([piped.status, piped.stdout, piped.stderr]).toEqual([0, '{\n', '']);
});
