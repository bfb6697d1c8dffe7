import { count } from '../../../core/count.ts';
import type { HostCount } from '../../../core/desired.ts';
import type { Plan } from '../../../core/plan.ts';
import { rowOf, tierTitles } from '../../../core/stages.ts';
import type { PlacedChange } from '../../view/placed-changes.ts';
import type { PlanView } from '../../view/plan-view.ts';
import { type Html, html } from '../html.ts';
import type { Section } from '../page.ts';
import { listed, names } from '../texts.ts';

/** How many hosts of a tier are named. */
const mostHosts = 12;

/** What is done first and what later, as the plan has it. */
export function orderSection({ report, placed }: PlanView): readonly Section[] {
  const tiers = consecutive(placed);
  if (tiers.length < 2) return [];
  const body = html`<ol class="order">${tiers.map(tier => tierEntry(tier, report.plan.desired))}</ol>`;
  return [{ id: 'order', title: 'In this order', count: tiers.length, body }];
}

interface Tier {
  readonly tier: number;
  readonly placed: readonly PlacedChange[];
}

function consecutive(placed: readonly PlacedChange[]): readonly Tier[] {
  const tiers: { readonly tier: number; readonly placed: PlacedChange[] }[] = [];
  for (const one of placed) {
    const { tier } = rowOf(one.stage);
    const last = tiers.at(-1);
    if (last?.tier === tier) last.placed.push(one);
    else tiers.push({ tier, placed: [one] });
  }
  return tiers;
}

function tierEntry({ tier, placed }: Tier, { roll }: Plan['desired']): Html {
  const restarts = placed.filter(({ change }) => change.action === 'restart').length;
  const hosts = [...new Set(placed.map(({ target }) => target))].filter(target => target !== 'directory');
  const side = placed.find(one => one.side)?.side;
  const way = side && restarts > 0 && hosts.length > 1 && `, ${rollText(roll[side])}`;
  return html`<li><b>${tierTitles[tier] ?? ''}</b> <span class="quiet">${count(placed.length - restarts, 'change')}${restarts > 0 && `, ${count(restarts, 'restart')}`}${way}</span>${
    hosts.length > 0 && html`<br><span class="hosts">${names(hosts, mostHosts)}</span>`
  }</li>`;
}

/** How the hosts of a side follow each other. */
function rollText(batches: readonly HostCount[]): string {
  if (batches.length === 0) return 'one by one';
  return `in batches up to ${listed(batches.map(batch => ('hosts' in batch ? count(batch.hosts, 'host') : `${batch.percent} %`)))}, then one by one`;
}
