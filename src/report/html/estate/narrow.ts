import { count } from '../../../core/units.ts';
import { type Html, html } from '../html.ts';
import type { Route, ShownEstate, ShownHost } from './model.ts';
import { fold, sideNote } from './model.ts';
import { arrow, at, type Box, drum, fitted, hostBox, hostHeight, hostPitch, markAt, panel, wordsAt } from './shapes.ts';

/** Width of the drawing, in its own units. */
export const narrowWidth = 328;

const panelHead = 58;
const padding = 12;
const lineHeight = 17;

/** How many lines of the domain map stand beside the arrow. */
const mostLines = 8;

/** CS6 above, CS7 below, and what they ask each other beside the arrows between them: what it draws, and how high that is. */
export function narrowPicture(
  estate: ShownEstate,
  accounts: string,
): { readonly drawing: Html; readonly height: number } {
  const ends = new Set(estate.routes.map(({ to }) => to));
  const [upper, lower] = [fold(estate.cs6, ends), fold(estate.cs7, ends)];
  const texts = routeTexts(estate.routes);
  const top: Box = { x: 0, y: 0, width: narrowWidth, height: panelHeight(upper) };
  const gap = texts.length * lineHeight + 34;
  const bottom: Box = { x: 0, y: top.height + gap, width: narrowWidth, height: panelHeight(lower) };
  const store: Box = { x: 14, y: bottom.y + bottom.height + 34, width: narrowWidth - 28, height: 84 };
  const middle = narrowWidth / 2;
  const drawing = html`${panel('cs6', 'Calendar Server 6.3', sideNote(estate.cs6), top)}
${panel('cs7', 'Calendar Server 7', sideNote(estate.cs7), bottom)}
${hostsIn(upper, top)}${hostsIn(lower, bottom)}
${arrow('redirect', [
  [18, top.height],
  [18, bottom.y],
])}
${arrow('domains', [
  [38, bottom.y],
  [38, top.height],
])}
${texts.map(({ kind, text }, i) => html`<text class="route ${kind}" x="56" y="${at(top.height + 28 + i * lineHeight)}">${fitted(text, narrowWidth - 60, 11)}</text>`)}
${arrow('reads', [
  [middle, bottom.y + bottom.height],
  [middle, store.y + 2],
])}
${drum(store, estate.directory.state.tone, directoryText(estate, accounts, store))}`;
  return { drawing, height: store.y + store.height + 4 };
}

function columnsOf(hosts: readonly unknown[]): number {
  return hosts.length > 4 ? 2 : 1;
}

function panelHeight(hosts: readonly unknown[]): number {
  return panelHead + Math.ceil(hosts.length / columnsOf(hosts)) * hostPitch - (hostPitch - hostHeight) + padding;
}

function hostsIn(hosts: readonly Pick<ShownHost, 'name' | 'state'>[], box: Box): readonly Html[] {
  const columns = columnsOf(hosts);
  const boxWidth = (box.width - padding * (columns + 1)) / columns;
  return hosts.map((host, i) =>
    hostBox(host, {
      x: box.x + padding + (i % columns) * (boxWidth + padding),
      y: box.y + panelHead + Math.floor(i / columns) * hostPitch,
      width: boxWidth,
      height: hostHeight,
    }),
  );
}

function routeTexts(routes: readonly Route[]): readonly { readonly kind: string; readonly text: string }[] {
  const changing = (route: Route) => (route.changes ? ', changes' : '');
  const redirects = routes.filter(({ kind }) => kind === 'redirect');
  const lines = routes
    .filter(({ kind }) => kind === 'domains')
    .flatMap(route => route.domains.map(domain => `${domain} > ${route.to}${changing(route)}`));
  const more = lines.length - mostLines;
  return [
    ...redirects.map(route => ({ kind: 'redirect', text: `CS6 refers to ${route.to}${changing(route)}` })),
    ...lines.slice(0, mostLines).map(text => ({ kind: 'domains', text })),
    ...(more > 0 ? [{ kind: 'domains', text: `and ${count(more, 'more domain')}` }] : []),
  ];
}

function directoryText({ directory }: ShownEstate, accounts: string, store: Box): Html {
  const x = store.x + 44;
  return html`${markAt(directory.state.mark, store.x + 18, store.y + 38, directory.state.tone)}<text class="name" x="${at(x)}" y="${at(store.y + 37)}">${fitted(directory.address, store.width - 56, 12.5)}</text>${wordsAt(accounts, x, store.y + 53, store.width - 56)}${wordsAt(directory.state.words, x, store.y + 69, store.width - 56, 'strong')}`;
}
