import type { About, Excerpt, Finding, Severity } from '../../core/finding.ts';
import { drawAlone } from '../../core/next-command.ts';
import { count } from '../../core/units.ts';
import type { Tone } from '../view/verdict.ts';
import { countFindings, type FoldedFindings, foldFindingsByCode, worstFirst } from '../view/view-findings.ts';
import { bounded, bounds, icon, name, names, place, shorten } from './elements.ts';
import { type Html, html, join } from './html.ts';
import type { Section } from './page.ts';

const words: Readonly<Record<Severity, { readonly word: string; readonly tone: Tone & ('bad' | 'warn' | 'note') }>> = {
  error: { word: 'Error', tone: 'bad' },
  warning: { word: 'Warning', tone: 'warn' },
  note: { word: 'Note', tone: 'note' },
};

/** Findings, the worst first; those of one code stand together, all but the first few folded. */
export function findingList(findings: readonly Finding[]): Html {
  const { shown, more } = bounded(
    worstFirst(findings, ({ severity }) => severity),
    bounds.findings,
  );
  return html`<div class="findings">${foldFindingsByCode(shown, 'code').map(findingGroup)}</div>
${more > 0 && html`<p class="more">${count(more, 'more finding')}; <code>--format json</code> has ${more === 1 ? 'it' : 'them'}.</p>`}`;
}

/** Findings as a section of a page; none where there are none. */
export function findingSections(findings: readonly Finding[]): readonly Section[] {
  if (findings.length === 0) return [];
  return [{ id: 'findings', title: 'Findings', count: countFindings(findings), body: findingList(findings) }];
}

function findingGroup({ first, shown, rest, count: all }: FoldedFindings): Html {
  const { word, tone } = words[first.severity];
  const body = (finding: Finding) => html`<li>${findingBody(finding)}</li>`;
  return html`<article class="finding ${tone}">
<h3><span class="badge ${tone}">${icon(tone)} ${word}</span> ${first.summary}${all > 1 && html` <span class="count">${all.toLocaleString('en-US')}</span>`}</h3>
<p class="code"><code>${first.code}</code></p>
<ul class="plain">${shown.map(body)}</ul>
${rest.length > 0 && html`<details><summary>${count(countFindings(rest), 'more', 'more')} of <code>${first.code}</code></summary><ul class="plain">${rest.map(body)}</ul></details>`}
</article>
`;
}

function findingBody({ where, excerpt, target, detail, about, more = 0, next = [] }: Finding): Html {
  const at = [
    ...(target !== undefined ? [html`<span>on ${name(target)}</span>`] : []),
    ...(where ? [html`<span>at ${place(where)}</span>`] : []),
  ];
  return html`${at.length > 0 && html`<p class="at">${at}</p>`}
${where && excerpt && excerptElement(excerpt, where.line)}
${prose(detail)}
${next.map(one => html`${one.lead !== undefined && prose(one.lead)}${command(drawAlone(one))}`)}
${about && html`<p class="at"><span>${aboutWords(about)}</span></p>`}
${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')} with this code, not listed</p>`}`;
}

/** How many names of what a finding is about are shown. */
const named = 5;

function aboutWords(about: About): Html {
  if (about.count === 1) return html`Found for ${names(about.names)}`;
  const shown = about.names.slice(0, named);
  const listed = html`${join(shown.map(name), '; ')}`;
  return shown.length < about.count
    ? html`Found for ${about.count.toLocaleString('en-US')}, such as ${listed}`
    : html`Found for ${String(about.count)}: ${listed}`;
}

/** The line of the file, with what is meant marked in it. */
function excerptElement({ line, column, length }: Excerpt, number: number): Html {
  const from = column - 1;
  const to = from + Math.max(1, length);
  return html`<pre class="excerpt"><code><span class="number">${String(number)}</span>${line.slice(0, from)}<mark>${line.slice(from, to) || ' '}</mark>${line.slice(to)}</code></pre>`;
}

/** Prose of several lines; lines that are indented are commands or other text to copy, and are kept as they stand. */
export function prose(text: string): Html {
  const blocks: { readonly code: boolean; readonly lines: string[] }[] = [];
  for (const line of shorten(text, bounds.detail).split('\n')) {
    const code = line.startsWith('    ');
    const last = blocks.at(-1);
    if (last && last.code === code && code) last.lines.push(line.slice(4));
    else if (line.trim() !== '') blocks.push({ code, lines: [code ? line.slice(4) : line] });
  }
  return html`${blocks.map(({ code, lines }) => (code ? command(lines.join('\n')) : html`<p>${lines.join(' ')}</p>`))}`;
}

/** A command to copy. */
export function command(text: string): Html {
  return html`<pre class="command-line"><code>${text}</code></pre>`;
}
