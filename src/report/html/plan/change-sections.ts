import { movesOf } from '../../../core/change.ts';
import { count } from '../../../core/count.ts';
import type { Plan } from '../../../core/plan.ts';
import { accountBlocks, isOfHost } from '../../view/account-blocks.ts';
import type { PlacedChange } from '../../view/placed-changes.ts';
import { accountsText } from '../../view/plan-facts.ts';
import { meter } from '../elements.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Section } from '../page.ts';
import { bounded, bounds, fairShare, name } from '../texts.ts';
import { byHost, changeList, type Most } from './change-card.ts';
import { type Folded, foldEqual } from './fold.ts';
import { moveShare } from './shown-limits.ts';

/** A heading and the changes under it. */
interface Block {
  readonly title: Html;
  readonly intro: Html;
  readonly folded: readonly Folded[];
  readonly size: number;
}

const onlyAllowed = html`<p class="intro">Only for accounts that CS7 has answered for by then, and only when their number is allowed.</p>`;

/** The changes of a plan: by host and by cohort, and those that cannot be undone by themselves. */
export function changeSections(plan: Plan, placed: readonly PlacedChange[]): readonly Section[] {
  const irreversible = placed.filter(({ change }) => change.irreversible !== undefined);
  const others = placed.filter(({ change }) => change.irreversible === undefined);
  const blocks = [...hostBlocks(plan, others.filter(isOfHost)), ...ofAccounts(plan, others)];
  const lost = ofAccounts(plan, irreversible, onlyAllowed);
  const most = share([...blocks, ...lost]);
  return [
    ...(blocks.length > 0 ? [section('changes', 'Changes', blocks, most, byHost(others.filter(isOfHost)))] : []),
    ...(lost.length > 0 ? [section('irreversible', 'What cannot be undone', lost, most)] : []),
  ];
}

function section(id: string, title: string, blocks: readonly Block[], most: Most, after: Html = nothing): Section {
  const { shown, more } = bounded(blocks, bounds.blocks);
  const body = html`${shown.map(
    block => html`<h3>${block.title} <span class="count">${block.size}</span></h3>${block.intro}
${changeList(block.folded, most)}`,
  )}${more > 0 && html`<p class="more">and ${count(more, 'more part')} with changes</p>`}${after}`;
  return { id, title, count: blocks.reduce((sum, { size }) => sum + size, 0), body };
}

function block(title: Html, placed: readonly PlacedChange[], intro: Html = nothing): readonly Block[] {
  return placed.length === 0 ? [] : [{ title, intro, folded: foldEqual(placed), size: placed.length }];
}

function hostBlocks({ desired }: Plan, placed: readonly PlacedChange[]): readonly Block[] {
  const sides = new Map<string, 'cs6' | 'cs7'>([
    ...desired.cs6.map(({ name: host }) => [host, 'cs6'] as const),
    ...desired.cs7.map(({ name: host }) => [host, 'cs7'] as const),
  ]);
  const of = (side: 'cs6' | 'cs7' | undefined) => placed.filter(({ target }) => sides.get(target) === side);
  return [
    ...block(html`<span class="side cs6">CS6</span> hosts`, of('cs6')),
    ...block(html`<span class="side cs7">CS7</span> hosts`, of('cs7')),
    ...block(html`Hosts that are in the file no more`, of(undefined)),
  ];
}

function ofAccounts(plan: Plan, placed: readonly PlacedChange[], intro: Html = nothing): readonly Block[] {
  return accountBlocks(plan, placed).flatMap(({ heading, cohort, placed: own }) =>
    cohort === undefined
      ? block(html`${capital(heading)}`, own, intro)
      : block(cohort === '' ? html`Other accounts` : html`Cohort ${name(cohort)}`, own, cohortIntro(plan, cohort)),
  );
}

function capital(text: string): string {
  return text.replace(/^./, letter => letter.toUpperCase());
}

function cohortIntro(plan: Plan, name: string): Html {
  const toCs7 = movesOf(plan.steps, 'cs6->cs7', name).length;
  const back = movesOf(plan.steps, 'cs7->cs6', name).length;
  if (toCs7 + back === 0) return html`<p class="intro">No account changes sides.</p>`;
  const [cs6, cs7] = [html`<span class="side cs6">CS6</span>`, html`<span class="side cs7">CS7</span>`];
  const of = (n: number, verb: string) => html`${n} of ${accountsText(plan.accounts)} ${verb}`;
  const { share, limit, percent, most } = moveShare(plan, name, toCs7);
  const there = html`<p class="intro">${of(toCs7, toCs7 === 1 ? 'moves' : 'move')} ${cs6} → ${cs7}${share !== undefined && html`, ${share}`}; ${limit}.</p>
${percent !== undefined && most !== undefined && meter(percent, most)}`;
  const returning = html`<p class="intro">${of(back, back === 1 ? 'moves back' : 'move back')} ${cs7} → ${cs6}.</p>`;
  return html`${toCs7 > 0 && there}${back > 0 && returning}`;
}

/** Every block gets its part of what a page may draw, but never nothing. */
function share(blocks: readonly Block[]): Most {
  const sizes = blocks.slice(0, bounds.blocks).map(({ folded }) => folded.length);
  const changes = Math.max(3, fairShare(sizes, bounds.changes));
  const drawn = sizes.reduce((sum, size) => sum + Math.min(size, changes), 0);
  return { changes, names: Math.max(5, Math.floor(bounds.names / Math.max(1, drawn))) };
}
