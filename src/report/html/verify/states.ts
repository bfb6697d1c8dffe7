import type { VerifiedCell } from '../../../core/verification.ts';
import { type Html, html } from '../html.ts';
import { icon } from '../icons.ts';
import type { Tone } from '../page.ts';

/** A state in words, and how it is to be taken. */
export const verifiedWords: Readonly<Record<VerifiedCell['state'], { readonly word: string; readonly tone: Tone }>> = {
  works: { word: 'works', tone: 'good' },
  fails: { word: 'fails', tone: 'bad' },
  unknown: { word: 'not known', tone: 'unsure' },
};

/** A state with its mark. */
export function stateBadge(state: VerifiedCell['state'], text = verifiedWords[state].word): Html {
  const { tone } = verifiedWords[state];
  return html`<span class="badge ${tone}">${icon(tone)} ${text}</span>`;
}
