import type { ResultState } from '../../../core/run.ts';
import type { Tone } from '../page.ts';

/** A state of a result in words, and how it is to be taken. */
export const resultWords: Readonly<Record<ResultState, { readonly word: string; readonly tone: Tone }>> = {
  done: { word: 'done', tone: 'good' },
  unchanged: { word: 'in effect already', tone: 'note' },
  refused: { word: 'refused', tone: 'bad' },
  failed: { word: 'failed', tone: 'bad' },
  'not-run': { word: 'not run', tone: 'warn' },
  held: { word: 'held back', tone: 'warn' },
  'taken-back': { word: 'taken back', tone: 'warn' },
  unknown: { word: 'not known', tone: 'bad' },
};
