import { count } from '../../../core/count.ts';
import { groupBy } from '../../../core/group-by.ts';
import type { PlacedChange } from '../../placed-changes.ts';
import { bounded, bounds } from '../bounds.ts';
import { type Html, html, nothing } from '../html.ts';
import { icon } from '../icons.ts';
import { name } from '../texts.ts';
import { valueDiff } from '../values.ts';

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
