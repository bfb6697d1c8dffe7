import type { Change } from '../../../core/change.ts';
import { count } from '../../../core/count.ts';
import { groupBy } from '../../../core/group-by.ts';
import { nameAbove, shortName } from '../../../ldap/distinguished-name.ts';
import { originWords, type PlacedChange } from '../../view/placed-changes.ts';
import { icon } from '../elements.ts';
import { type Html, html, join, nothing } from '../html.ts';
import { bounded, bounds, moment, name, names, place, shorten } from '../texts.ts';
import { ownValues, valueDiff } from '../values.ts';
import { differs, type Folded } from './fold.ts';

/** The same changes once more, host by host: for whoever looks after one of them. */
export function byHost(placed: readonly PlacedChange[]): Html {
  const { shown, more } = bounded(placed, bounds.rows);
  const hosts = groupBy(shown, ({ target }) => target);
  if (hosts.size < 2) return nothing;
  return html`<h3>Host by host</h3>
${[...hosts].map(hostEntry)}
${more > 0 && html`<p class="more">and ${count(more, 'more change')}</p>`}`;
}

function hostEntry([host, own]: readonly [string, readonly PlacedChange[]]): Html {
  const restarts = own.some(({ change }) => change.action === 'restart');
  const changes = own.filter(({ change }) => change.action !== 'restart');
  const summary = html`${name(host)} <span class="quiet">${count(changes.length, 'change')}${restarts && ', restart'}</span>`;
  const entry = ({ change }: PlacedChange) =>
    html`<li>${icon(change.action)} ${change.action === 'restart' ? 'restart' : name(change.key)}${change.action !== 'restart' && valueDiff(change)}</li>`;
  return html`<details class="by-host"><summary>${summary}</summary><ul class="plain">${own.map(entry)}</ul></details>`;
}

const actions: Readonly<Record<Change['action'], string>> = {
  create: 'add',
  update: 'change',
  delete: 'remove',
  restart: 'restart',
};

/** How many folded changes a list draws, and how many hosts or accounts each of them names. */
export interface Most {
  readonly changes: number;
  readonly names: number;
}

/** Folded changes as a list. */
export function changeList(folded: readonly Folded[], most: Most): Html {
  const { shown, more } = bounded(folded, most.changes);
  return html`<ul class="changes plain">${shown.map(one => changeCard(one, most.names))}</ul>
${more > 0 && html`<p class="more">${count(more, 'more change')} that ${more === 1 ? 'is' : 'are'} not drawn here; <code>--format json</code> has all of them.</p>`}`;
}

function changeCard(folded: Folded, most: number): Html {
  const { change, origin } = folded.first;
  const restart = change.action === 'restart';
  return html`<li class="change ${change.action}">
<p class="head"><span class="badge action">${icon(change.action)} ${actions[change.action]}</span> ${restart ? nothing : name(change.key)} ${reach(folded)}${origin && html` <span class="badge origin ${origin}">${originWords[origin]}</span>`}</p>
${restart ? nothing : values(folded)}
${change.irreversible !== undefined && html`<p class="irreversible">Cannot be undone: ${shorten(change.irreversible, bounds.value)}.</p>`}
${change.reason !== undefined && html`<p class="why">${shorten(change.reason, bounds.value)}</p>`}
${meta(folded)}
${folded.all.length > (isOfAccount(folded.first) ? 1 : fewNames) ? everyName(folded, most) : nothing}
</li>
`;
}

/** How many hosts stand in the line itself. */
const fewNames = 4;

function reach({ first, all }: Folded): Html {
  if (isOfAccount(first))
    return html`<span class="reach">${all.length === 1 ? entryName(first.change.item) : count(all.length, 'account')}</span>`;
  const targets = all.map(({ target }) => target);
  return html`<span class="reach">on ${names(targets, targets.length > fewNames ? fewNames - 1 : fewNames)}</span>`;
}

function isOfAccount({ target, change }: PlacedChange): boolean {
  return target === 'directory' || change.irreversible !== undefined;
}

function values(folded: Folded): Html {
  if (folded.first.change.irreversible !== undefined && differs(folded, 'before'))
    return ownValues('taken', 'all there are');
  if (differs(folded, 'after')) return ownValues('given', 'a value of its own for each');
  return valueDiff(folded.first.change);
}

function meta({ first, all }: Folded): Html {
  const { source } = first.change;
  const facts = [...(source ? [html`asked for at ${place(source)}`] : []), ...livePlaces(all), ...tracesOf(all)];
  return facts.length === 0 ? nothing : html`<ul class="meta">${facts.map(fact => html`<li>${fact}</li>`)}</ul>`;
}

/** How many different places or authors a folded change names. */
const mostFacts = 3;

function livePlaces(all: readonly PlacedChange[]): readonly Html[] {
  const places = new Map(
    all.flatMap(({ change: { live } }) => (live ? [[`${live.file}:${live.line}`, live] as const] : [])),
  );
  if (places.size === 0) return [];
  const more = places.size - mostFacts;
  const shown = join([...places.values()].slice(0, mostFacts).map(place), ', ');
  return [html`live at ${shown}${more > 0 && html` and ${count(more, 'other place')}`}`];
}

function tracesOf(all: readonly PlacedChange[]): readonly Html[] {
  const traces = new Map(
    all.flatMap(({ trace }) => (trace ? [[JSON.stringify([trace.by, trace.at, trace.from]), trace] as const] : [])),
  );
  const more = traces.size - mostFacts;
  const shown = [...traces.values()]
    .slice(0, mostFacts)
    .map(
      ({ by, at, from }) =>
        html`<span class="trace">last changed${at !== undefined && html` ${moment(at)}`}${by !== undefined && html` by ${name(by)}`} <span class="quiet">(${shorten(from, bounds.value)})</span></span>`,
    );
  return more > 0 ? [...shown, html`and ${count(more, 'other trace')}`] : shown;
}

function everyName(folded: Folded, most: number): Html {
  const { all, first } = folded;
  const { shown, more } = bounded(all, most);
  const own = differs(folded, 'after');
  const what = isOfAccount(first) ? 'account' : 'host';
  const summary = more > 0 ? `The first ${count(shown.length, what)}` : `All ${count(all.length, what)}`;
  const item = ({ target, change }: PlacedChange) =>
    html`<li>${isOfAccount(first) ? entryName(change.item) : name(target)}${own && change.after !== undefined && html` <span class="own">${shorten([change.after].flat().join(' '), bounds.name)}</span>`}</li>`;
  return html`<details><summary>${summary}${more === 0 && isOfAccount(first) && html` <span class="quiet">e.g. ${shorten(shortName(first.change.item), 40)}</span>`}</summary>
<ul class="names">${shown.map(item)}${more > 0 && html`<li class="more">and ${more} more</li>`}</ul></details>`;
}

/** A DN, its own part first and the part it shares with its neighbours more quietly. */
function entryName(dn: string): Html {
  const rest = dn.slice(dn.length - (nameAbove(dn)?.length ?? -1) - 1);
  const own = dn.slice(0, dn.length - rest.length);
  return html`<code>${shorten(own, bounds.name)}<span class="quiet">${shorten(rest, bounds.name)}</span></code>`;
}
