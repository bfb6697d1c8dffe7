// Plans and carries out the moves of an estate over the shipped program's own parts, so that a test can kill it in the middle.
// Words: the estate as JSON, the folder of the journal, its name.

import { openJournalFile } from '../../src/adapters/local/journal-file.ts';
import { connect } from '../../src/adapters/open-ports.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { executePlan } from '../../src/engine/execute.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { buildPlan } from '../../src/plan/build.ts';

const [json, folder, name] = process.argv.slice(2);
const state = JSON.parse(json);
const now = () => new Date().toISOString();
const connection = connect(state, process.env);
const targets = targetsOf(state).filter(target => target.kind === 'ldap-cohort');
const comparisons = await compareAll(targets, connection.ports);
const accounts = { counted: 1, all: false };
const plan = buildPlan(state, comparisons, { tool: 'test', readAt: now(), accounts });
const journal = await openJournalFile(folder, name, now);
const execution = {
  targets,
  ports: connection.ports,
  clock: { now },
  progress: () => {},
  irreversible: false,
  by: {},
  stopping: () => false,
  prove: async () => {},
  unlocked: new Map(),
  journal,
};
const run = await executePlan(plan, execution);
await journal.close();
await connection.close();
const states = run.steps.flatMap(step => step.results.map(result => result.state));
process.stdout.write(JSON.stringify({ planned: states.length, done: states.filter(s => s === 'done').length }));
