import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { type Side, settingsOfHost, suggestion } from './own-settings.ts';
import { overValidNodes } from './valid-nodes.ts';

/** How the probe accounts fit together. */
export function checkVerify({ verify }: EstateFile, document: EstateDocument): readonly Finding[] {
  const { cs6 = [], cs7 = [] } = verify?.probes ?? {};
  const there = new Set(cs6.map(mail => mail.toLowerCase()));
  return cs7.flatMap((mail, i): readonly Finding[] => {
    if (!there.has(mail.toLowerCase())) return [];
    return [
      finding('estate.probe-on-both-sides', {
        detail: `${mail} is also in verify.probes.cs6. An account is on one side only, and the expected answers depend on the side.\nRemove it from the wrong side.`,
        where: document.at(['verify', 'probes', 'cs7', i]),
      }),
    ];
  });
}

/** Wanted states that are well formed and still cannot coexist. */
export function checkCoexistence(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return [domainOnCs7, redirectToCs6, sameServer, ignoredTargetKnown, ignoredIsOne, ignoredIsOwn].flatMap(rule =>
    overValidNodes(() => rule(estate, document)),
  );
}

function domainOnCs7(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return Object.entries(estate.domains)
    .filter(([, route]) => Object.hasOwn(estate.cs7.hosts, route.cs6))
    .map(([domain, route]) => {
      const detail = `${domain} is routed to ${route.cs6}, which is a CS7 host. CS7 would ask CS7 about accounts that are on CS6.\nName a CS6 front end: ${Object.keys(estate.cs6.hosts).join(', ')}.`;
      return finding('estate.domain-on-cs7', { detail, where: document.at(['domains', domain, 'cs6']) });
    });
}

function redirectToCs6(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  if (!Object.hasOwn(estate.cs6.hosts, estate.freeBusyRedirect)) return [];
  const detail = `freeBusyRedirect names ${estate.freeBusyRedirect}, which is a CS6 host. CS6 would refer to CS6 for accounts that are on CS7.\nName a CS7 front end: ${Object.keys(estate.cs7.hosts).join(', ')}.`;
  return [finding('estate.redirect-to-cs6', { detail, where: document.at(['freeBusyRedirect']) })];
}

/** One URL on both sides is a loop: each refers to itself for what the other should have. */
function sameServer(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const named = (side: Side) =>
    Object.entries(estate[side].hosts).flatMap(([name, { http }]) => (http === undefined ? [] : [{ name, http }]));
  const cs6 = new Map(named('cs6').map(({ name, http }) => [http.toLowerCase(), name]));
  return named('cs7').flatMap(({ name, http }) => {
    const other = cs6.get(http.toLowerCase());
    if (other === undefined) return [];
    const detail = `${name} of cs7 and ${other} of cs6 have the same address ${http}. A redirect to it would loop.\nCorrect one of the two.`;
    return [finding('estate.loop', { detail, where: document.at(['cs7', 'hosts', name, 'http']) })];
  });
}

type Entry = NonNullable<EstateFile['ignore']>[number];

function entries(estate: EstateFile): readonly { readonly entry: Entry; readonly path: DocumentPath }[] {
  return (estate.ignore ?? []).map((entry, i) => ({ entry, path: ['ignore', i] }));
}

function ignoredTargetKnown(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const known = [...Object.keys(estate.cs6.hosts), ...Object.keys(estate.cs7.hosts), 'directory'];
  return entries(estate)
    .filter(({ entry }) => !known.includes(entry.target))
    .map(({ entry, path }) => {
      const detail = `ignore names "${entry.target}", which is neither a host nor "directory".${suggestion(entry.target, known)}`;
      return finding('estate.unknown-host', { detail, where: document.at([...path, 'target']) });
    });
}

/** Without `item` an entry for the directory would leave every account alone. */
function ignoredIsOne(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return entries(estate)
    .filter(({ entry }) => (entry.target === 'directory') !== (entry.item !== undefined))
    .map(({ entry, path }) => {
      const detail =
        entry.target === 'directory'
          ? `This would ignore ${entry.key} on every account.\nName the account in "item".`
          : `"item" is the DN of an account, but ${entry.target} is a host.\nRemove "item", or set target: directory.`;
      return finding('estate.ignore-too-wide', { detail, where: document.at(path) });
    });
}

/** What coexistence needs on every host cannot be left alone on one of them. */
function ignoredIsOwn(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const own = (name: string) =>
    settingsOfHost(estate, Object.hasOwn(estate.cs6.hosts, name) ? 'cs6' : 'cs7', name).map(setting => setting.name);
  return entries(estate)
    .filter(
      ({ entry: { target } }) => Object.hasOwn(estate.cs6.hosts, target) || Object.hasOwn(estate.cs7.hosts, target),
    )
    .filter(({ entry }) => entry.key !== 'all' && !own(entry.target).includes(entry.key))
    .map(({ entry, path }) => {
      const detail = `${entry.key} is not one of your own settings for ${entry.target}. Either coexistence needs it on every host, or reconcile does not manage it.\nYour own settings there: ${own(entry.target).join(', ') || 'none'}.`;
      return finding('estate.ignore-not-own', { detail, where: document.at([...path, 'key']) });
    });
}
