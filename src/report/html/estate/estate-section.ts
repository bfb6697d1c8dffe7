import type { PlanReport } from '../../../core/report.ts';
import { count } from '../../../core/units.ts';
import { accountsText } from '../../view/change-sections.ts';
import { bounded, bounds, columnTable, icon, name, names } from '../elements.ts';
import { type Html, html } from '../html.ts';
import type { Section } from '../page.ts';
import { pictureInWords, type ShownEstate, type ShownHost, shownEstate } from './model.ts';
import { narrowPicture, narrowWidth } from './narrow.ts';
import { at } from './shapes.ts';
import { widePicture, wideWidth } from './wide.ts';

/** The estate as a picture, and the same as a table. */
export function estateSection(report: PlanReport): Section {
  const estate = shownEstate(report);
  const accounts = accountsText(report.plan.accounts);
  const words = pictureInWords(estate, accounts);
  const body = html`<figure class="estate">
${picture('wide', wideWidth, words, widePicture(estate, accounts))}
${picture('narrow', narrowWidth, words, narrowPicture(estate, accounts))}
<figcaption>CS7 uses the domain map to ask CS6 about accounts that are not its own. CS6 refers to CS7 for every account without a CS6 calendar. Both read in the directory which accounts are theirs.</figcaption>
</figure>
<details><summary>The same as a table</summary>${hostTable(estate)}</details>`;
  return { id: 'estate', title: 'The estate', count: count(estate.cs6.length + estate.cs7.length, 'host'), body };
}

function picture(
  kind: string,
  width: number,
  words: string,
  { drawing, height }: ReturnType<typeof widePicture>,
): Html {
  const id = `picture-${kind}`;
  return html`<svg class="picture ${kind}" viewBox="-2 -2 ${String(width + 4)} ${at(height + 4)}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-words"><title id="${id}-title">The estate</title><desc id="${id}-words">${words}</desc>${drawing}</svg>`;
}

function hostTable({ cs6, cs7 }: ShownEstate): Html {
  const { shown, more } = bounded([...cs6, ...cs7], bounds.rows);
  const row = (host: ShownHost) => [
    name(host.name),
    html`<span class="side ${host.side}">${host.side.toUpperCase()}</span>`,
    html`${icon(host.state.mark)} ${host.state.words}`,
    role(host),
  ];
  return html`${columnTable({
    caption: 'Every host, its state, and what the other side asks it about.',
    columns: [
      { title: 'Host', of: 'name' },
      { title: 'Side' },
      { title: 'State' },
      { title: 'The other side asks it about' },
    ],
    rows: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more host')}</p>`}`;
}

/** How many domains of one host are named. */
const mostDomains = 12;

function role({ domains, redirectTarget }: ShownHost): Html {
  if (redirectTarget) return html`every user without a calendar on CS6`;
  if (domains.length === 0) return html`<span class="quiet">none</span>`;
  return names(domains, mostDomains);
}
