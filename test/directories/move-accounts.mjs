// Plans and carries out the moves of an estate over the shipped program's own parts, so that a test can kill it in the middle.
// Words: the estate as JSON, the folder of the journal, its name.

import { openJournalFile } from '../../dist/adapters/local/journal-file.js';
import { connect } from '../../dist/adapters/open-ports.js';
import { compareAll } from '../../dist/engine/compare.js';
import { executePlan } from '../../dist/engine/execute.js';
import { targetsOf } from '../../dist/kinds/registry.js';
import { buildPlan } from '../../dist/plan/build.js';

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
