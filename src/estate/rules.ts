import { sendsClearText } from '../core/connection.ts';
import type { Finding } from '../core/finding.ts';
import { stated } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';
import { isWholeName, nameProblem } from '../ldap/distinguished-name.ts';
import { readRelease } from '../products/cs7.ts';
import { checkCoexistence, checkVerify } from './coexistence-rules.ts';
import { checkCohorts, filtersAreSound, filtersLookElsewhere } from './cohort-rules.ts';
import { checkWindows } from './decode-windows.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { CohortEntry, ContainerSection, DavadminSection, EstateFile, SshSection } from './estate-file.ts';
import { isSecretName } from './literal-secrets.ts';
import { nearest, nearestKeys, type Side, suggestion } from './own-settings.ts';
import { checkSettings } from './setting-rules.ts';
import { overEntries, overItems, overValidNodes } from './valid-nodes.ts';

/** A text of the file that names an entry of the directory. */
interface WrittenName {
  readonly path: DocumentPath;
  readonly name: string | undefined;
}

/** Texts that should be DNs and are none. They may come from the environment, so that none of them is quoted. */
function checkNames(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return [ofDirectory, ofCohorts, ofIgnored].flatMap(names =>
    overValidNodes(() => names(estate).flatMap(one => overValidNodes(() => problemOf(one, document)))),
  );
}

function problemOf({ path, name }: WrittenName, document: EstateDocument): readonly Finding[] {
  const problem = name === undefined ? undefined : nameProblem(name);
  if (!problem) return [];
  return [
    finding('estate.dn-syntax', {
      detail: `${path.join('.')}, character ${problem.offset + 1}: ${problem.reason}\nWrite a comma inside a value as \\, or \\2C.`,
      where: document.at(path),
    }),
  ];
}

function ofDirectory({ directory }: EstateFile): readonly WrittenName[] {
  return [
    { path: ['directory', 'bindDn'], name: directory.bindDn },
    { path: ['directory', 'base'], name: directory.base },
    ...Object.entries(directory.accounts ?? {}).map(([kind, accounts]) => ({
      path: ['directory', 'accounts', kind, 'base'],
      name: accounts === 'none' ? undefined : accounts?.base,
    })),
  ];
}

function ofCohorts({ cohorts }: EstateFile): readonly WrittenName[] {
  return Object.keys(cohorts).flatMap(cohort => overValidNodes(() => ofMembers(cohort, cohorts[cohort]?.members)));
}

function ofMembers(cohort: string, members: CohortEntry['members'] | undefined): readonly WrittenName[] {
  if (members === undefined || members === 'rest') return [];
  const path = ['cohorts', cohort, 'members'];
  return [
    { path: [...path, 'base'], name: members.base },
    { path: [...path, 'group'], name: members.group },
    ...(members.list ?? []).map((name, i) => ({
      path: [...path, 'list', i],
      // Without either it is a uid.
      name: isWholeName(name) || name.includes(',') ? name : undefined,
    })),
  ];
}

function ofIgnored({ ignore = [] }: EstateFile): readonly WrittenName[] {
  return ignore.map((entry, i) => ({ path: ['ignore', i, 'item'], name: entry.item }));
}

/** What a schema cannot say: how the parts of the file fit together. */
type Rule = (estate: EstateFile, document: EstateDocument) => readonly Finding[];

const rules: readonly Rule[] = [
  hostNamedTwice,
  nameUsedTwice,
  addressUsedTwice,
  askedHostAnswers,
  davadminCanLogIn,
  restartIsPossible,
  hasAccounts,
  loginIsComplete,
  passwordIsEncrypted,
  tlsIsModern,
  hostKeysAreWhole,
  releasesAreReadable,
  domainHostKnown,
  redirectHostKnown,
  recordHostsKnown,
  urlHasPort,
  storesFit,
  restIsLast,
  filtersAreSound,
  filtersLookElsewhere,
  attributesAreShown,
];

