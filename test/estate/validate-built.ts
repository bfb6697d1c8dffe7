import { spawn } from 'node:child_process';

/** How the built program ended, and what it took. */
export interface Ended {
  readonly code: number | null;
  readonly said: string;
  /** Of all cores, and of a machine that may be busy with other things. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

/** Says at the end what it took. */
const meter = `data:text/javascript,${encodeURIComponent(`import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, megabytes: process.resourceUsage().maxRSS / 1024 }));
});`)}`;

/** `reconcile validate FILE` with the built program, in bounds. */
export function validateBuilt(file: string, heapMegabytes = 300): Promise<Ended> {
  const words = [`--max-old-space-size=${heapMegabytes}`, '--import', meter, 'dist/reconcile.cjs', 'validate', file];
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, COLUMNS: '1000' },
    timeout: 250_000,
    killSignal: 'SIGKILL',
  });
  const texts = ['', '', '', ''];
  for (const fd of [1, 2, 3]) child.stdio[fd]?.on('data', chunk => (texts[fd] += chunk));
  return new Promise(done =>
    child.on('close', code => {
      const [, stdout = '', stderr = '', took] = texts;
      done({ code, said: stdout + stderr, ...JSON.parse(took || '{}') });
    }),
  );
}
