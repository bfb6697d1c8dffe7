import { type BerWriter, Control } from 'ldapts';
import type { DesiredDirectory, SecretReference } from '../../core/desired.ts';
import { printableLine } from '../../core/printable.ts';
import type { AttributeRight, DirectoryLimits, DirectoryProbe } from '../../ports/directory.ts';
import type { Secret } from '../../ports/secret.ts';
import { connectWire } from './connect-directory.ts';
import { LdapDirectory, resolveLogin } from './directory-client.ts';
import { buildEndpoint, ORDINARY_TIMING, shownUrl, type Timing } from './endpoint.ts';
import { LastingSession } from './lasting-session.ts';
import { probeModify, takesChanges } from './modify.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { EFFECTIVE_RIGHTS, openSession, type Session } from './session.ts';
import { readEntry } from './wire.ts';

/** Each server of the directory by itself, in the order of the file. Nothing is connected or looked up before it is asked for. */
export function probeDirectory(
  directory: DesiredDirectory,
  resolve: (ref: SecretReference) => Promise<Secret>,
  timing: Timing = ORDINARY_TIMING,
): readonly DirectoryProbe[] {
  let login: ReturnType<typeof resolveLogin> | undefined;
  const resolved = () => {
    login ??= resolveLogin(directory, resolve);
    return login;
  };
  return [directory.url, ...directory.otherUrls].map(url => probeServer({ ...directory, url }, resolved, timing));
}

function probeServer(
  directory: DesiredDirectory,
  login: () => ReturnType<typeof resolveLogin>,
  timing: Timing,
): DirectoryProbe {
  const connect = async (address?: string) => openSession(buildEndpoint(directory), await login(), timing, address);
  const lasting = new LastingSession(connect, timing);
  const reader = new LdapDirectory(lasting, []);
  return {
    url: shownUrl(directory.url),
    server: () => reader.server(),
    password: () => reader.password(),
    schema: () => reader.schema(),
    search: query => reader.search(query),
    close: () => reader.close(),
    reach: () => reach(directory, login, timing),
    takesChanges: dn => ask(lasting, session => takesChanges(session, dn)),
    limits: () => ask(lasting, readLimits),
    rights: (dn, attributes) => readRights(lasting, dn, attributes),
  };
}

/** A server that asks for a certificate gets one where there is one; a certificate that cannot be read is a fact of the login. */
async function reach(directory: DesiredDirectory, login: () => ReturnType<typeof resolveLogin>, timing: Timing) {
  const endpoint = buildEndpoint(directory);
  const client = directory.tls.certificate === undefined ? undefined : (await login().catch(() => undefined))?.client;
  const wire = await connectWire(endpoint, timing, undefined, client);
  const { encryption: tls, peer } = wire;
  wire.close();
  return { address: peer.address ?? endpoint.host, ...(tls && { tls }) };
}

/** Over the session; a connection that is lost meanwhile gives no fact. */
async function ask<T>(lasting: LastingSession, question: (session: Session) => Promise<T>): Promise<T> {
  const session = await lasting.open();
  try {
    return await question(session);
  } catch (error) {
    if (!(error instanceof WireLost)) throw error;
    throw directoryProblem('directory.connection-lost', session.endpoint.name, error.message);
  }
}

/** Where 389 and Sun keep a limit: in the entry of the identity, which wins, or else in the server's configuration. */
const PLACES = {
  size: ['nsSizeLimit', 'nsslapd-sizelimit', 'cn=config'],
  time: ['nsTimeLimit', 'nsslapd-timelimit', 'cn=config'],
  lookThrough: ['nsLookThroughLimit', 'nsslapd-lookthroughlimit', 'cn=config,cn=ldbm database,cn=plugins,cn=config'],
} as const;

async function readLimits({ wire, identity, endpoint }: Session): Promise<DirectoryLimits> {
  const own = identity?.replace(/^dn:\s*/i, '') ?? endpoint.bindDn;
  const read = async (dn: string | undefined, attribute: string): Promise<number | undefined> => {
    if (dn === undefined) return undefined;
    const { entry } = await readEntry(wire, dn, [attribute]);
    const [value = ''] = entry?.attributes.get(attribute.toLowerCase()) ?? [];
    return /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
  };
  const limits = Object.entries(PLACES).map(async ([name, [ofIdentity, ofServer, configuration]]) => {
    const value = (await read(own, ofIdentity)) ?? (await read(configuration, ofServer));
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries((await Promise.all(limits)).flat());
}

/**
 * A right that the server says it grants is granted. It is silent about an attribute that no class of the entry allows yet, so
 * that every other one is asked about with a change that takes effect nowhere.
 */
async function readRights(
  lasting: LastingSession,
  dn: string,
  attributes: readonly string[],
): Promise<readonly AttributeRight[]> {
  const told = await ask(lasting, session => effectiveRights(session, dn, attributes));
  const rights: AttributeRight[] = [];
  for (const attribute of attributes) {
    const letters = told.get(attribute.toLowerCase());
    const granted = letters !== undefined && /w/.test(letters) && /o/.test(letters);
    rights.push(
      granted
        ? { attribute, state: 'may', detail: `effective rights: ${printableLine(letters)}` }
        : await askedRight(lasting, dn, attribute),
    );
  }
  return rights;
}

async function askedRight(lasting: LastingSession, dn: string, attribute: string): Promise<AttributeRight> {
  const answer = await probeModify(lasting, dn, [attribute]);
  if (answer.state === 'takes') return { attribute, state: 'may', detail: 'the server would take a change' };
  const denied = answer.state === 'refused' && answer.why === 'rights';
  return { attribute, state: denied ? 'may-not' : 'unknown', detail: answer.detail };
}

/** Asks for the rights of one identity (draft-ietf-ldapext-acl-model): its value is the identity as it stands. */
class EffectiveRights extends Control {
  readonly #identity: string;

  constructor(identity: string) {
    super(EFFECTIVE_RIGHTS, { critical: true });
    this.#identity = identity;
  }

  override writeControl(writer: BerWriter): void {
    writer.writeBuffer(Buffer.from(this.#identity), 0x04);
  }
}

/** By attribute in lower case, in the letters of 389; nothing where the server does not say. */
async function effectiveRights(
  { wire, identity, endpoint, tellsRights }: Session,
  dn: string,
  attributes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const who = identity?.replace(/^dn:\s*/i, '') ?? endpoint.bindDn;
  if (!tellsRights || who === undefined) return new Map();
  const asked = [...attributes, 'aclRights', 'attributeLevelRights'];
  const { entry } = await readEntry(wire, dn, asked, [new EffectiveRights(`dn: ${who}`)]);
  return new Map([...(entry?.attributes ?? [])].flatMap(([name, values]) => lettersOf(name, values.join(','))));
}

/** 389: `attributeLevelRights: davStore:rscwo, mail:rsc`; Sun: `aclRights;attributeLevel;davStore: search:1,read:1,write:1`. */
function lettersOf(name: string, text: string): readonly (readonly [string, string])[] {
  const [, attribute] = /^aclrights;attributelevel;(.+)$/.exec(name) ?? [];
  if (attribute !== undefined) return [[attribute, /(^|,)write:1(,|$)/.test(text) ? 'wo' : 'none']];
  if (name !== 'attributelevelrights') return [];
  const pairs = text.split(',').map(pair => pair.trim().toLowerCase().split(':'));
  return pairs.flatMap(([of, letters]) => (of && letters ? [[of, letters] as const] : []));
}