/** Every rule that the file breaks, each with its place. */
export function checkRules(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return [
    ...rules.flatMap(rule => overValidNodes(() => rule(estate, document))),
    ...checkSettings(estate, document),
    ...checkNames(estate, document),
    ...checkCohorts(estate, document),
    ...checkWindows(estate, document),
    ...overValidNodes(() => checkVerify(estate, document)),
    ...checkCoexistence(estate, document),
  ];
}

function hostNamedTwice(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return Object.keys(estate.cs7.hosts)
    .filter(name => Object.hasOwn(estate.cs6.hosts, name))
    .map(name =>
      finding('estate.host-named-twice', {
        detail: `"${name}" is a host of cs6 (line ${document.atKey(['cs6', 'hosts', name]).line}) and of cs7.\nPlans and --only use this name, so it must be unique.`,
        where: document.atKey(['cs7', 'hosts', name]),
      }),
    );
}

function addressUsedTwice(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const seen = new Map<string, string>();
  return (['cs6', 'cs7'] as const).flatMap(side =>
    Object.entries(estate[side].hosts).flatMap(([name, host]) => {
      const { address = name } = host;
      const place = `${side} ${address.toLowerCase()}:${host.port ?? portOf(estate, side, name)}`;
      const other = seen.get(place);
      seen.set(place, other ?? name);
      if (other === undefined) return [];
      const detail = `${name} and ${other} are both ${place.slice(4)}. The same files would be written twice.\nList each ${side} host once.`;
      const path = [side, 'hosts', name];
      const where = host.address === undefined ? document.atKey(path) : document.at([...path, 'address']);
      return [finding('estate.host-named-twice', { detail, where })];
    }),
  );
}

function portOf(estate: EstateFile, side: Side, host: string): number {
  return nearestKeys<SshSection>(estate, side, host, 'ssh').said.port ?? 22;
}

/** Names that `--only` takes are of one thing each. */
function nameUsedTwice(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const hosts = (['cs6', 'cs7'] as const).flatMap(side =>
    Object.keys(estate[side].hosts).map(name => [side, name] as const),
  );
  const reserved = new Set<string>(['directory', ...Object.keys(estate.cohorts)]);
  return hosts
    .filter(([, name]) => reserved.has(name))
    .map(([side, name]) => {
      const other = name === 'directory' ? 'what plans call the LDAP directory' : 'a cohort too';
      const detail = `"${name}" is a host of ${side}, and ${other}.\nPlans and --only use this name, so it must be unique.`;
      return finding('estate.host-named-twice', { detail, where: document.atKey([side, 'hosts', name]) });
    });
}

/** Whoever is asked over HTTP must say where. */
function askedHostAnswers(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const asked = [
    ...Object.entries(estate.domains).map(([domain, route]) => {
      return {
        side: 'cs6',
        name: route.cs6,
        path: ['domains', domain, 'cs6'],
        by: `CS7 asks it about accounts of ${domain}`,
      } as const;
    }),
    { side: 'cs7', name: estate.freeBusyRedirect, path: ['freeBusyRedirect'], by: 'CS6 refers to it' } as const,
  ];
  return asked.flatMap(({ side, name, path, by }) => {
    const host = Object.hasOwn(estate[side].hosts, name) ? estate[side].hosts[name] : undefined;
    if (!host || host.http !== undefined) return [];
    const example = `"http://${host.address ?? name}:8080"`;
    const detail = `${name} has no http, but ${by}.\nSet its URL, or name a front end instead:\n${stated([side, 'hosts', name, 'http'], example)}`;
    return [finding('estate.http-missing', { detail, where: document.at(path) })];
  });
}

