import { count } from '../../../core/count.ts';
import type { AccountCount } from '../../../core/plan.ts';
import { accountsText, type ChangeSection, type CohortMoves } from '../../view/change-sections.ts';
import type { PlanView } from '../../view/plan-view.ts';
import { capital } from '../../view/words.ts';
import { meter } from '../elements.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Section } from '../page.ts';
import { bounded, bounds, fairShare, name } from '../texts.ts';
import { byHost, changeList, type Most } from './change-card.ts';

const onlyAllowed = html`<p class="intro">Only for accounts that CS7 has answered for by then, and only when their number is allowed.</p>`;

/** The changes of a plan: by host and by cohort, and those that cannot be undone by themselves. */
export function changeSections({ report, sections }: PlanView): readonly Section[] {
  const { accounts } = report.plan;
  const lost = sections.filter(({ irreversible }) => irreversible);
  const others = sections.filter(({ irreversible }) => !irreversible);
  const most = shareOut([...others, ...lost]);
  const ofHosts = others.filter(({ of }) => of === 'host').flatMap(({ placed }) => placed);
  const draw = (own: readonly ChangeSection[]) =>
    html`${bounded(own, bounds.blocks).shown.map(
      one => html`<h3>${heading(one)} <span class="count">${one.placed.length}</span></h3>${intro(one, accounts)}
${changeList(one.changes, most)}`,
    )}${own.length > bounds.blocks && html`<p class="more">and ${count(own.length - bounds.blocks, 'more part')} with changes</p>`}`;
  return [
    ...section('changes', 'Changes', others, html`${draw(others)}${byHost(ofHosts)}`),
    ...section('irreversible', 'What cannot be undone', lost, draw(lost)),
  ];
}

function section(id: string, title: string, own: readonly ChangeSection[], body: Html): readonly Section[] {
  if (own.length === 0) return [];
  return [{ id, title, count: own.reduce((sum, { placed }) => sum + placed.length, 0), body }];
}

function heading({ side, cohort, heading: words }: ChangeSection): Html {
  if (side) return html`<span class="side ${side}">${side.toUpperCase()}</span> hosts`;
  return cohort?.name === undefined ? html`${capital(words)}` : html`Cohort ${name(cohort.name)}`;
}

function intro({ cohort, irreversible }: ChangeSection, accounts: AccountCount): Html {
  if (irreversible) return onlyAllowed;
  return cohort ? cohortIntro(cohort, accounts) : nothing;
}

function cohortIntro({ there, back, limit, share }: CohortMoves, accounts: AccountCount): Html {
  if (there + back === 0) return html`<p class="intro">No account changes sides.</p>`;
  const [cs6, cs7] = [html`<span class="side cs6">CS6</span>`, html`<span class="side cs7">CS7</span>`];
  const of = (n: number, verb: string) => html`${n} of ${accountsText(accounts)} ${verb}`;
  const moving = html`<p class="intro">${of(there, there === 1 ? 'moves' : 'move')} ${cs6} → ${cs7}${share && html`, ${share.text}`}; ${limit}.</p>
${share && meter(share.percent, share.most)}`;
  const returning = html`<p class="intro">${of(back, back === 1 ? 'moves back' : 'move back')} ${cs7} → ${cs6}.</p>`;
  return html`${there > 0 && moving}${back > 0 && returning}`;
}

/** Every section gets its part of what a page may draw, but never nothing. */
function shareOut(sections: readonly ChangeSection[]): Most {
  const sizes = sections.slice(0, bounds.blocks).map(({ changes }) => changes.length);
  const changes = Math.max(3, fairShare(sizes, bounds.changes));
  const drawn = sizes.reduce((sum, size) => sum + Math.min(size, changes), 0);
  return { changes, names: Math.max(5, Math.floor(bounds.names / Math.max(1, drawn))) };
}
