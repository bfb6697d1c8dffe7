import { count } from '../../../core/units.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Route, ShownEstate, ShownHost } from './model.ts';
import { fold, sideNote } from './model.ts';
import { arrow, at, type Box, drum, fitted, hostBox, hostHeight, hostPitch, markAt, panel, wordsAt } from './shapes.ts';

/*
 *   0        380        620       1000
 *   ┌─────────┐           ┌─────────┐
 *   │ CS6     │ <──────── │ CS7     │   domains: straight to the host that answers
 *   │ hosts   │ ────────> │ hosts   │   redirect: straight to the host that CS6 refers to
 *   └────┬────┘           └────┬────┘
 *        └───> ( directory ) <─┘
 */
/** Width of the drawing, in its own units. */
export const wideWidth = 1000;
const panelWidth = 380;
const panelHead = 58;
const padding = 14;

/** How many arrows are drawn; the table has all. */
const mostArrows = 16;

/** A side with its hosts placed: those that arrows end at stand next to the gap. */
interface PlacedSide {
  readonly box: Box;
  readonly places: readonly { readonly host: Pick<ShownHost, 'name' | 'state'>; readonly box: Box }[];
}

/** The picture for a wide screen: what it draws, and how high that is. */
export function widePicture(
  estate: ShownEstate,
  accounts: string,
): { readonly drawing: Html; readonly height: number } {
  const routes = drawnRoutes(estate.routes);
  const [one, other] = [
    placeSide(estate.cs6, routes, 'right', 0),
    placeSide(estate.cs7, routes, 'left', wideWidth - panelWidth),
  ];
  const bottom = Math.max(one.box.height, other.box.height);
  const left = { ...one, box: { ...one.box, height: bottom } };
  const right = { ...other, box: { ...other.box, height: bottom } };
  const store: Box = { x: wideWidth / 2 - 220, y: bottom + 26, width: 440, height: 78 };
  const drawing = html`${panel('cs6', 'Calendar Server 6.3', sideNote(estate.cs6), left.box)}
${panel('cs7', 'Calendar Server 7', sideNote(estate.cs7), right.box)}
${[left, right].map(({ places }) => places.map(({ host, box }) => hostBox(host, box)))}
${routes.map(route => routeArrow(route, left, right))}
${moreArrows(estate.routes.length - routes.length, bottom)}
${readers(left.box, right.box, store)}
${drum(store, estate.directory.state.tone, directoryText(estate, accounts, store))}`;
  return { drawing, height: store.y + store.height + 4 };
}

function drawnRoutes(routes: readonly Route[]): readonly Route[] {
  const redirects = routes.filter(({ kind }) => kind === 'redirect');
  return [...redirects, ...routes.filter(({ kind }) => kind === 'domains')].slice(0, mostArrows);
}

function placeSide(
  all: readonly ShownHost[],
  routes: readonly Route[],
  inner: 'left' | 'right',
  x: number,
): PlacedSide {
  const ends = new Set(routes.map(({ to }) => to));
  const hosts = fold(all, ends);
  const columns = hosts.length > 6 ? 2 : 1;
  const endpoints = hosts.filter(({ name }) => ends.has(name));
  const others = hosts.filter(({ name }) => !ends.has(name));
  const rows = Math.max(Math.ceil(hosts.length / columns), columns === 1 ? 0 : endpoints.length);
  const boxWidth = (panelWidth - padding * (columns + 1)) / columns;
  const places = [...endpoints, ...others].map((host, i) => {
    const innermost = i < rows;
    const column = columns === 1 || innermost === (inner === 'left') ? 0 : 1;
    const corner = { x: x + padding + column * (boxWidth + padding), y: panelHead + (i % rows) * hostPitch };
    return { host, box: { ...corner, width: boxWidth, height: hostHeight } };
  });
  const box = { x, y: 0, width: panelWidth, height: panelHead + rows * hostPitch - (hostPitch - hostHeight) + padding };
  return { box, places };
}

/** Straight across the gap. Where both kinds meet at one height they keep to different halves of the boxes. */
function routeArrow(route: Route, left: PlacedSide, right: PlacedSide): Html {
  const asks = route.kind === 'domains';
  const box = (asks ? left : right).places.find(({ host }) => host.name === route.to)?.box;
  if (!box) return nothing;
  const y = box.y + (asks ? 16 : 32);
  const [from, to] = asks ? [right.box.x, box.x + box.width] : [left.box.x + left.box.width, box.x];
  const kind = `${route.kind}${route.changes ? ' changing' : ''}`;
  const label = asks ? domainLabel(route.domains) : 'free/busy redirect';
  const gap = wideWidth - 2 * panelWidth - 24;
  const text = route.changes ? `${fitted(label, gap - 64, 11)}, changes` : fitted(label, gap, 11);
  return html`${arrow(kind, [
    [from, y],
    [to, y],
  ])}<text class="label ${route.kind}" x="${at(wideWidth / 2)}" y="${at(asks ? y - 6 : y + 14)}">${text}</text>`;
}

function moreArrows(more: number, bottom: number): Html {
  if (more <= 0) return nothing;
  return html`<text class="label domains" x="${at(wideWidth / 2)}" y="${at(bottom - 6)}">and ${count(more, 'more host')}: see the table</text>`;
}

function domainLabel([first = '', ...rest]: readonly string[]): string {
  return rest.length === 0 ? first : `${first} + ${count(rest.length, 'domain')}`;
}

function readers(left: Box, right: Box, store: Box): Html {
  const y = store.y + store.height / 2;
  const line = (box: Box, end: number) =>
    arrow('reads', [
      [box.x + box.width / 2, box.height],
      [box.x + box.width / 2, y],
      [end, y],
    ]);
  return html`${line(left, store.x)}${line(right, store.x + store.width)}`;
}

function directoryText({ directory }: ShownEstate, accounts: string, store: Box): Html {
  const x = store.x + 48;
  return html`${markAt(directory.state.mark, store.x + 20, store.y + 36, directory.state.tone)}<text class="title" x="${at(x)}" y="${at(store.y + 36)}">Directory</text><text class="name" x="${at(x + 84)}" y="${at(store.y + 36)}">${fitted(directory.address, store.width - 150, 12.5)}</text>${wordsAt(accounts, x, store.y + 53, store.width - 60)}${wordsAt(directory.state.words, x, store.y + 68, store.width - 60, 'strong')}`;
}
