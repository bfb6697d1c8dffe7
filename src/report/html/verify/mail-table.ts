import { count } from '../../../core/count.ts';
import type { VerifiedMail } from '../../../core/verification.ts';
import { bounded, bounds } from '../bounds.ts';
import { type Html, html } from '../html.ts';
import { scrollingTable } from '../table.ts';
import { name, shorten } from '../texts.ts';
import { causeList } from './cell-details.ts';
import { stateBadge } from './states.ts';

/** What invitations by mail depend on. */
export function mailTable(mail: readonly VerifiedMail[]): Html {
  const { shown, more } = bounded(mail, bounds.cells);
  const row = ({ host, what, state, detail, causes }: VerifiedMail) =>
    html`<tr><td class="cell">${stateBadge(state)}</td><th scope="row">${shorten(what, bounds.value)}</th><td>${name(host)}</td><td>${shorten(detail, bounds.value)}${causeList(causes)}</td></tr>`;
  return html`${scrollingTable({
    caption: 'Looked at without sending anything to anybody.',
    head: html`<th scope="col">State</th><th scope="col">What</th><th scope="col">From</th><th scope="col">What came</th>`,
    body: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
}