/** Only the file on the host has the password of davadmin. */
function davadminCanLogIn(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return Object.keys(estate.cs7.hosts).flatMap(name => {
    const { said } = nearestKeys<DavadminSection>(estate, 'cs7', name, 'davadmin');
    if (said.passwordFile !== undefined) return [];
    const detail = `${name} has no davadmin.passwordFile, neither its own nor that of cs7. davadmin would ask for a password.\n${stated(['cs7', 'davadmin', 'passwordFile'], '/etc/davadmin.clifile')}`;
    return [finding('estate.missing-key', { detail, where: document.atKey(['cs7', 'hosts', name]) })];
  });
}

/** The live connection is refused as well: a URL may come from another place. */
function passwordIsEncrypted({ directory }: EstateFile, document: EstateDocument): readonly Finding[] {
  return [directory.url].flat().flatMap((url, i, { length }) => {
    if (!URL.canParse(url) || !sendsClearText(new URL(url), directory.startTls ?? false)) return [];
    const path = length > 1 ? ['directory', 'url', i] : ['directory', 'url'];
    const detail = `The server is another machine and the connection is not encrypted. Everyone on the way could read the password.\n${encrypt}`;
    return [finding('directory.clear-text', { detail, where: document.at(path) })];
  });
}

const bindDn = { path: ['directory', 'bindDn'], example: '"cn=reconcile,ou=Services,o=isp"' } as const;
const password = { path: ['directory', 'password'], example: '{ env: LDAP_PASSWORD }' } as const;
const certificate = { path: ['directory', 'tls', 'certificate'], example: 'pki/reconcile.pem' } as const;
const key = { path: ['directory', 'tls', 'key'], example: 'pki/reconcile.key' } as const;

/** A login that lacks a part would be one of nobody, to whom directories show what they like. */
function loginIsComplete(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  // Reads every key: where one is spelled wrong, that alone is said.
  const directory = { ...estate.directory };
  const { tls = {}, startTls = false } = directory;
  const urls = [directory.url ?? []].flat();
  const incomplete = (path: readonly string[], detail: string) =>
    finding('directory.login-incomplete', { detail, where: document.atKey(path) });
  const pairs = [
    [bindDn, password, directory.bindDn !== undefined, directory.password !== undefined],
    [certificate, key, tls.certificate !== undefined, tls.key !== undefined],
  ] as const;
  const half = pairs.flatMap(([one, other, hasOne, hasOther]) => {
    if (hasOne === hasOther) return [];
    const [has, lacks] = hasOne ? [one, other] : [other, one];
    return [incomplete(has.path, `It needs ${lacks.path.join('.')} as well:\n${stated(lacks.path, lacks.example)}`)];
  });
  if (half.length > 0) return half;
  if (tls.certificate !== undefined && !startTls && !urls.some(url => url.startsWith('ldaps:')))
    return [incomplete(certificate.path, `It is shown only on an encrypted connection.\n${encrypt}`)];
  if (directory.bindDn !== undefined || tls.certificate !== undefined) return [];
  return urls.every(url => url.startsWith('ldapi:')) ? [] : [incomplete(['directory'], noLogin)];
}

const encrypt = `Use an ldaps:// URL, or encrypt the connection:\n${stated(['directory', 'startTls'], 'true')}`;

const noLogin = [
  'It states no login. State a name and a password:',
  ...[bindDn, password].map(({ path, example }) => stated(path, example)),
  'Or a client certificate:',
  ...[certificate, key].map(({ path, example }) => stated(path, example)),
].join('\n');

/** What old servers need weakens this one connection: it is allowed, and said each time. */
function tlsIsModern({ directory: { tls } }: EstateFile, document: EstateDocument): readonly Finding[] {
  const old = tls?.minVersion === 'TLSv1' || tls?.minVersion === 'TLSv1.1';
  const weak = /SECLEVEL=[01]\b/i.test(tls?.ciphers ?? '');
  return [
    ...(old ? [{ key: 'minVersion', what: `${tls?.minVersion} is allowed` }] : []),
    ...(weak ? [{ key: 'ciphers', what: 'Short keys and old signatures are allowed' }] : []),
  ].map(({ key, what }) =>
    finding('directory.old-tls', {
      detail: `${what} for the connection with the directory.\nRemove directory.tls.${key} once the server has been updated.`,
      where: document.at(['directory', 'tls', key]),
    }),
  );
}

