import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import type { EstateDocument } from './document.ts';
import type { EstateFile } from './estate-file.ts';
import { meantBy, type Side, settingsOfHost, suggestion } from './own-settings.ts';
import { overEntries, overItems, overValidNodes } from './valid-nodes.ts';

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
  return overEntries(estate.domains, (domain, route) => {
    if (!Object.hasOwn(estate.cs7.hosts, route.cs6)) return [];
    const detail = `${domain} is routed to ${route.cs6}, which is a CS7 host. CS7 would ask CS7 about accounts that are on CS6.\nName a CS6 front end: ${Object.keys(estate.cs6.hosts).join(', ')}.`;
    return [finding('estate.domain-on-cs7', { detail, where: document.at(['domains', domain, 'cs6']) })];
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

function ignoredTargetKnown(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const known = [...Object.keys(estate.cs6.hosts), ...Object.keys(estate.cs7.hosts), 'directory'];
  return overItems(estate.ignore ?? [], (i, { target }) => {
    if (known.includes(target)) return [];
    const detail = `ignore names "${target}", which is neither a host nor "directory".${suggestion(target, known)}`;
    return [finding('estate.unknown-host', { detail, where: document.at(['ignore', i, 'target']) })];
  });
}

/** Without `item` an entry for the directory would leave every account alone. */
function ignoredIsOne(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return overItems(estate.ignore ?? [], (i, entry) => {
    if ((entry.target === 'directory') === (entry.item !== undefined)) return [];
    const detail =
      entry.target === 'directory'
        ? `This would ignore ${entry.key} on every account.\nName the account in "item".`
        : `"item" is the DN of an account, but ${entry.target} is a host.\nRemove "item", or set target: directory.`;
    return [finding('estate.ignore-too-wide', { detail, where: document.at(['ignore', i]) })];
  });
}

/** What coexistence needs on every host cannot be left alone on one of them. */
function ignoredIsOwn(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return overItems(estate.ignore ?? [], (i, { target, key }) => {
    const side = (['cs6', 'cs7'] as const).find(name => Object.hasOwn(estate[name].hosts, target));
    if (side === undefined) return [];
    const own = settingsOfHost(estate, side, target).map(setting => setting.name);
    if (key === 'all' || own.includes(key)) return [];
    const meant = meantBy(key, [...own, 'all']);
    const detail = `${key} is not one of your own settings for ${target}. Either coexistence needs it on every host, or reconcile does not manage it.${meant}\nYour own settings there: ${own.join(', ') || 'none'}.`;
    return [finding('estate.ignore-not-own', { detail, where: document.at(['ignore', i, 'key']) })];
  });
}
