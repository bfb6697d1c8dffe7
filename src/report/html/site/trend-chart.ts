import { at } from '../estate/shapes.ts';
import { type Html, html } from '../html.ts';

/** One line of a chart; a value holds until the next one. */
export interface ChartLine {
  /** The class that it is drawn by. */
  readonly kind: 'cs6' | 'cs7' | 'drift';
  readonly label: string;
  /** The oldest first; `at` in milliseconds since 1970, `sure` where it was counted. */
  readonly points: readonly { readonly at: number; readonly value: number; readonly sure: boolean }[];
}

/** What a chart shows. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** The same in words, for readers who do not see it. */
  readonly words: string;
  readonly lines: readonly ChartLine[];
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const frames: Readonly<Record<'wide' | 'narrow', Frame>> = {
  wide: { width: 960, height: 300, left: 70, top: 16, right: 130, bottom: 34 },
  narrow: { width: 340, height: 250, left: 58, top: 16, right: 62, bottom: 34 },
};

/** The chart for a wide and for a narrow window. */
export function chartFigure(chart: Chart): Html {
  return html`${picture(chart, 'wide')}${picture(chart, 'narrow')}`;
}

function picture(chart: Chart, kind: 'wide' | 'narrow'): Html {
  const { width, height } = frames[kind];
  const id = `${chart.id}-${kind}`;
  return html`<svg class="picture chart ${kind}" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-words"><title id="${id}-title">${chart.title}</title><desc id="${id}-words">${chart.words}</desc>${drawing(chart.lines, frames[kind])}</svg>`;
}

/** From times and values to places. */
interface Scale {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly top: number;
  readonly from: number;
  readonly to: number;
}

function scaleOf(lines: readonly ChartLine[], { width, height, left, top, right, bottom }: Frame): Scale {
  const all = lines.flatMap(({ points }) => points);
  const times = all.map(point => point.at);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const most = niceTop(Math.max(1, ...all.map(({ value }) => value)));
  const plot = { width: width - left - right, height: height - top - bottom };
  return {
    x: time => left + (to === from ? plot.width : ((time - from) / (to - from)) * plot.width),
    y: value => top + (1 - value / most) * plot.height,
    ...{ top: most, from, to },
  };
}

/** The next number up that is easy to read: 1, 2, 5, 10, 20, 50 … */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= most) ?? most;
}

function drawing(lines: readonly ChartLine[], frame: Frame): Html {
  const scale = scaleOf(lines, frame);
  const shown = lines.filter(({ points }) => points.length > 0);
  return html`${axes(scale, frame)}${shown.map(line => lineDrawing(line, scale))}${endLabels(shown, scale, frame)}`;
}

function axes({ y, top, from, to }: Scale, { width, height, left, right, bottom }: Frame): Html {
  const end = width - right;
  const grid = [0, top / 2, top]
    .filter(Number.isInteger)
    .map(
      value =>
        html`<path class="grid" d="M${at(left)} ${at(y(value))}H${at(end)}"/><text x="${at(left - 8)}" y="${at(y(value) + 4)}" class="tick">${value.toLocaleString('en-US')}</text>`,
    );
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const below = at(height - bottom + 22);
  const first = day(from) === day(to) ? '' : html`<text x="${at(left)}" y="${below}" class="words">${day(from)}</text>`;
  return html`${grid}${first}<text x="${at(end)}" y="${below}" class="tick">${day(to)}</text>`;
}

/** Where it was counted it is drawn through, where it is derived with dashes. */
function lineDrawing({ kind, points }: ChartLine, { x, y }: Scale): Html {
  const parts = points.slice(1).map((point, i) => {
    const before = points[i] ?? point;
    const step = `M${at(x(before.at))} ${at(y(before.value))}H${at(x(point.at))}V${at(y(point.value))}`;
    return { step, sure: before.sure && point.sure };
  });
  const path = (sure: boolean) => parts.flatMap(part => (part.sure === sure ? [part.step] : [])).join('');
  const last = points.at(-1);
  const dot = last && html`<ellipse class="dot-mark" cx="${at(x(last.at))}" cy="${at(y(last.value))}" rx="4" ry="4"/>`;
  return html`<g class="series ${kind}"><path class="line" d="${path(true) || 'M0 0'}"/><path class="line derived" d="${path(false) || 'M0 0'}"/>${dot}</g>`;
}

/** How far apart labels stand at least. */
const labelHeight = 16;

/** Beside the end of each line its name and its value, apart from each other. */
function endLabels(
  lines: readonly ChartLine[],
  { y }: Scale,
  { width, height, right, bottom }: Frame,
): readonly Html[] {
  const ends = lines
    .map(({ kind, label, points }) => ({ kind, label, value: points.at(-1)?.value ?? 0 }))
    .toSorted((a, b) => b.value - a.value);
  let lowest = Number.NEGATIVE_INFINITY;
  const placed = ends.map(end => {
    lowest = Math.max(y(end.value) + 4, lowest + labelHeight * 2);
    return { ...end, place: lowest };
  });
  const over = Math.max(0, lowest - (height - bottom - labelHeight + 4));
  const x = at(width - right + 10);
  return placed.map(
    ({ kind, label, value, place }) =>
      html`<text x="${x}" y="${at(place - over)}" class="end ${kind}">${label}</text><text x="${x}" y="${at(place - over + labelHeight - 2)}" class="words">${value.toLocaleString('en-US')}</text>`,
  );
}
