import { accountSearches, entriesOf, entryQuery, restrict } from '../accounts/account-searches.ts';
import { type DesiredCs7Host, type DesiredState, hostsOf } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { LikelyCause, VerifiedMail, VerifiedProbe } from '../core/verification.ts';
import { type OptionsReading, readOptions } from '../kinds/shared/davadmin-command.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import { equals } from '../ldap/filter.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { MailServer } from '../ports/free-busy.ts';
import type { MailPorts, ReadPorts } from '../ports/ports.ts';

/**
 * Whether invitations find an account: it has one mail address, nobody else has the same, and CS7 knows a CS6 front end for
 * its domain, without which it takes nobody there for somebody of CS6.
 */
export async function verifyAddress(
  state: DesiredState,
  probe: Pick<VerifiedProbe, 'mail' | 'dn'>,
  ports: ReadPorts,
): Promise<VerifiedMail> {
  const about = { host: 'directory', what: `mail of ${probe.mail}` };
  try {
    const directory = ports.directory();
    const [entry] = await entriesOf(entryQuery(probe.dn, ['mail']), directory);
    const addresses = entry?.attributes.get('mail') ?? [];
    const owners = addresses.length === 1 ? await ownersOf(state, addresses[0] ?? '', directory) : [];
    const wrong = wrongWith(state, probe, addresses, owners);
    if (wrong) return { ...about, state: 'fails', detail: wrong.why, causes: [wrong] };
    return { ...about, state: 'works', detail: addresses[0] ?? '', causes: [] };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { ...about, state: 'unknown', detail: `it could not be read: ${problem.finding.summary}`, causes: [] };
  }
}

/** The accounts that have an address; what is compared is what the server compares. */
async function ownersOf(state: DesiredState, mail: string, directory: DirectoryReader): Promise<readonly string[]> {
  const searches = accountSearches(state.directory).map(search => restrict(search, equals('mail', mail)));
  const found = await Promise.all(
    searches.map(({ base, filter }) => entriesOf({ base, filter, attributes: ['mail'] }, directory)),
  );
  return [...new Map(found.flat().map(({ dn }) => [nameKey(dn), dn])).values()];
}

function wrongWith(
  { hosts, directory }: DesiredState,
  { dn }: Pick<VerifiedProbe, 'dn'>,
  addresses: readonly string[],
  owners: readonly string[],
): LikelyCause | undefined {
  const cause = (why: string) => ({ target: 'directory', key: 'mail', why, source: directory.source });
  const [mail, ...others] = addresses;
  if (mail === undefined) return cause(`${dn} has no mail address`);
  if (others.length > 0) return cause(`${dn} has ${addresses.length} mail addresses: ${addresses.join(', ')}`);
  if (owners.length > 1) return cause(`${owners.length} accounts have ${mail}: ${owners.slice(0, 3).join('; ')}`);
  const domain = mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
  const lacking = hostsOf({ hosts }, 'cs7').find(
    host => !host.domains.some(mapped => mapped.domain.toLowerCase() === domain),
  );
  if (!lacking) return undefined;
  const why = `the domain map of ${lacking.name} has no ${domain} in the wanted state`;
  return { target: lacking.name, key: domain, why, source: lacking.source };
}

/** What a CS7 host is told about mail; `server` is absent where that names none that could be asked. */
interface MailSettings {
  readonly results: readonly VerifiedMail[];
  readonly server?: Omit<MailServer, 'from'>;
}

type Said = Pick<VerifiedMail, 'state' | 'detail'>;

/** What each option must say. All that is known of them is recalled, and in no document at hand. */
const judges: Readonly<Record<string, (value: string) => Said>> = {
  'notification.dav.enableemailnotif': value =>
    /^(false|no|0)$/i.test(value)
      ? { state: 'fails', detail: `"${value}": CS7 sends no mail` }
      : { state: 'works', detail: value === '' ? 'not set, which means true' : `"${value}"` },
  'notification.dav.smtphost': value =>
    value === ''
      ? { state: 'fails', detail: 'not set: CS7 has no mail server, so its invitations do not reach accounts on CS6' }
      : { state: 'works', detail: `"${value}"` },
  'notification.dav.smtpport': value =>
    portOf(value) === undefined
      ? { state: 'fails', detail: `"${value}" is not a port` }
      : { state: 'works', detail: value === '' ? 'not set, which means 25' : `"${value}"` },
  'notification.dav.smtpusessl': value => ({
    state: 'works',
    detail: value === '' ? 'not set, which means false' : `"${value}"`,
  }),
};

/** Reads the options with davadmin, as the host itself has them. */
async function readMailSettings(host: DesiredCs7Host, ports: ReadPorts): Promise<MailSettings> {
  const names = Object.keys(judges);
  const read = await readAll(host, names, ports);
  const results = names.map(name => resultOf(host, name, read));
  const [, server, port, tls] = names.map(name => ('values' in read ? (read.values.get(name) ?? '') : ''));
  const number = portOf(port ?? '');
  if (!server || number === undefined) return { results };
  return { results, server: { server, port: number, tls: /^(true|yes|1)$/i.test(tls ?? '') } };
}

