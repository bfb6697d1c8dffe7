import { dark, light } from '../../src/report/html/palette.ts';
import type { BenchResult } from '../bench/bench-report.ts';
import { digits } from '../bench/bench-report.ts';

/** One line of the chart. */
interface Series {
  readonly way: string;
  readonly label: string;
  /** The colour by day, and by night. */
  readonly colours: readonly [string, string];
  readonly dash: string;
  /** The path of its mark, around 0,0. */
  readonly mark: string;
}

const series: readonly Series[] = [
  {
    way: 'ansible-playbook --check --diff',
    label: 'Ansible',
    colours: [light.directory, dark.directory],
    dash: '2 4',
    mark: 'M-5 4 0 -5 5 4Z',
  },
  { way: 'ssh, 32 at once', label: 'ssh', colours: [light.cs6, dark.cs6], dash: '7 4', mark: 'M-4 -4H4V4H-4Z' },
  { way: 'reconcile', label: 'reconcile', colours: [light.cs7, dark.cs7], dash: '', mark: 'M0 -5A5 5 0 1 1 -.01 -5Z' },
];

const panels = [
  { figure: 'wall', title: 'wall time' },
  { figure: 'cpu', title: 'processor time of the client' },
] as const;

const sizes = [2, 10, 50, 200];
const plot = { width: 300, height: 230, left: 56, top: 64, gap: 176 };
const decades = [0.01, 0.1, 1, 10, 100];
/** Pixels between the labels of two lines, at least. */
const labelGap = 17;

/** What a check takes by the number of hosts, on logarithmic axes, as SVG for day and night. */
export function speedChart(results: readonly BenchResult[]): string {
  const hosts = results.find(({ bench }) => bench === 'hosts');
  const width = plot.left + 2 * plot.width + plot.gap + 130;
  const height = plot.top + plot.height + 56;
  const body = panels.map((panel, index) => panelOf(panel, plot.left + index * (plot.width + plot.gap), hosts));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t d">
<title id="t">Seconds that a check takes, by the number of hosts</title>
<desc id="d">${described(hosts)}</desc>
<style>${style}</style>
<rect class="ground" width="${width}" height="${height}"/>
<text class="head" x="16" y="26">What a check takes, by the number of hosts (both axes are logarithmic)</text>
${body.join('\n')}
</svg>
`;
}

function panelOf({ figure, title }: (typeof panels)[number], left: number, hosts: BenchResult | undefined): string {
  const places = labelPlaces(figure, hosts);
  const lines = series.map((one, index) =>
    lineOf(one, { index, label: places.get(one) ?? 0 }, pointsOf(one.way, figure, hosts)),
  );
  const text = (at: string, content: string) => `<text class="tick" ${at}>${content}</text>`;
  return `<g transform="translate(${left} ${plot.top})">
<text class="sub" x="0" y="-12">${title}</text>
${decades.map(value => `<path class="grid" d="M0 ${y(value)}H${plot.width}"/>${text(`x="-8" y="${y(value) + 4}" text-anchor="end"`, `${value} s`)}`).join('\n')}
${sizes.map(size => text(`x="${x(size)}" y="${plot.height + 20}" text-anchor="middle"`, String(size))).join('\n')}
${text(`x="${plot.width / 2}" y="${plot.height + 40}" text-anchor="middle"`, 'hosts')}
${lines.join('\n')}
</g>`;
}

/** The labels are at the ends of the lines, from top to bottom, and none covers another. */
function labelPlaces(figure: 'wall' | 'cpu', hosts: BenchResult | undefined): ReadonlyMap<Series, number> {
  const ends = series.flatMap(one => {
    const [, value] = pointsOf(one.way, figure, hosts).at(-1) ?? [];
    return value === undefined ? [] : [{ one, place: y(value) + 4 }];
  });
  let least = 0;
  return new Map(
    ends
      .toSorted((first, second) => first.place - second.place)
      .map(({ one, place }) => {
        const own = Math.max(place, least);
        least = own + labelGap;
        return [one, own];
      }),
  );
}

type Point = readonly [hosts: number, seconds: number];

function lineOf(
  { label, dash, mark }: Series,
  place: { readonly index: number; readonly label: number },
  points: readonly Point[],
): string {
  const last = points.at(-1);
  if (last === undefined) return '';
  const path = points.map(([size, value]) => `${x(size)} ${y(value)}`).join('L');
  const marks = points.map(([size, value]) => `<path transform="translate(${x(size)} ${y(value)})" d="${mark}"/>`);
  const [size, value] = last;
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<g class="s${place.index}"><path class="line" d="M${path}"${dashes}/>${marks.join('')}<text x="${x(size) + 12}" y="${place.label}">${label} ${digits(value)} s</text></g>`;
}

function pointsOf(way: string, figure: 'wall' | 'cpu', hosts: BenchResult | undefined): readonly Point[] {
  return sizes.flatMap(size => {
    const row = hosts?.rows.find(one => one.work === `check ${size} hosts` && one.way === way);
    const median = row?.figures[figure]?.median;
    return median === undefined ? [] : [[size, median] as const];
  });
}

function described(hosts: BenchResult | undefined): string {
  const sentences = panels.flatMap(({ figure, title }) =>
    series.map(({ way, label }) => {
      const points = pointsOf(way, figure, hosts).map(([size, value]) => `${digits(value)} s for ${size}`);
      return points.length === 0 ? '' : `${title}, ${label}: ${points.join(', ')}.`;
    }),
  );
  return sentences.filter(sentence => sentence !== '').join(' ');
}

/** From 1 to 300 hosts. */
function x(hosts: number): number {
  return Math.round((Math.log10(hosts) / Math.log10(300)) * plot.width);
}

/** From 0.01 to 300 seconds. */
function y(seconds: number): number {
  const share = (Math.log10(Math.max(seconds, 0.01)) + 2) / (Math.log10(300) + 2);
  return Math.round((1 - share) * plot.height);
}

const coloured = (night: 0 | 1) => series.map(({ colours }, index) => `.s${index}{--c:${colours[night]}}`).join('');

const style = `:root{--ink:${light.ink};--quiet:${light.quiet};--grid:${light.line};--ground:${light.card}}${coloured(0)}
@media(prefers-color-scheme:dark){:root{--ink:${dark.ink};--quiet:${dark.quiet};--grid:${dark.line};--ground:${dark.card}}${coloured(1)}}
text{font:13px system-ui,sans-serif;fill:var(--ink)}.head{font-size:16px;font-weight:600}.sub{font-weight:600}.tick{fill:var(--quiet)}
.ground{fill:var(--ground)}.grid{stroke:var(--grid)}.line{fill:none;stroke:var(--c);stroke-width:2}
.s0 path,.s1 path,.s2 path{fill:var(--c)}.s0 .line,.s1 .line,.s2 .line{fill:none}.s0 text,.s1 text,.s2 text{fill:var(--c);font-weight:600}`;
