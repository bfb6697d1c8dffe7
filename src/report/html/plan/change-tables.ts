import { diffWordsWithSpace } from 'diff';
import type { Change, Value } from '../../../core/change.ts';
import { groupBy } from '../../../core/collections.ts';
import type { SourcePosition } from '../../../core/finding.ts';
import type { AccountCount } from '../../../core/plan.ts';
import { count } from '../../../core/units.ts';
import { nameAbove, shortName } from '../../../ldap/distinguished-name.ts';
import { accountsText, type ChangeSection, type CohortMoves } from '../../view/change-sections.ts';
import {
  type FoldedChange,
  foldChanges,
  livePlaces,
  mostTraces,
  ownValueWords,
  type PlacedChange,
} from '../../view/placed-changes.ts';
import { type ChangeNumbers, changeNumbersText, countPlaced } from '../../view/plan-counts.ts';
import type { PlanView } from '../../view/plan-view.ts';
import { unnamed } from '../../view/without-names.ts';
import { type Comparing, capital, firstNames, memberWords, originWords } from '../../view/words.ts';
import { bounded, bounds, fairShare, icon, meter, moment, name, names, place, shorten, unseen } from '../elements.ts';
import { type Html, html, join, nothing, visible } from '../html.ts';
import type { Section } from '../page.ts';

/**
 * What a change makes of a value, or what is expected of it and what was found: a list as words that differ and words that do
 * not; anything else as two lines with what differs marked.
 */
export function valueDiff({ before, after }: Pick<Change, 'before' | 'after'>, comparing: Comparing = 'change'): Html {
  if (isList(after) && (before === undefined || isList(before))) return listDiff(before ?? [], after, comparing);
  const [gone, come] = twoLines(before, after, lineWords[comparing]);
  return html`<div class="diff ${comparing}">${comparing === 'drift' ? [come, gone] : [gone, come]}</div>`;
}

/** The line of what many get or lose, where it is not the same for all of them. */
function ownValues(action: 'given' | 'taken', text: string, comparing: Comparing): Html {
  const line = action === 'given' ? addedLine : removedLine;
  return html`<div class="diff ${comparing}">${line(lineWords[comparing], html`<i>${text}</i>`)}</div>`;
}

/** What stands before the value that goes, or was found, and the one that comes, or is expected. */
interface LineWords {
  readonly gone: Html;
  readonly come: Html;
  /** What a plan says of a value that was or will be absent; without it, absence has a line of its own. */
  readonly absent?: { readonly before: string; readonly after: string };
}

const lineWords: Readonly<Record<Comparing, LineWords>> = {
  change: {
    gone: html`<span class="sign" aria-hidden="true">−</span>${unseen('before: ')}`,
    come: html`<span class="sign" aria-hidden="true">+</span>${unseen('after: ')}`,
    absent: { before: 'was not set', after: 'is removed' },
  },
  drift: {
    gone: html`<span class="sign">found</span>`,
    come: html`<span class="sign">expected</span>`,
  },
};

function isList(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value);
}

/** A value as it is drawn, and how many characters of it are not. */
interface Shown {
  readonly text: string;
  readonly cut: number;
}

function shownValue(value: Value): Shown {
  const text = visible([value].flat().join(' '));
  return { text: text.slice(0, bounds.value), cut: Math.max(0, text.length - bounds.value) };
}

function twoLines(before: Value | undefined, after: Value | undefined, words: LineWords): readonly [Html, Html] {
  const [had, has] = [before, after].map(value => (value === undefined ? undefined : shownValue(value)));
  if (!had || !has) return onlyOne(had, has, words);
  const parts = diffWordsWithSpace(had.text, has.text);
  const alike = parts.some(part => !part.added && !part.removed && /[^\s\p{P}]/u.test(part.value));
  const side = (own: 'added' | 'removed', other: 'added' | 'removed') =>
    parts.filter(part => !part[other]).map(part => (part[own] && alike ? html`<b>${part.value}</b>` : part.value));
  const further = had.text === has.text ? ['differs further on'] : [];
  const removed = had.text === '' ? whole(had) : html`${side('removed', 'added')}`;
  const added = has.text === '' ? whole(has) : html`${side('added', 'removed')}`;
  return [removedLine(words, removed, cutOff(had)), addedLine(words, added, [...cutOff(has), ...further])];
}

