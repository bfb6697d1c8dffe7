import type { Change } from '../../../core/change.ts';
import { count } from '../../../core/count.ts';
import type { DesiredCohort } from '../../../core/desired.ts';
import { movesOf } from '../../../core/moves.ts';
import type { Plan } from '../../../core/plan.ts';
import type { PlacedChange } from '../../placed-changes.ts';
import { accountsText } from '../../plan-facts.ts';
import { bounded, bounds, fairShare } from '../bounds.ts';
import { groupBy } from '../group-by.ts';
import { type Html, html, nothing } from '../html.ts';
import { meter } from '../meter.ts';
import type { Section } from '../page.ts';
import { name } from '../texts.ts';
import { byHost } from './by-host.ts';
import { changeList, type Most } from './change-card.ts';
import { moveShare } from './counts.ts';
import { type Folded, foldEqual } from './fold.ts';

/** A heading and the changes under it. */
interface Block {
  readonly title: Html;
  readonly intro: Html;
  readonly folded: readonly Folded[];
  readonly size: number;
}

/** The changes of a plan: by host and by cohort, and those that cannot be undone by themselves. */
export function changeSections(plan: Plan, placed: readonly PlacedChange[]): readonly Section[] {
  const irreversible = placed.filter(({ change }) => change.irreversible !== undefined);
  const others = placed.filter(({ change }) => change.irreversible === undefined);
  const blocks = [...hostBlocks(plan, others), ...accountBlocks(plan, others)];
  const lost = calendarBlocks(irreversible);
  const most = share([...blocks, ...lost]);
  return [
    ...(blocks.length > 0
      ? [section('changes', 'Changes', blocks, most, byHost(others.filter(({ target }) => target !== 'directory')))]
      : []),
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
  const of = (side: 'cs6' | 'cs7' | undefined) =>
    placed.filter(({ target }) => target !== 'directory' && sides.get(target) === side);
  return [
    ...block(html`<span class="side cs6">CS6</span> hosts`, of('cs6')),
    ...block(html`<span class="side cs7">CS7</span> hosts`, of('cs7')),
    ...block(html`Hosts that are in the file no more`, of(undefined)),
  ];
}

function accountBlocks(plan: Plan, placed: readonly PlacedChange[]): readonly Block[] {
  const of = (stage: string) => placed.filter(one => one.stage === stage);
  const known = new Set(plan.desired.cohorts.map(cohort => cohort.name));
  const ofCohort = (change: Change) =>
    change.group !== undefined && known.has(change.group) ? `cohort ${change.group}` : '';
  const moves = groupBy(of('accounts'), ({ change }) => ofCohort(change));
  return [
    ...block(html`<span class="side directory">Directory</span> unique ids`, of('identity')),
    ...plan.desired.cohorts.flatMap(cohort => cohortBlock(plan, cohort, moves.get(`cohort ${cohort.name}`) ?? [])),
    ...block(html`Other accounts`, moves.get('') ?? []),
    ...block(
      html`Login to CS6`,
      of('cs6-logins'),
      html`<p class="intro">Only for accounts that CS7 has answered for by then.</p>`,
    ),
  ];
}

function cohortBlock(plan: Plan, cohort: DesiredCohort, placed: readonly PlacedChange[]): readonly Block[] {
  const moves = movesOf([{ stage: 'accounts', changes: placed.map(({ change }) => change) }]).length;
  return block(html`Cohort ${name(cohort.name)}`, placed, cohortIntro(plan, cohort, moves));
}

function cohortIntro(plan: Plan, cohort: DesiredCohort, moves: number): Html {
  const toCs7 = (cohort.store !== undefined) === (plan.direction === 'forward');
  if (moves === 0) return html`<p class="intro">No account changes sides.</p>`;
  const { share, limit, percent, most } = moveShare(plan, cohort, moves);
  const way = html`<span class="side ${toCs7 ? 'cs6' : 'cs7'}">${toCs7 ? 'CS6' : 'CS7'}</span> → <span class="side ${toCs7 ? 'cs7' : 'cs6'}">${toCs7 ? 'CS7' : 'CS6'}</span>`;
  return html`<p class="intro">${moves} of ${accountsText(plan.accounts)} ${moves === 1 ? 'moves' : 'move'} ${way}${share !== undefined && html`, ${share}`}; ${limit}.</p>
${percent !== undefined && most !== undefined && meter(percent, most)}`;
}

function calendarBlocks(placed: readonly PlacedChange[]): readonly Block[] {
  const intro = html`<p class="intro">Deleted only for accounts that CS7 has answered for by then, and only when their number is allowed.</p>`;
  return [...groupBy(placed, ({ target }) => target)].flatMap(([target, here]) =>
    block(html`Calendars on ${name(target)}`, here, intro),
  );
}

/** Every block gets its part of what a page may draw, but never nothing. */
function share(blocks: readonly Block[]): Most {
  const sizes = blocks.slice(0, bounds.blocks).map(({ folded }) => folded.length);
  const changes = Math.max(3, fairShare(sizes, bounds.changes));
  const drawn = sizes.reduce((sum, size) => sum + Math.min(size, changes), 0);
  return { changes, names: Math.max(5, Math.floor(bounds.names / Math.max(1, drawn))) };
}
