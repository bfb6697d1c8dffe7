import { type Html, html } from './html.ts';

/** What a mark says; its word always stands beside it. */
export type Mark = 'good' | 'warn' | 'bad' | 'note' | 'unsure' | 'restart' | 'create' | 'update' | 'delete' | 'idle';

/** Strokes in a square of 16 by 16: each mark has a shape of its own, so that nothing is in its colour alone. */
const shapes: Readonly<Record<Mark, string>> = {
  good: 'M3 8.5 6.5 12 13 4.5',
  warn: 'M8 2 14.5 13.5H1.5ZM8 6.5V9.5M8 11.4V11.6',
  bad: 'M4 4 12 12M12 4 4 12',
  note: 'M8 7V12M8 4V4.2',
  unsure: 'M5.5 6A2.5 2.5 0 1 1 8.8 8.4Q8 8.8 8 10M8 12.4V12.6',
  restart: 'M12.5 5.5A5.2 5.2 0 1 0 13.2 9M13 2.5V5.8H9.7',
  create: 'M8 3V13M3 8H13',
  update: 'M2.5 9.5Q5 5 8 8T13.5 6.5',
  delete: 'M3 8H13',
  idle: 'M5 8H11',
};

/** The path of a mark, for drawing it in a picture. */
export function markPath(mark: Mark): string {
  return shapes[mark];
}

/** A mark beside a word. */
export function icon(mark: Mark): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="${shapes[mark]}"/></svg>`;
}