function onlyOne(had: Shown | undefined, has: Shown | undefined, words: LineWords): readonly [Html, Html] {
  const { absent } = words;
  const none = html`<i>not set</i>`;
  const gone = had && removedLine(words, whole(had), [...cutOff(had), ...(absent ? [absent.after] : [])]);
  const come = has && addedLine(words, whole(has), [...cutOff(has), ...(absent ? [absent.before] : [])]);
  return [gone ?? (absent ? nothing : removedLine(words, none)), come ?? (absent ? nothing : addedLine(words, none))];
}

function whole({ text }: Shown): Html {
  return text === '' ? html`<i>empty</i>` : html`${text}`;
}

function cutOff({ cut }: Shown): readonly string[] {
  return cut > 0 ? [`and ${count(cut, 'more character')}`] : [];
}

function removedLine({ gone }: LineWords, value: Html, notes: readonly string[] = []): Html {
  return html`<del><span>${gone}</span><span><code>${value}</code>${aside(notes)}</span></del>`;
}

function addedLine({ come }: LineWords, value: Html, notes: readonly string[] = []): Html {
  return html`<ins><span>${come}</span><span><code>${value}</code>${aside(notes)}</span></ins>`;
}

function aside(notes: readonly string[]): Html {
  return notes.length === 0 ? nothing : html` <span class="remark">${notes.join(', ')}</span>`;
}

const memberTitles = {
  change: { added: 'added', gone: 'removed', kept: 'kept' },
  drift: memberWords.drift,
} as const;

/** How many words of a list are drawn. */
const mostWords = 60;

function listDiff(before: readonly string[], after: readonly string[], comparing: Comparing): Html {
  const titles = memberTitles[comparing];
  const [had, has] = [new Set(before), new Set(after)];
  const groups = [
    { words: after.filter(word => !had.has(word)), tag: 'ins', title: titles.added },
    { words: before.filter(word => !has.has(word)), tag: 'del', title: titles.gone },
    { words: before.filter(word => has.has(word)), tag: 'kept', title: titles.kept },
  ] as const;
  return html`<ul class="words">${groups
    .filter(({ words }) => words.length > 0)
    .map(({ words, tag, title }) => html`<li><span class="what">${title}</span> ${wordsOf(words, tag)}</li>`)}</ul>`;
}

function wordsOf(words: readonly string[], tag: 'ins' | 'del' | 'kept'): Html {
  const one = (word: string) => {
    const shown = html`<code>${shorten(word, bounds.name)}</code>`;
    return tag === 'ins' ? html`<ins>${shown}</ins>` : tag === 'del' ? html`<del>${shown}</del>` : shown;
  };
  const more = words.length - mostWords;
  return html`${join(words.slice(0, mostWords).map(one))}${more > 0 && html` and ${more} more`}`;
}

const onlyAllowed = html`<p class="intro">Only for accounts that CS7 already answers for, and only if you allow their number.</p>`;

/** The changes of a plan: by host and by cohort, and those that cannot be undone by themselves. */
export function changeSections({ report, sections }: PlanView): readonly Section[] {
  const { accounts } = report.plan;
  const lost = sections.filter(({ irreversible }) => irreversible);
  const others = sections.filter(({ irreversible }) => !irreversible);
  const most = shareOut([...others, ...lost]);
  const onHosts = sections.flatMap(({ placed }) => placed.filter(({ target }) => target !== 'directory'));
  const draw = (own: readonly ChangeSection[]) =>
    html`${bounded(own, bounds.blocks).shown.map(
      one => html`<h3>${heading(one)} <span class="count">${changeNumbersText(numbersOf(one.placed))}</span></h3>${intro(one, accounts)}
${changeList(one.changes, most)}`,
    )}${own.length > bounds.blocks && html`<p class="more">and ${count(own.length - bounds.blocks, 'more part')} with changes</p>`}`;
  return [
    ...section(
      'changes',
      report.command === 'drift' ? 'Expected and found' : lost.length > 0 ? 'What can be undone' : 'Changes',
      others,
      html`${draw(others)}${byHost(onHosts)}`,
    ),
    ...section('irreversible', 'What cannot be undone', lost, draw(lost)),
  ];
}

