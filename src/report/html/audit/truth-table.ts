import type { AuditState } from '../../../core/report.ts';
import { type Html, html } from '../html.ts';
import { icon } from '../icons.ts';
import { scrollingTable } from '../table.ts';
import { stateWords } from './states.ts';

type States = Readonly<Record<AuditState, number>>;

/** Local-user attribute by CS6 calendar: each account is in one cell. */
export function truthTable(states: States): Html {
  const rows = html`<tr><th scope="row">has the local-user attribute: CS7 takes it for its own</th>${cell(states, 'split-brain')}${cell(states, 'good-cs7')}</tr>
<tr><th scope="row">has it not: CS7 asks CS6 about it</th>${cell(states, 'good-cs6')}${cell(states, 'limbo')}</tr>`;
  const unknown =
    states.unknown > 0 &&
    html`<p class="more"><span class="badge unsure">${icon('unsure')} not known</span> ${states.unknown}: a host that may have a calendar of theirs could not be read.</p>`;
  return html`${scrollingTable({
    name: 'truth',
    caption: 'How many accounts are where. Neither server asks the other, so both columns and both rows have to agree.',
    head: html`<td></td><th scope="col">has a calendar on CS6</th><th scope="col">has none</th>`,
    body: [rows],
  })}${unknown}`;
}

function cell(states: States, state: AuditState): Html {
  const good = state === 'good-cs6' || state === 'good-cs7';
  const tone = good ? 'good' : states[state] > 0 ? 'bad' : 'none';
  return html`<td class="${tone}"><b>${states[state]}</b> ${icon(tone === 'none' ? 'idle' : tone)} ${stateWords[state]}</td>`;
}
