// Takes guarantees out of the program one by one, and tells after how many stories the model notices.
//   node test/model/mutants.mjs [most stories, 600] [names...]
// Nothing in src is changed: esbuild gets the other text while it bundles.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Name, file, text, and what is in its place. */
const mutants = [
  [
    'recheck before a write is skipped: files',
    'src/engine/recheck.ts',
    '  if (moved) throw new TargetProblem(staleBasis(step));',
    '',
  ],
  [
    'recheck before a write is skipped: values',
    'src/engine/recheck.ts',
    '.filter(change => equalChange(change, live.get(identity(change))))',
    '',
  ],
  [
    'a write is not recorded before it is made',
    'src/engine/journaled.ts',
    "    for (const [index, write] of writes.entries())\n      await records.journal.write({ line: 'begin', write: numbers[index] ?? 0, step, target, ...write });\n",
    '',
  ],
  ['a watchdog is not called off', 'src/engine/watchdog.ts', '    await dog.confirm();\n', ''],
  [
    'watchdogs of dead runs are not looked for',
    'src/app/run-plan.ts',
    '  if (hosts.length === 0) return { calledOff: 0 };',
    '  return { calledOff: 0 };',
  ],
  [
    'no watchdog is started',
    'src/engine/watchdog.ts',
    '  if (!target.activates || target.restart.length === 0) return undefined;',
    '  return undefined;',
  ],
  [
    'the lock is not proved before the directory is written',
    'src/engine/journaled.ts',
    "    await records.prove(target === 'directory' ? 'directory' : 'host');\n",
    '',
  ],
  [
    'the lock of a living run is taken for dead',
    'src/engine/locks.ts',
    "    else if (result.state === 'taken') {",
    "    else if (result.state === 'taken' && false) {",
  ],
  ['hosts are written without a lock', 'src/engine/execute.ts', '  if (unlocked) return notRun(step, unlocked);\n', ''],
  [
    'a value of the directory is replaced, whatever it is',
    'src/accounts/modify-accounts.ts',
    "  return [...part('delete', list(change.before)), ...part('add', list(change.after))];",
    "  return [...part('add', list(change.after))];",
  ],
  [
    'what could not be read counts as in sync',
    'src/core/report.ts',
    "    ...(unread.length > 0 || findings.some(({ open }) => open === 'value') ? [exitCodes.incomplete] : []),\n",
    '',
  ],
  [
    'a run that could not read again counts as in sync',
    'src/core/report.ts',
    '    ...(run.unread.length > 0 ? [exitCodes.incomplete] : []),\n',
    '',
  ],
  [
    'a restart is not derived from the times',
    'src/kinds/shared/service.ts',
    '  if ((known === true && running.pid !== unseen) || counts < running.started) return undefined;',
    '  return undefined;',
  ],
  [
    'a restart does not follow a change',
    'src/engine/recheck.ts',
    '    if (wrote || item.changes.length > 0)',
    '    if (item.changes.length > 0)',
  ],
  [
    'an undo does not heed what was edited since',
    'src/engine/recheck.ts',
    '    const due = known.filter(change => !asked.has(identity(change)));',
    '    const due = known;',
  ],
  [
    'an undo writes back files that were edited since',
    'src/engine/take-back.ts',
    '      if (live === undefined || sha256(live.content) !== file.written) return undefined;',
    '      if (live === undefined) return undefined;',
  ],
  [
    'accounts move before their side is ready',
    'src/engine/execute.ts',
    '  if (blocker !== undefined) return',
    '  if (false) return',
  ],
  [
    'the touched targets are not read again',
    'src/engine/execute.ts',
    'const after = interrupted || lost ? [] : await readAgain(plan, execution);',
    'const after = [];',
  ],
  [
    'an unread target is no reason to refuse moves',
    'src/plan/guards.ts',
    "    ...plan.findings.filter(f => f.severity === 'error' && !allowed.has(f.code)),\n",
    '',
  ],
  [
    'a restart that failed is not taken back',
    'src/engine/execute.ts',
    '  if (failed && !running.lost.finding) await takeBack(step, running);\n',
    '',
  ],
  [
    'a run goes on after its lock was lost',
    'src/engine/execute.ts',
    "  if (running.lost.finding) return { ...about, results: all(step, 'not-run', running.lost.finding.summary) };\n",
    '',
  ],
  [
    'the first line of a key wins',
    'src/kinds/shared/ics-conf-text.ts',
    'for (const { key, value } of assignments) values.set(',
    'for (const { key, value } of assignments) if (!values.has(key)) values.set(',
  ],
  [
    'accounts move before CS6 is ready',
    'src/core/stages.ts',
    "requires: ['identity', 'cs6-config', 'cs6-activate'],",
    "requires: ['identity'],",
  ],
  ['the lock is not given back', 'src/app/run-plan.ts', '    noteUnreleased(await locks.release(), progress);\n', ''],
  [
    'a settled host keeps its lock',
    'src/app/run-plan.ts',
    '  const [unreleased] = await locks.release();',
    '  const [unreleased] = [];',
  ],
  [
    'what a watchdog is going to put back counts as it is',
    'src/engine/watchdogs-waiting.ts',
    '      return finding && !one.unread ?',
    '      return false ?',
  ],
  [
    'a calling-off after the reading is not noticed',
    'src/app/run-plan.ts',
    '  if (calledOff === 0) return undefined;',
    '  return undefined;',
  ],
  [
    'the lists of davadmin are replaced, not extended',
    'src/kinds/cs7-davadmin/cs7-davadmin.ts',
    'after: [...has, ...missing] }',
    'after: missing }',
  ],
];