async function readAll(
  host: DesiredCs7Host,
  names: readonly string[],
  ports: ReadPorts,
): Promise<OptionsReading | TargetProblem> {
  try {
    return await readOptions(host, ports.host(host.name), names);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem;
  }
}

function resultOf(host: DesiredCs7Host, name: string, read: OptionsReading | TargetProblem): VerifiedMail {
  const about = { host: host.name, what: name };
  const value = 'values' in read ? read.values.get(name) : undefined;
  if (value === undefined) {
    const why = 'finding' in read ? read.finding.summary : (read.unclear.get(name) ?? '');
    return { ...about, state: 'unknown', detail: `it could not be read: ${why}`, causes: [] };
  }
  const shown = printable(value);
  const said = judges[name]?.(shown) ?? { state: 'works', detail: shown };
  const source = host.options.find(option => option.name === name)?.source ?? host.source;
  const why = `${name} is ${value === '' ? 'not set' : `"${shown}"`} on ${host.name}`;
  return { ...about, ...said, causes: said.state === 'fails' ? [{ target: host.name, key: name, why, source }] : [] };
}

/** 25 where nothing is set. */
function portOf(value: string): number | undefined {
  const port = value === '' ? 25 : Number(value);
  return /^\d*$/.test(value) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** How the mail leg is looked at. */
export interface VerifyMailOptions {
  /** Sends one message to `verify.mail.to` too, where the file has that key; nothing is ever sent to anybody else. */
  readonly send: boolean;
}

/**
 * What invitations by mail (iMIP) depend on, as far as it can be seen without sending one: the address of each probe account, and
 * for each CS7 host its settings and whether the mail server greets it. Of CS6 no document says which settings name its mail server.
 */
export async function verifyMail(
  state: DesiredState,
  ports: MailPorts,
  probes: readonly Pick<VerifiedProbe, 'mail' | 'dn'>[],
  options: VerifyMailOptions,
): Promise<readonly VerifiedMail[]> {
  const [addresses, seen] = await Promise.all([
    Promise.all(probes.map(probe => verifyAddress(state, probe, ports))),
    Promise.all(hostsOf(state, 'cs7').map(host => verifyHost(host, ports))),
  ]);
  return [
    ...addresses,
    ...seen.flatMap(({ results }) => results),
    ...(options.send ? [await sendTrial(state, seen, ports)] : []),
  ];
}

interface SeenHost {
  readonly host: DesiredCs7Host;
  readonly results: readonly VerifiedMail[];
  /** Where the mail server greeted the host. */
  readonly server?: MailSettings['server'];
}

async function verifyHost(host: DesiredCs7Host, ports: MailPorts): Promise<SeenHost> {
  const { results, server } = await readMailSettings(host, ports);
  if (!server) return { host, results };
  const answer = await ports.mail().greet({ from: host.name, ...server });
  const greeting: VerifiedMail = {
    host: host.name,
    what: `EHLO to ${printable(server.server)}:${server.port}`,
    state: answer.state,
    detail: answer.detail,
    causes: answer.state === 'fails' ? serverCauses(host) : [],
  };
  return { host, results: [...results, greeting], ...(answer.state === 'works' && { server }) };
}

function serverCauses(host: DesiredCs7Host): VerifiedMail['causes'] {
  const why = 'it names the mail server of this host, and that server does not accept the host';
  return ['notification.dav.smtphost', 'notification.dav.smtpport', 'notification.dav.smtpusessl'].map(key => ({
    target: host.name,
    key,
    why,
    source: host.options.find(({ name }) => name === key)?.source ?? host.source,
  }));
}

/** One message, from the first host that a mail server greeted. */
async function sendTrial(
  { verify, hosts }: DesiredState,
  seen: readonly SeenHost[],
  ports: MailPorts,
): Promise<VerifiedMail> {
  const to = verify?.mailTo;
  const what = `a message to ${to ?? 'nobody'}`;
  const nothing = (detail: string): VerifiedMail => {
    return { host: hostsOf({ hosts }, 'cs7')[0]?.name ?? 'directory', what, state: 'unknown', detail, causes: [] };
  };
  if (to === undefined) return nothing('verify.mail.to is not in the file, so nothing was sent');
  const first = seen.find(({ server }) => server !== undefined);
  if (!first?.server) return nothing('no mail server answered a CS7 host, so nothing was sent');
  const text = `This is a test message of "reconcile verify --mail", sent from ${first.host.name} through ${first.server.server}.\nIf you receive it, invitations by mail can be delivered. You do not have to answer.\n`;
  const answer = await ports
    .mail()
    .send({ from: first.host.name, ...first.server }, { to, subject: 'Test message of reconcile verify', text });
  return { host: first.host.name, what, ...answer, causes: answer.state === 'fails' ? serverCauses(first.host) : [] };
}
