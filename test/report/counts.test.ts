import { expect, it } from 'vitest';
import type { PlanReport } from '../../src/core/report.ts';
import { formats, renderReport } from '../../src/report/format.ts';
import { samplePlan } from './html/sample-estate.ts';
import { plainFacts } from './plain-facts.ts';

const facts = { ...plainFacts, version: '0.1.0' };

/** One host changes, one account moves, one restarts. */
function smallestPlan(): PlanReport {
  const plan = samplePlan({ cs6: 1, cs7: 1, domains: 1, movers: 1 });
  const steps = plan.steps.filter(({ target }) => target === 'directory' || target.startsWith('cs6'));
  return { command: 'plan', exitCode: 2, plan: { ...plan, hosts: 1, steps }, refusals: [] };
}

const plurals =
  'hosts|accounts|changes|moves|deletions|restarts|unique ids|days|findings|errors|warnings|notes|differences';

it.each(formats.filter(format => format !== 'json'))('%s: one of a thing is not called by its plural', async format => {
  const text = (await renderReport(smallestPlan(), format, facts)).replace(/<[^>]*>/g, '\n');
  expect(text).not.toMatch(new RegExp(`(?<![\\d,.])1 (?:more )?(?:${plurals})\\b`));
  expect(text).not.toMatch(new RegExp(`\\| (?:${plurals})(?: change)? \\| 1 \\|`));
});
