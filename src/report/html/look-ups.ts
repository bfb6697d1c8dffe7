import { count } from '../../core/count.ts';
import type { LikelyCause, VerifiedCell, VerifiedHop } from '../../core/verification.ts';
import type { Tone } from '../view/verdict.ts';
import type { FoldedLookUps, VerifiedState } from '../view/verify-view.ts';
import { icon } from './elements.ts';
import { type Html, html, nothing } from './html.ts';
import { bounded, bounds, name, names, place, shorten } from './texts.ts';

/** A state in words, and how it is to be taken. */
const verifiedWords: Readonly<Record<VerifiedState, { readonly word: string; readonly tone: Tone }>> = {
  works: { word: 'works', tone: 'good' },
  fails: { word: 'fails', tone: 'bad' },
  unknown: { word: 'not known', tone: 'unsure' },
};

/** A state with its mark. */
export function stateBadge(state: VerifiedState): Html {
  const { word, tone } = verifiedWords[state];
  return html`<span class="badge ${tone}">${icon(tone)} ${word}</span>`;
}

const ways: Readonly<Record<VerifiedCell['way'], string>> = {
  wcap: 'as a client asks (WCAP)',
  ischedule: 'as CS7 asks by the domain map (iSchedule)',
};

/** Look-ups that did not work: which hop, what came, and which setting it most likely comes from. */
export function lookUpList(folded: readonly FoldedLookUps[]): Html {
  const { shown, more } = bounded(folded, bounds.cells);
  return html`<ul class="changes plain">${shown.map(lookUpCard)}</ul>${more > 0 && html`<p class="more">and ${count(more, 'more', 'more')}</p>`}`;
}

function lookUpCard({ first, all }: FoldedLookUps): Html {
  const { from, to, host, way, state, problem, detail, hops, causes } = first;
  return html`<li class="change ${state === 'fails' ? 'delete' : ''}">
<p class="head">${stateBadge(state)} <span><span class="side ${from}">${from.toUpperCase()}</span> sees <span class="side ${to}">${to.toUpperCase()}</span></span> ${names(all.map(({ account }) => account))} <span class="reach">by way of ${name(host)}, ${ways[way]}</span></p>
<p>${shorten(detail, bounds.detail)}${problem !== undefined && html` <span class="quiet">${name(problem)}</span>`}</p>
${hopList(hops)}
${causeList(causes)}
</li>
`;
}

/** How many hops or causes of one look-up are drawn. */
const most = 10;

function hopList(hops: readonly VerifiedHop[]): Html {
  if (hops.length === 0) return nothing;
  const hop = ({ method, url, came, milliseconds }: VerifiedHop) =>
    html`<li><code>${method} ${shorten(url, bounds.value)}</code><br>${shorten(came, bounds.value)} <span class="quiet">after ${milliseconds} ms</span></li>`;
  return html`<details open><summary>${count(hops.length, 'exchange')}</summary><ol class="hops">${hops.slice(0, most).map(hop)}</ol></details>`;
}

/** The settings that a failure most likely comes from. */
export function causeList(causes: readonly LikelyCause[]): Html {
  if (causes.length === 0) return nothing;
  const cause = ({ target, key, why, source }: LikelyCause) =>
    html`<li>${name(key)} on ${name(target)}: ${shorten(why, bounds.value)}${source && html` <span class="quiet">owned by ${place(source)}</span>`}</li>`;
  return html`<p class="likely">Most likely:</p><ul class="causes">${causes.slice(0, most).map(cause)}</ul>`;
}