function section(id: string, title: string, own: readonly ChangeSection[], body: Html): readonly Section[] {
  if (own.length === 0) return [];
  return [{ id, title, count: changeNumbersText(numbersOf(own.flatMap(({ placed }) => placed))), body }];
}

function numbersOf(placed: readonly PlacedChange[]): ChangeNumbers {
  return countPlaced(placed);
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

const actions: Readonly<Record<Comparing, Readonly<Record<Change['action'], string>>>> = {
  change: { create: 'add', update: 'change', delete: 'remove', restart: 'restart' },
  drift: { create: 'missing', update: 'differs', delete: 'unexpected', restart: 'restart' },
};

/** How many folded changes a list draws, and how many hosts or accounts each of them names. */
interface Most {
  readonly changes: number;
  readonly names: number;
}

/** Folded changes as a list. */
function changeList(folded: readonly FoldedChange[], most: Most): Html {
  const { shown, more } = bounded(folded, most.changes);
  return html`<ul class="changes plain">${shown.map(one => changeCard(one, most.names))}</ul>
${more > 0 && html`<p class="more">${count(more, 'more change')} not shown here. <code>--format json</code> has all of them.</p>`}`;
}

function changeCard(folded: FoldedChange, most: number): Html {
  const { change, origin, comparing } = folded.first;
  const restart = change.action === 'restart';
  return html`<li class="change ${change.action}">
<p class="head"><span class="badge action">${icon(change.action)} ${actions[comparing][change.action]}</span> ${restart ? nothing : name(change.key)} ${reach(folded)}${origin && html` <span class="badge origin ${origin}">${originWords[origin]}</span>`}</p>
${restart ? nothing : values(folded)}
${change.irreversible !== undefined && html`<p class="irreversible">Cannot be undone: ${shorten(change.irreversible, bounds.value)}.</p>`}
${change.reason !== undefined && html`<p class="why">${shorten(change.reason, bounds.value)}</p>`}
${meta(folded)}
${namesAll(folded) ? nothing : everyName(folded, most)}
</li>
`;
}

/** Whether the line itself has the name of each of them. */
function namesAll({ first, all, n }: FoldedChange): boolean {
  if (first.of === 'account') return n === 1 || first.change.item === unnamed;
  return firstNames(all).more === 0;
}

function reach({ first, all, n }: FoldedChange): Html {
  if (first.of === 'account')
    return html`<span class="reach">${isNamed(first, n) ? entryName(first.change.item) : count(n, 'account')}</span>`;
  const { shown, more } = firstNames(all.map(({ target }) => target));
  return html`<span class="reach">on ${names(shown, shown.length)}${more > 0 && html` and ${more} more`}</span>`;
}

function isNamed({ change }: PlacedChange, all: number): boolean {
  return all === 1 && change.item !== unnamed;
}

function values({ first, values: which }: FoldedChange): Html {
  const { change, comparing } = first;
  return which === 'alike' ? valueDiff(change, comparing) : ownValues(which, ownValueWords[which], comparing);
}

function meta(folded: FoldedChange): Html {
  const { change, comparing } = folded.first;
  const { source } = change;
  const [asked, live] = comparing === 'drift' ? ['expected at', 'found at'] : ['asked for at', 'live at'];
  const facts = [
    ...(source ? [html`${asked} ${place(source)}`] : []),
    ...liveFacts(live, livePlaces(folded)),
    ...tracesOf(folded.all),
  ];
  return facts.length === 0 ? nothing : html`<ul class="meta">${facts.map(fact => html`<li>${fact}</li>`)}</ul>`;
}

/** How many different places a folded change names. */
const mostPlaces = 3;

function liveFacts(word: string, places: readonly SourcePosition[]): readonly Html[] {
  if (places.length === 0) return [];
  const more = places.length - mostPlaces;
  const shown = join(places.slice(0, mostPlaces).map(place), ', ');
  return [html`${word} ${shown}${more > 0 && html` and ${count(more, 'other place')}`}`];
}

function tracesOf(all: readonly PlacedChange[]): readonly Html[] {
  const traces = new Map(
    all.flatMap(({ trace }) => (trace ? [[JSON.stringify([trace.by, trace.at, trace.from]), trace] as const] : [])),
  );
  const more = traces.size - mostTraces;
  const shown = [...traces.values()]
    .slice(0, mostTraces)
    .map(
      ({ by, at, from }) =>
        html`<span class="trace">last changed${at !== undefined && html` ${moment(at)}`}${by !== undefined && html` by ${name(by)}`} <span class="quiet">(${shorten(from, bounds.value)})</span></span>`,
    );
  return more > 0 ? [...shown, html`and ${count(more, 'other trace')}`] : shown;
}

function everyName(folded: FoldedChange, most: number): Html {
  const { all, first, n } = folded;
  const { shown } = bounded(all, most);
  const more = n - shown.length;
  const own = folded.values === 'given';
  const what = first.of === 'account' ? 'account' : 'host';
  const summary = more > 0 ? `The first ${count(shown.length, what)}` : `All ${count(n, what)}`;
  const item = ({ target, change }: PlacedChange) =>
    html`<li>${first.of === 'account' ? entryName(change.item) : name(target)}${own && change.after !== undefined && html` <span class="own">${shorten([change.after].flat().join(' '), bounds.name)}</span>`}</li>`;
  return html`<details><summary>${summary}${more === 0 && first.of === 'account' && html` <span class="quiet">e.g. ${shorten(shortName(first.change.item), 40)}</span>`}</summary>
<ul class="names">${shown.map(item)}${more > 0 && html`<li class="more">and ${more} more</li>`}</ul></details>`;
}

/** A DN, its own part first and the part it shares with its neighbours more quietly. */
function entryName(dn: string): Html {
  const rest = dn.slice(dn.length - (nameAbove(dn)?.length ?? -1) - 1);
  const own = dn.slice(0, dn.length - rest.length);
  return html`<code>${shorten(own, bounds.name)}<span class="quiet">${shorten(rest, bounds.name)}</span></code>`;
}

/** The same changes once more, host by host: for those who look after one of them. */
function byHost(placed: readonly PlacedChange[]): Html {
  const { shown, more } = bounded(placed, bounds.rows);
  const hosts = groupBy(shown, ({ target }) => target);
  if (hosts.size < 2) return nothing;
  return html`<h3>Host by host</h3>
${[...hosts].map(hostEntry)}
${more > 0 && html`<p class="more">and ${count(more, 'more change')}</p>`}`;
}

function hostEntry([host, own]: readonly [string, readonly PlacedChange[]]): Html {
  const summary = html`${name(host)} <span class="quiet">${changeNumbersText(numbersOf(own))}</span>`;
  const entry = (folded: FoldedChange) => {
    const { first, n } = folded;
    const { action, key } = first.change;
    if (action === 'restart') return html`<li>${icon(action)} restart</li>`;
    const whose = first.of === 'account' && html` <span class="reach">${count(n, 'account')}</span>`;
    return html`<li>${icon(action)} ${name(key)}${whose}${values(folded)}</li>`;
  };
  return html`<details class="by-host"><summary>${summary}</summary><ul class="plain">${foldChanges(own, 'each').map(entry)}</ul></details>`;
}
