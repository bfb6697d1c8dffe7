import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import type { Change } from '../../src/core/change.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { renderPlanFile } from '../../src/plan/plan-file.ts';
import { offline, replacing } from '../estate/offline.ts';
import { estateSchema } from '../kinds/cases.ts';

const fileText = (of: Plan) => [...renderPlanFile(of)].join('');

/** A saved plan meets the estate files of this machine; nothing is connected to before both fit. */
const chapter = readFileSync('examples/chapter.yaml', 'utf8');
const planSchema = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));
const day = '2026-12-08';

function planOf(text: string, changes: Partial<Change> = {}): Plan {
  const { state } = loadEstate('estate.yaml', text, estateSchema, {}, { day });
  if (!state) throw new Error('the file is not valid');
  const move: Change = { action: 'create', item: 'uid=a,o=isp', key: 'davStore', after: 'defaultbackend' };
  const comparison: Comparison = {
    ...{ kind: 'ldap-cohort', target: 'directory', stage: 'accounts', findings: [] },
    changes: [{ ...move, ...changes }],
  };
  const facts = { tool: '0', readAt: `${day}T09:00:00.000Z`, accounts: { counted: 1, all: true } };
  return buildPlan(state, [comparison], facts);
}

async function apply(plan: Plan, estate: string) {
  const environment = offline({ 'estate.yaml': estate, 'plan.json': fileText(plan) });
  const toWrite = () => Promise.reject(new Error('connected'));
  const bound = replacing(environment, { schemas: { plan: planSchema }, connections: { toWrite } });
  const code = await runCommandLine(['apply', 'plan.json', '--yes'], bound).catch((error: Error) => error.message);
  return { code, said: environment.said().stderr };
}

describe('a saved plan and the files here', () => {
  it.each([
    ['as it was made', chapter],
    ['with other lines and comments', `# a note\n${chapter}`],
    [
      'by another user, with another secret',
      chapter.replace('cn=reconcile,', 'cn=writer,').replace('LDAP_PASSWORD', 'X'),
    ],
    ['by another key', chapter.replace('SSH_KEY_FILE', 'OTHER_KEY')],
  ])('go together %s', async (_, estate) => {
    expect(await apply(planOf(chapter), estate)).toEqual({ code: 'connected', said: '' });
  });

  it.each([
    ['another address', chapter.replace('address: cs6server.', 'address: other.'), 'hosts.cs6.access.address'],
    ['another directory', chapter.replace('ds1.example.com', 'ds2.example.com'), 'directory.url'],
    ['another cohort', chapter.replace('=Finance', '=Sales'), 'cohorts.migrated.members.filter'],
    ['another limit', `${chapter}limits: { deletes: 7 }\n`, 'limits.deletes'],
    ['signatures', `${chapter}policy: { signatures: { signers: s } }\n`, 'policy.signatures.required'],
  ])('do not where these ask for %s', async (_, estate, key) => {
    const { code, said } = await apply(planOf(chapter), estate);
    expect([code, said]).toEqual([3, expect.stringContaining('plan.other-files')]);
    expect(said).toContain(`\n      ${key}\n`);
  });

  it.each([
    ['attribute', { key: 'userPassword' }, 'userPassword of uid=a,o=isp'],
    ['entry', { item: 'cn=config' }, 'davStore of cn=config'],
  ])('do not where the plan is about an %s that they do not manage', async (_, change, says) => {
    const { code, said } = await apply(planOf(chapter, change), chapter);
    expect([code, said]).toEqual([3, expect.stringContaining('plan.stray-step')]);
    expect(said).toContain(says);
  });
});