/** A stated release counts without asking the host, so that it must be one. */
function releasesAreReadable(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return Object.entries(estate.cs7.hosts).flatMap(([name, { release }]) => {
    if (release === undefined || readRelease(release)) return [];
    const path = ['cs7', 'hosts', name, 'release'];
    const detail = `"${release}" does not say the release and its update.\nWrite it as davadmin version prints it, or as "7 Update 3":\n${stated(path, '"7.0.4.14.0"')}`;
    return [finding('estate.release-form', { detail, where: document.at(path) })];
  });
}

/** A fingerprint that is cut fits no key. */
function hostKeysAreWhole(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return (['cs6', 'cs7'] as const).flatMap(side =>
    Object.keys(estate[side].hosts).flatMap(name => {
      const { said, place } = nearestKeys<SshSection>(estate, side, name, 'ssh');
      if (said.hostKey === undefined || /^SHA256:[A-Za-z0-9+/]{43}$/.test(said.hostKey)) return [];
      const detail = `${name}: "${said.hostKey}" is not a whole fingerprint (SHA256: and 43 characters), so no key matches it.\nCopy it from the console of the host: ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub`;
      return [finding('estate.host-key-form', { detail, where: document.at(place('hostKey')) })];
    }),
  );
}

/** WebLogic has no asadmin. */
function restartIsPossible(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return Object.keys(estate.cs7.hosts).flatMap(name => {
    const { said, place } = nearestKeys<ContainerSection>(estate, 'cs7', name, 'container');
    const restart = nearest(estate, 'cs7', name, 'restart')?.value ?? 'after-change';
    if (said.type !== 'weblogic' || restart !== 'after-change') return [];
    const commands = '{ stop: [/path/of/stopWebLogic.sh], start: [/path/of/start-script] }';
    const detail = `${name} runs in WebLogic, which has no asadmin. Set your own commands, or restart it yourself:\n${stated(['cs7', 'hosts', name, 'restart'], commands)}\n${stated(['cs7', 'hosts', name, 'restart'], 'never')}`;
    return [finding('estate.restart-missing', { detail, where: document.at(place('type')) })];
  });
}

/** An estate without accounts has nothing to move. */
function hasAccounts({ directory }: EstateFile, document: EstateDocument): readonly Finding[] {
  const { users, groups, resources } = directory.accounts ?? {};
  if (![users, groups, resources].every(one => one === 'none')) return [];
  const detail =
    'users, groups and resources are all none, so there are no accounts.\nRemove one of the three, or set a filter.';
  return [finding('estate.wrong-value', { detail, where: document.atKey(['directory', 'accounts']) })];
}

function domainHostKnown(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const known = Object.keys(estate.cs6.hosts);
  return overEntries(estate.domains, (domain, route) => {
    if (known.includes(route.cs6) || Object.hasOwn(estate.cs7.hosts, route.cs6)) return [];
    const detail = `${domain} is routed to "${route.cs6}", which is not a host of cs6.${suggestion(route.cs6, known)}`;
    return [finding('estate.unknown-host', { detail, where: document.at(['domains', domain, 'cs6']) })];
  });
}

function recordHostsKnown(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const known = [...Object.keys(estate.cs6.hosts), ...Object.keys(estate.cs7.hosts)];
  return overItems(estate.records?.hosts ?? [], (i, name) => {
    if (known.includes(name)) return [];
    const detail = `records names "${name}", which is not a host of cs6 or cs7.${suggestion(name, known)}`;
    return [finding('estate.unknown-host', { detail, where: document.at(['records', 'hosts', i]) })];
  });
}

