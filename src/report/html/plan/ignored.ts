import { count } from '../../../core/count.ts';
import type { Plan } from '../../../core/plan.ts';
import { bounded, bounds } from '../bounds.ts';
import { html } from '../html.ts';
import type { Section } from '../page.ts';
import { name, shorten } from '../texts.ts';
import { valueDiff } from '../values.ts';

/** What the file says to leave alone for a while. */
export function ignoredSection({ ignored }: Plan): readonly Section[] {
  if (ignored.length === 0) return [];
  const { shown, more } = bounded(ignored, bounds.cells);
  const entry = ({ target, change, until, reason, owner }: Plan['ignored'][number]) => html`<li class="change">
<p class="head"><span class="badge">left alone</span> ${name(change.key)} <span class="reach">on ${name(target)}${target === 'directory' && html`, ${name(change.item)}`}</span></p>
${valueDiff(change)}
<ul class="meta"><li>until ${shorten(until, bounds.name)}</li><li>${shorten(reason, bounds.value)}</li><li>asked for by ${shorten(owner, bounds.name)}</li></ul>
</li>`;
  const body = html`<p class="intro">These differ, and are neither planned nor applied until their day.</p>
<ul class="changes plain">${shown.map(entry)}</ul>${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
  return [{ id: 'ignored', title: 'Left alone for a while', count: ignored.length, body }];
}
