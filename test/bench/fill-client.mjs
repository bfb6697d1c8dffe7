// One step of a first fill as a process of its own, so that its memory and its time are its own: `plan` reads the accounts and writes
// the plan, `apply` carries the plan out, `undo` takes a run back. It gets its work as JSON in the first argument and prints what it
// took as JSON. Only the directory takes part.
import { createReadStream, readFileSync } from 'node:fs';
import { findWriteProblem } from '../../src/accounts/modify-accounts.ts';
import { replacePrivateText } from '../../src/adapters/local/file-system.ts';
import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import { connect } from '../../src/adapters/open-ports.ts';
import { openLocalRecords } from '../../src/app/local-records.ts';
import { packageFile } from '../../src/core/package-files.ts';
import { countStates } from '../../src/core/result-list.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { compareUndo } from '../../src/engine/compare-undo.ts';
import { executePlan } from '../../src/engine/execute.ts';
import { writtenSteps } from '../../src/engine/written-changes.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { applyRefusals } from '../../src/plan/guards.ts';
import { readPlanFile, renderPlanFile } from '../../src/plan/plan-file.ts';
import { buildUndo, inverseSteps } from '../../src/plan/undo.ts';
import { renderText } from '../../src/report/text/render-text.ts';

const work = JSON.parse(process.argv[2]);
const schemaOf = name => JSON.parse(readFileSync(packageFile(`schemas/${name}.schema.json`), 'utf8'));
const { state, findings } = loadEstate(work.estate, readFileSync(work.estate, 'utf8'), schemaOf('estate'));
if (!state) throw new Error(JSON.stringify(findings));
const targets = targetsOf(state).filter(({ target }) => target === 'directory');
const { ports, close } = connect(state, work.environment);
const now = () => new Date().toISOString();
const start = performance.now();
const done = await { plan, apply, undo }[work.what]();
const milliseconds = performance.now() - start;
await close();
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const seconds = (userCPUTime + systemCPUTime) / 1e6;
process.stdout.write(JSON.stringify({ milliseconds, seconds, megabytes: maxRSS / 1024, ...done }));

async function plan() {
  const comparisons = await compareAll(targets, ports);
  const unread = comparisons.flatMap(one => one.unread ?? []);
  if (unread.length > 0) throw new Error(JSON.stringify(unread));
  const made = buildPlan(state, comparisons, { tool: '0', readAt: now(), accounts: { counted: 1, all: false } });
  await replacePrivateText(work.plan, renderPlanFile(made));
  const report = { command: 'plan', exitCode: 2, plan: made, refusals: [] };
  return { changes: countOf(made), report: renderText(report, { color: false, verbose: false }) };
}

async function apply() {
  const read = await readPlanFile(work.plan, createReadStream(work.plan), schemaOf('plan'));
  if (!read.plan) throw new Error(JSON.stringify(read.findings));
  return run(read.plan, applyRefusals(read.plan, {}, { at: now() }));
}

async function undo() {
  const context = { files: localFiles(), schemas: { plan: schemaOf('plan'), read: schemaOf } };
  const records = await openLocalRecords(work.runs, context);
  const [planned, record] = [await records.plan(work.run), await records.record(work.run)];
  if ('code' in planned) throw new Error(JSON.stringify(planned));
  const undone = { name: work.run, plan: planned, steps: writtenSteps(planned, record), replaced: new Map() };
  const comparisons = await compareUndo(inverseSteps(undone), targets, ports);
  return run(buildUndo(undone, comparisons, [], { tool: '0', readAt: now(), findings: [] }), []);
}

async function run(made, refused) {
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
  const unwritable = await findWriteProblem(made.steps, ports.directory());
  if (unwritable) throw new Error(JSON.stringify(unwritable));
  const journal = await openJournalFile(work.runs, `${now().replace(/[-:.]/g, '')}-${made.digest.slice(0, 8)}`, now);
  const ended = await executePlan(made, {
    ...{ targets, ports, journal, clock: { now }, progress: () => {}, irreversible: false, by: {} },
    ...{ stopping: () => false, prove: async () => {}, unlocked: new Map() },
  });
  await journal.close();
  const report = { command: 'apply', exitCode: 0, plan: made, refusals: [], run: ended };
  const remaining = ended.remaining.reduce((sum, { changes }) => sum + changes.length, 0);
  const text = renderText(report, { color: false, verbose: false });
  return { changes: countOf(made), run: journal.name, states: countStates(ended), remaining, report: text };
}

function countOf({ steps }) {
  return steps.reduce((sum, { changes }) => sum + changes.length, 0);
}

function localFiles() {
  const read = async path => readFileSync(path);
  const list = async () => [`${work.run}.jsonl`, `${work.run}.plan.json`];
  return { read, list, readEnd: read, readPieces: path => createReadStream(path) };
}
