import { textWidth } from '../../view/words.ts';
import { type Mark, markPath } from '../elements.ts';
import { type Html, html, nothing, visible } from '../html.ts';
import type { ShownHost } from './model.ts';

/** A rectangle in the picture's own units, which are pixels where it is drawn at its full width. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Height of a host's box, and from one to the next. */
export const hostHeight = 46;
export const hostPitch = 58;

/** Advance of one cell of the typewriter face for each unit of its size: the widest of those the styles name. */
const cellWidth = 0.625;

/** A name that fits into `width`; what is cut off is in the table. */
export function fitted(text: string, width: number, size: number): string {
  const cells = Math.floor(width / (size * cellWidth));
  const shown = visible(text).replaceAll('\n', ' ');
  if (textWidth(shown) <= cells) return shown;
  let cut = '';
  for (const char of shown) {
    if (textWidth(cut + char) > cells - 1) break;
    cut += char;
  }
  return `${cut}…`;
}

/** A number as SVG takes it: never with a thousands separator. */
export function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A mark of 16 units with its corner there. */
export function markAt(mark: Mark, x: number, y: number, tone: string): Html {
  return html`<path class="mark ${tone}" transform="translate(${at(x)} ${at(y)})" d="${markPath(mark)}"/>`;
}

/** A host: its mark, its name, and in words what becomes of it. */
export function hostBox({ name, state }: Pick<ShownHost, 'name' | 'state'>, box: Box): Html {
  const { x, y, width, height } = box;
  const start = width < 150 ? 27 : 31;
  const room = width - start - 7;
  return html`<g class="host ${state.tone}"><rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" rx="8"/>${markAt(state.mark, x + start - 22, y + 15, state.tone)}<text class="name" x="${at(x + start)}" y="${at(y + 20)}">${fitted(name, room, 12.5)}</text>${wordsAt(state.words, x + start, y + 36, room)}</g>`;
}

/** Average advance of a letter in the widest of the systems' faces, at the size of words. */
const letterWidth = 6.6;

/** Words that may not fit are drawn as wide as there is room, whatever the face: cutting them off would leave out what matters. */
export function wordsAt(words: string, x: number, y: number, room: number, weight = ''): Html {
  const squeeze = words.length * letterWidth > room && html` textLength="${at(room)}" lengthAdjust="spacingAndGlyphs"`;
  return html`<text class="words ${weight}" x="${at(x)}" y="${at(y)}"${squeeze}>${words}</text>`;
}

/** The ground on which the hosts of one side stand, with its heading. */
export function panel(side: string, title: string, note: string, { x, y, width, height }: Box): Html {
  return html`<g class="panel ${side}"><rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" rx="14"/><text class="title" x="${at(x + 14)}" y="${at(y + 25)}">${title}</text><text class="words" x="${at(x + 14)}" y="${at(y + 43)}">${note}</text></g>`;
}

/** A directory is drawn as a drum. */
export function drum({ x, y, width, height }: Box, tone: string, body: Html): Html {
  const [right, rise] = [x + width, 9];
  const side = `M${at(x)} ${at(y + rise)}V${at(y + height - rise)}A${at(width / 2)} ${rise} 0 0 0 ${at(right)} ${at(y + height - rise)}V${at(y + rise)}`;
  return html`<g class="drum ${tone}"><path d="${side}"/><ellipse cx="${at(x + width / 2)}" cy="${at(y + rise)}" rx="${at(width / 2)}" ry="${at(rise)}"/>${body}</g>`;
}

/** An arrow along a line with right angles; its head points the way of the last part. */
export function arrow(kind: string, points: readonly (readonly [number, number])[]): Html {
  const [last, before] = [points.at(-1), points.at(-2)];
  if (!last || !before) return nothing;
  const [x, y] = last;
  const turn = x > before[0] ? 0 : x < before[0] ? 180 : y > before[1] ? 90 : 270;
  const line = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${at(px)} ${at(py)}`).join('');
  return html`<g class="arrow ${kind}"><path class="line" d="${line}"/><path class="head" transform="translate(${at(x)} ${at(y)}) rotate(${turn})" d="M0 0-9-4.5V4.5Z"/></g>`;
}
