import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostsOf } from '../../src/core/desired.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { PlanReport } from '../../src/core/report.ts';
import { findTraces } from '../../src/drift/last-change.ts';
import { compareAll } from '../../src/engine/compare.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { askedAt } from '../../src/explain/asked-lines.ts';
import { askWhy } from '../../src/explain/why.ts';
import { bindable } from '../../src/kinds/managed-kind.ts';
import { registry, targetsOf } from '../../src/kinds/registry.ts';
import { bindAccounts } from '../../src/kinds/shared/account-kind.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { letGoFindings } from '../../src/plan/origins.ts';
import { type Format, renderReport } from '../../src/report/format.ts';
import { inSyncMemory } from '../drift/world.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';
import { cs7Motto } from './added/cs7-motto/cs7-motto.ts';
import { ldapLanguage } from './added/ldap-language/ldap-language.ts';
import { desiredOf, estateSchema } from './cases.ts';

/** Two kinds that nothing else in the program knows of: a folder each, and a line each here. */
const kinds = [...registry, bindable(cs7Motto), bindAccounts([ldapLanguage])];

const state = desiredOf({ name: '', live: {}, changes: [] });
const targets = targetsOf(state, kinds);
const [host] = hostsOf(state, 'cs7');
if (!host) throw new Error('the example has no CS7 host');
const motto = 'motto.of.the.day';
const language = 'preferredLanguage';

async function planOf(spoil: boolean): Promise<Plan> {
  const memory = inSyncMemory();
  const { ports } = memoryPorts(memory);
  if (!spoil) {
    const options = '/opt/sun/comms/davserver/config/davserver.properties';
    memory.files = { ...memory.files, [options]: `a=b\n${motto}=one fact has one owner\n` };
    for (const { attributes } of memory.entries ?? []) attributes[language] = ['de'];
  }
  const comparisons = await compareAll(targets, ports);
  expect(comparisons.flatMap(({ unread }) => unread ?? [])).toEqual([]);
  const facts = { tool: '0', readAt: '2026-11-22T00:00:00.000Z', accounts: { counted: 2, all: true } };
  return buildPlan(state, comparisons, facts);
}

async function drawn(format: Format, spoil = true): Promise<string> {
  const report: PlanReport = { command: 'plan', exitCode: 2, plan: await planOf(spoil), refusals: [] };
  const facts = { color: false, verbose: false, version: '0', now: '2026-11-22T00:00:00.000Z' };
  return renderReport(report, format, { ...facts, help: () => undefined, managed: () => targets });
}

it('differs from what is wanted, and says why', async () => {
  const { steps } = await planOf(true);
  const because = steps.map(({ id, changes }) => [id, [...new Set(changes.map(one => one.because))]]);
  expect(because).toEqual([
    ['directory/ldap-language', ['Invitations are written in it.']],
    [`${host.name}/cs7-motto`, ['A house needs a motto.']],
    [`${host.name}/cs7-service`, [expect.stringContaining('It is not documented')]],
  ]);
});

it('owes the restart of the service that reads its file when it starts', async () => {
  const { steps } = await planOf(true);
  const restart = steps.find(({ id }) => id === `${host.name}/cs7-service`);
  expect(restart).toMatchObject({ changes: [{ action: 'restart' }], after: [`${host.name}/cs7-motto`] });
});

describe('a plan with changes of it', () => {
  it.each(['text', 'markdown', 'html', 'json', 'github'] as const)('shows them as %s', async format => {
    const text = await drawn(format);
    expect(text).toContain(motto);
    expect(text).toContain(language);
  });

  it('names them in SARIF by the titles of their kinds', async () => {
    const { runs } = JSON.parse(await drawn('sarif'));
    const rules = runs[0].tool.driver.rules.map((rule: { id: string; shortDescription: { text: string } }) => [
      rule.id,
      rule.shortDescription.text,
    ]);
    expect(rules).toEqual(
      expect.arrayContaining([
        ['change/cs7-motto', 'The motto of Calendar Server 7 is to be changed'],
        ['change/ldap-language', 'Accounts are to get a language'],
      ]),
    );
    const asked = runs[0].results.map((one: { ruleId: string }) => one.ruleId);
    expect(asked).toEqual(expect.arrayContaining(['change/cs7-motto', 'change/ldap-language']));
  });

  it('fails in JUnit, and passes where nothing differs', async () => {
    const names = [/name="the motto"/, /name="language of cohort [^"]+"/];
    for (const name of names) expect(await drawn('junit')).toMatch(new RegExp(`${name.source}[^>]*><failure`));
    for (const name of names) expect(await drawn('junit', false)).toMatch(new RegExp(`${name.source}[^>]*/>`));
  });
});

it('is explained by why', () => {
  expect(askWhy(state, targets, host.name, motto)).toMatchObject({
    state: 'wanted',
    answers: [{ value: '"one fact has one owner"', because: 'A house needs a motto.', source: host.source }],
  });
  const [cohort] = state.cohorts;
  expect(askWhy(state, targets, 'directory', 'preferredlanguage')).toMatchObject({
    state: 'wanted',
    answers: [{ value: '"en" where none is set', source: cohort?.source }, ...state.cohorts.slice(1).map(() => ({}))],
  });
  expect(askWhy(state, targets, host.name, 'motto.of.the.dai')).toMatchObject({ near: [motto] });
});

it('is among the lines that explain lists', () => {
  const file = 'examples/chapter.yaml';
  const { document } = loadEstate(file, readFileSync(file, 'utf8'), estateSchema);
  if (!document) throw new Error('no document');
  const setting = { name: motto, place: 'a file on every Calendar Server 7 host', decidedBy: [] } as const;
  const explanation = { kind: 'setting', setting: { ...setting, does: '', wanted: '', without: '' } } as const;
  expect(askedAt(explanation, motto, { state, document, managed: targets })).toEqual(
    hostsOf(state, 'cs7').map(({ source }) => expect.objectContaining({ line: source.line })),
  );
});

it('leaves evidence of who changed it', async () => {
  const { ports } = memoryPorts(inSyncMemory());
  const { traces } = await findTraces(await planOf(true), { desired: state, targets, ports, replaced: async () => [] });
  const ofKind = (kind: string) => traces.filter(({ step }) => step.endsWith(`/${kind}`)).map(({ from }) => from);
  expect(ofKind('cs7-motto')).toEqual([expect.stringContaining('the time of the file and who may write it')]);
  expect(ofKind('ldap-language')).toHaveLength(2);
  expect(ofKind('cs7-service'), 'the restart is owed by a change of which there are traces').toEqual([]);
});

it('is missed once the file does not ask for it any more', () => {
  const details = letGoFindings(targets, targetsOf(state)).map(({ detail }) => detail);
  expect(details.join('\n')).toContain(`${host.name}: the base manages the motto, and this file does not`);
  expect(details.join('\n')).toMatch(/^directory: the base manages language of cohort/m);
});
