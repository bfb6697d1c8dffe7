import { count } from '../../../core/count.ts';
import type { HostCount } from '../../../core/desired.ts';
import type { Plan, Step } from '../../../core/plan.ts';
import { rowOf } from '../../../core/stages.ts';
import { type Html, html } from '../html.ts';
import type { Section } from '../page.ts';
import { listed, names } from '../texts.ts';

/** Titles of the tiers of the order table. */
const titles: readonly string[] = [
  'Check',
  'Unique ids',
  'CS6 hosts',
  'Accounts change sides',
  'CS7 hosts',
  'Logins to CS6',
  'Calendars on CS6',
];

/** How many hosts of a tier are named. */
const mostHosts = 12;

/** What is done first and what later, as the plan has it. */
export function orderSection({ steps, desired }: Plan): readonly Section[] {
  const tiers = consecutive(steps);
  if (tiers.length < 2) return [];
  const body = html`<ol class="order">${tiers.map(tier => tierEntry(tier, desired))}</ol>`;
  return [{ id: 'order', title: 'In this order', count: tiers.length, body }];
}

interface Tier {
  readonly tier: number;
  readonly steps: readonly Step[];
}

function consecutive(steps: readonly Step[]): readonly Tier[] {
  const tiers: { readonly tier: number; readonly steps: Step[] }[] = [];
  for (const step of steps) {
    const { tier } = rowOf(step.stage);
    const last = tiers.at(-1);
    if (last?.tier === tier) last.steps.push(step);
    else tiers.push({ tier, steps: [step] });
  }
  return tiers;
}

function tierEntry({ tier, steps }: Tier, { roll }: Plan['desired']): Html {
  const changes = steps.flatMap(step => step.changes).filter(({ action }) => action !== 'restart').length;
  const hosts = [...new Set(steps.map(({ target }) => target))].filter(target => target !== 'directory');
  const restarts = steps.filter(step => step.changes.some(({ action }) => action === 'restart'));
  const batches = steps[0]?.stage.startsWith('cs6') ? roll.cs6 : roll.cs7;
  const way = restarts.length > 0 && hosts.length > 1 ? `, ${rollText(batches)}` : '';
  return html`<li><b>${titles[tier] ?? ''}</b> <span class="quiet">${count(changes, 'change')}${restarts.length > 0 && `, ${count(restarts.length, 'restart')}`}${way}</span>${
    hosts.length > 0 && html`<br><span class="hosts">${names(hosts, mostHosts)}</span>`
  }</li>`;
}

/** How the hosts of a side follow each other. */
function rollText(batches: readonly HostCount[]): string {
  if (batches.length === 0) return 'one by one';
  return `in batches up to ${listed(batches.map(batch => ('hosts' in batch ? count(batch.hosts, 'host') : `${batch.percent} %`)))}, then one by one`;
}
