import type { PlanReport } from '../../../core/report.ts';
import { count } from '../../../core/units.ts';
import { accountsText } from '../../view/change-sections.ts';
import { bounded, bounds, icon, name, names, scrollingTable } from '../elements.ts';
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
<figcaption>CS7 asks CS6 by the domain map about accounts that are not its own; CS6 refers to CS7 about everybody it has no calendar of. Both tell their accounts apart in the directory.</figcaption>
</figure>
<details><summary>The same as a table</summary>${hostTable(estate)}</details>`;
  return { id: 'estate', title: 'The estate', count: estate.cs6.length + estate.cs7.length, body };
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
  const row = (host: ShownHost) =>
    html`<tr><th scope="row">${name(host.name)}</th><td><span class="side ${host.side}">${host.side.toUpperCase()}</span></td><td>${icon(host.state.mark)} ${host.state.words}</td><td>${role(host)}</td></tr>`;
  return html`${scrollingTable({
    caption: 'Every host, what becomes of it, and who asks it.',
    head: html`<th scope="col">Host</th><th scope="col">Side</th><th scope="col">What becomes of it</th><th scope="col">Asked by the other side about</th>`,
    body: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more host')}</p>`}`;
}

/** How many domains of one host are named. */
const mostDomains = 12;

function role({ domains, redirectTarget }: ShownHost): Html {
  if (redirectTarget) return html`everybody whom CS6 has no calendar of`;
  if (domains.length === 0) return html`<span class="quiet">nobody</span>`;
  return names(domains, mostDomains);
}
