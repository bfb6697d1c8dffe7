import { count } from '../../../core/count.ts';
import { listed } from '../texts.ts';
import type { ShownEstate, ShownHost } from './model.ts';

/** `5 hosts: 4 to change, 4 to restart`. */
export function sideNote(hosts: readonly ShownHost[]): string {
  const changing = hosts.filter(({ state }) => state.changes > 0).length;
  const restarting = hosts.filter(({ state }) => state.restarts).length;
  const unread = hosts.filter(({ state }) => state.tone === 'unsure').length;
  const parts = [
    ...(changing > 0 ? [`${changing} to change`] : []),
    ...(restarting > 0 ? [`${restarting} to restart`] : []),
    ...(unread > 0 ? [`${unread} not read`] : []),
  ];
  return `${count(hosts.length, 'host')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

/** The picture in sentences, for whoever does not see it; the table beside it has every host. */
export function pictureInWords({ cs6, cs7, routes, directory }: ShownEstate, accounts: string): string {
  const domains = routes.filter(({ kind }) => kind === 'domains');
  const redirects = routes.filter(({ kind }) => kind === 'redirect').map(({ to }) => to);
  const mapped = domains.slice(0, 5).map(route => `${route.to} about ${listed(route.domains.slice(0, 3))}`);
  const more = domains.length > 5 ? ` and ${count(domains.length - 5, 'more host')}` : '';
  return [
    `Calendar Server 6.3, ${sideNote(cs6)}.`,
    `Calendar Server 7, ${sideNote(cs7)}.`,
    ...(mapped.length > 0 ? [`CS7 asks ${mapped.join('; ')}${more}.`] : []),
    ...(redirects.length > 0 ? [`CS6 refers to ${listed(redirects)} for the free/busy times of everybody else.`] : []),
    `Both read the directory at ${directory.address}, ${accounts}: ${directory.state.words}.`,
  ].join(' ');
}