const [, , most = '600', ...only] = process.argv;
const folder = mkdtempSync(resolve('node_modules/.mutants-'));
const entry = join(folder, 'entry.ts');
writeFileSync(
  entry,
  `import { playStories } from ${JSON.stringify(resolve('test/model/random-stories.ts'))};
const began = process.cpuUsage();
let [stories, why] = [0, ''];
for (let part = 0; stories < ${Number(most)} && why === ''; part++) {
  const played = await playStories({ runs: 100, seed: 5000 + part, shortest: false });
  stories += played.stories;
  why = played.failed ? played.failed.why.split('\\n').slice(0, 2).join(' ').slice(0, 110) : '';
}
const { user, system } = process.cpuUsage(began);
console.log(JSON.stringify({ stories, why, seconds: Math.round((user + system) / 1e6) }));
process.exit(0);
`,
);

async function play(name, file, from, to) {
  const bundle = join(folder, 'bundle.mjs');
  const mutate = {
    name: 'mutate',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (file === undefined || path !== resolve(file)) return undefined;
        const text = readFileSync(path, 'utf8');
        if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
        return { contents: text.replace(from, () => to), loader: 'ts' };
      });
    },
  };
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['ssh2', 'cpu-features', 'fast-check'],
    logLevel: 'silent',
    plugins: [mutate],
  });
  const ran = spawnSync(process.execPath, [bundle], { encoding: 'utf8', timeout: 900_000 });
  const line = ran.stdout.trim().split('\n').at(-1) ?? '';
  const { stories, why, seconds } = line.startsWith('{')
    ? JSON.parse(line)
    : { stories: '?', why: ran.stderr.slice(-200), seconds: '?' };
  process.stdout.write(
    `| ${name} | ${why === '' ? `not found in ${stories}` : `story ${stories}`} | ${seconds} s | ${why.replaceAll('|', '/')} |\n`,
  );
}

try {
  for (const mutant of mutants) {
    if (only.length > 0 && !only.some(word => mutant[0].includes(word))) continue;
    await play(...mutant).catch(problem =>
      process.stdout.write(`| ${mutant[0]} | ${problem.message.split('\n').slice(0, 3).join(' ')} |\n`),
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
