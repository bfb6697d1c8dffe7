import { count } from '../../../core/count.ts';
import { groupBy } from '../../../core/group-by.ts';
import type { Side, VerifiedCell } from '../../../core/verification.ts';
import { bounded, bounds } from '../bounds.ts';
import { type Html, html } from '../html.ts';
import { scrollingTable } from '../table.ts';
import { name, unseen } from '../texts.ts';
import { stateBadge } from './states.ts';

const directions: readonly { readonly from: Side; readonly to: Side }[] = [
  { from: 'cs6', to: 'cs6' },
  { from: 'cs6', to: 'cs7' },
  { from: 'cs7', to: 'cs6' },
  { from: 'cs7', to: 'cs7' },
];

/** From side to side by host: a cell says in a word whether users of one see when those of the other are busy. */
export function matrix(cells: readonly VerifiedCell[]): Html {
  const { shown, more } = bounded([...groupBy(cells, ({ host }) => host)], bounds.rows);
  const row = ([host, own]: readonly [string, readonly VerifiedCell[]]) =>
    html`<tr><th scope="row">${name(host)}</th>${directions.map(direction => matrixCell(own, direction))}</tr>`;
  return html`${scrollingTable({
    caption: 'By way of which server a user of one side asks about a user of the other, and whether an answer came.',
    head: html`<th scope="col">By way of</th>${directions.map(
      ({ from, to }) =>
        html`<th scope="col"><span class="side ${from}">${from.toUpperCase()}</span> sees <span class="side ${to}">${to.toUpperCase()}</span></th>`,
    )}`,
    body: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more host')}</p>`}`;
}

function matrixCell(own: readonly VerifiedCell[], { from, to }: (typeof directions)[number]): Html {
  const cells = own.filter(cell => cell.from === from && cell.to === to);
  const of = (state: VerifiedCell['state']) => cells.filter(cell => cell.state === state).length;
  if (cells.length === 0) return html`<td class="quiet"><span aria-hidden="true">–</span>${unseen('not asked')}</td>`;
  const worst = of('fails') > 0 ? 'fails' : of('unknown') > 0 ? 'unknown' : 'works';
  const part = of(worst) < cells.length ? ` ${of(worst)} of ${cells.length}` : '';
  return html`<td class="cell">${stateBadge(worst)}${part}</td>`;
}
