// Plans and carries out a whole estate over the shipped program's own parts, and is killed by its journal on the way.
// Word: JSON with the wanted state, the folder and the name of the record, and where to die; without `die` it does not.

import { openJournalFile } from '../../../src/adapters/local/journal-file.ts';
import { connect } from '../../../src/adapters/open-ports.ts';
import { gateOf } from '../../../src/app/verify-estate.ts';
import { compareAll } from '../../../src/engine/compare.ts';
import { executePlan } from '../../../src/engine/execute.ts';
import { takeLocks } from '../../../src/engine/locks.ts';
import { targetsOf } from '../../../src/kinds/registry.ts';
import { buildPlan, planToStart } from '../../../src/plan/build.ts';
import { refusals } from '../../../src/plan/guards.ts';
import { dyingJournal } from './dying-journal.mjs';

const { state, folder, name, die } = JSON.parse(process.argv[2]);
const now = () => new Date().toISOString();
const connection = connect(state, process.env);
const targets = targetsOf(state);
const makePlan = async () => {
  const comparisons = await compareAll(targets, connection.ports);
  return buildPlan(state, comparisons, { tool: 'test', readAt: now(), accounts: { counted: 1, all: false } });
};
// Who was killed before is known to be dead.
const hosts = state.hosts.map(host => host.name);
const claim = { run: name, by: 'test', isDead: () => true };
const locks = await takeLocks({ hosts, directory: hosts }, connection.ports, claim);
if ('code' in locks) throw new Error(JSON.stringify(locks));
const execution = {
  targets,
  ports: connection.ports,
  clock: { now },
  progress: () => {},
  irreversible: true,
  by: {},
  stopping: () => false,
  prove: locks.renew,
  unlocked: locks.unlocked,
};
const first = await makePlan();
const aid = planToStart(first);
if (aid) {
  const journal = await openJournalFile(folder, `${name}-aid`, now);
  await executePlan(aid, { ...execution, journal: die ? dyingJournal(journal, aid, die) : journal });
  await journal.close();
}
const plan = aid ? await makePlan() : first;
const refused = refusals(plan, { moves: plan.steps.flatMap(step => step.changes).length, deletes: 10 });
if (refused.length > 0) throw new Error(JSON.stringify(refused));
const journal = await openJournalFile(folder, name, now);
const gate = gateOf(state, connection.ports);
const gated = { ...execution, ...(gate && { gate }) };
const run = await executePlan(plan, { ...gated, journal: die ? dyingJournal(journal, plan, die) : journal });
await journal.close();
await locks.release();
await connection.close();
const results = run.steps.flatMap(step => step.results);
const troubles = run.steps.flatMap(({ id, finding, results: some }) => {
  const odd = some.filter(({ state: outcome }) => outcome !== 'done' && outcome !== 'unchanged');
  return finding || odd.length > 0 ? [{ id, finding, odd }] : [];
});
const done = results.filter(({ state: outcome }) => outcome === 'done').length;
const { remaining, unread } = run;
process.stdout.write(JSON.stringify({ planned: results.length, done, troubles, remaining, unread }));
