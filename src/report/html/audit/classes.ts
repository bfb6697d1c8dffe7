import { count } from '../../../core/count.ts';
import type { AuditClass, AuditReport } from '../../../core/report.ts';
import { prose } from '../findings.ts';
import { type Html, html } from '../html.ts';
import { icon } from '../icons.ts';
import { listed, names } from '../texts.ts';

/** What is not good: how many, such as whom, what it means and what to do. */
export function classList({ classes, stores }: AuditReport): Html {
  return html`<div class="findings">${classes.map(one => classCard(one, stores))}</div>`;
}

/** How many stores are named where one is not known. */
const mostStores = 12;

function classCard(
  { name: title, of, count: n, examples, means, remedy }: AuditClass,
  stores: readonly string[],
): Html {
  const tone = title === 'unknown' ? 'unsure' : 'bad';
  const known = title === 'unknown-store' ? ` Named by cohorts: ${listed(stores, mostStores)}.` : '';
  const more = n - examples.length;
  return html`<article class="finding ${tone}">
<h3><span class="badge ${tone}">${icon(tone)} ${title.replaceAll('-', ' ')}</span> ${count(n, of === 'accounts' ? 'account' : 'calendar')}</h3>
${prose(`${means}${known}`)}
<p><b>What to do:</b> ${remedy}</p>
<p class="at"><span>e.g. ${names(examples)}${more > 0 && html` and ${more} more`}</span></p>
</article>
`;
}
