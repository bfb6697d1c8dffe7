import { type Html, html, type Part } from './html.ts';

/** A table with a caption, in a frame that scrolls where it is too wide and takes the keyboard's focus for that. */
export function scrollingTable(table: {
  readonly caption: string;
  /** The cells of the heading line. */
  readonly head: Html;
  readonly body: readonly Part[];
  readonly foot?: Html;
  readonly name?: string;
}): Html {
  const { caption, head, body, foot, name } = table;
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table class="${name ?? ''}"><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody>${foot && html`<tfoot>${foot}</tfoot>`}</table></div>`;
}

/** A bar for a share of all that has a limit, which is a stroke across it; the numbers stand beside it as text. Both in percent. */
export function meter(percent: number, limit: number): Html {
  // The bar shows as far as is worth looking at: a limit of 5 % would else be a dot.
  const whole = Math.min(100, Math.max(percent, limit) * 1.25) || 1;
  const at = (value: number) => ((100 * Math.min(value, whole)) / whole).toFixed(2);
  const over = percent > limit ? 'over' : '';
  return html`<svg class="meter ${over}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="ground" width="100" height="8"/><rect class="share" width="${at(percent)}" height="8"/><rect class="limit" x="${at(limit)}" width="0.6" height="8"/></svg>`;
}

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