function redirectHostKnown(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const known = Object.keys(estate.cs7.hosts);
  if (known.includes(estate.freeBusyRedirect) || Object.hasOwn(estate.cs6.hosts, estate.freeBusyRedirect)) return [];
  const detail = `freeBusyRedirect names "${estate.freeBusyRedirect}", which is not a host of cs7.${suggestion(estate.freeBusyRedirect, known)}`;
  return [finding('estate.unknown-host', { detail, where: document.at(['freeBusyRedirect']) })];
}

function urlHasPort(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return (['cs6', 'cs7'] as const).flatMap(side =>
    Object.entries(estate[side].hosts)
      .filter(([, { http }]) => http !== undefined && !/:[0-9]{1,5}$/.test(http))
      .map(([name, host]) =>
        finding('estate.url-without-port', {
          detail: `${host.http} has no port. The redirect URL must include it, even 80 or 443 (chapter 10, "Configuring the Calendar Server 6 Environment").\nWrite it as http://host:port.`,
          where: document.at([side, 'hosts', name, 'http']),
        }),
      ),
  );
}

function storesFit(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  return overEntries(estate.cohorts, (name, cohort) => {
    const path = ['cohorts', name];
    if (cohort.server === 'cs6') {
      if (cohort.store === undefined) return [];
      const detail = `cohort ${name} is on cs6, where accounts have no store. The attribute would make them CS7 accounts.\nRemove "store", or set server: cs7.`;
      return [finding('estate.store-on-cs6', { detail, where: document.at([...path, 'store']) })];
    }
    if (cohort.store === undefined) {
      const detail = `cohort ${name} is on cs7 and needs "store", the back end of its accounts.\nDeclared in cs7.backends: ${estate.cs7.backends.join(', ')}.`;
      return [finding('estate.store-missing', { detail, where: document.atKey(path) })];
    }
    if (estate.cs7.backends.includes(cohort.store)) return [];
    const detail = `cohort ${name} is stored on "${cohort.store}", which is not among cs7.backends.${suggestion(cohort.store, estate.cs7.backends)}`;
    return [finding('estate.unknown-store', { detail, where: document.at([...path, 'store']) })];
  });
}

function restIsLast(estate: EstateFile, document: EstateDocument): readonly Finding[] {
  const names = Object.keys(estate.cohorts);
  const rests = names.filter(name => estate.cohorts[name]?.members === 'rest');
  if (rests.length === 0) {
    const detail =
      'No cohort has `members: rest`, so some accounts could be in none.\nAdd a last cohort with `members: rest`.';
    return [finding('estate.rest-not-last', { detail, where: document.atKey(['cohorts']) })];
  }
  return rests
    .filter(name => name !== names.at(-1))
    .map(name => {
      const detail = `cohort ${name} takes all remaining accounts, so the cohorts below it would have none.\nMove it to the end.`;
      return finding('estate.rest-not-last', { detail, where: document.atKey(['cohorts', name]) });
    });
}

/** Values of these attributes stand in plans. */
function attributesAreShown({ directory }: EstateFile, document: EstateDocument): readonly Finding[] {
  const named = [
    { path: ['directory', 'uniqueId', 'attribute'], name: directory.uniqueId?.attribute },
    { path: ['directory', 'uniqueId', 'copyFrom'], name: directory.uniqueId?.copyFrom },
    { path: ['directory', 'localUser', 'attribute'], name: directory.localUser?.attribute },
  ];
  return named.flatMap(({ path, name }) => {
    if (name === undefined || !isSecretName(name)) return [];
    const detail = `${path.join('.')} is ${name}. According to its name it holds a secret, and its values would appear in every plan.\nUse the attribute that Calendar Server 7 uses.`;
    return [finding('estate.secret-attribute', { detail, where: document.at(path) })];
  });
}
