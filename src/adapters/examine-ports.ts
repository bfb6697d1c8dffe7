import { lookup } from 'node:dns/promises';
import { connect as connectSocket, isIP } from 'node:net';
import { userInfo } from 'node:os';
import { loginName, plainHost } from '../core/connection.ts';
import type { DesiredDirectory, DesiredState, Host } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { type FindingCode, hasCode } from '../findings/catalogue.ts';
import type { DirectoryServer } from '../ports/directory.ts';
import type {
  ConnectStep,
  ExamineConnection,
  ExaminePorts,
  OfferedKey,
  ReachedSteps,
  Variables,
} from '../ports/ports.ts';
import { probeDirectory } from './ldap/directory-probe.ts';
import { makeSecretSource } from './local/secret-source.ts';
import { type ConnectOptions, connect, onlyReading } from './open-ports.ts';
import { keyFault } from './ssh/connect-fault.ts';
import { describeEndpoint, type Hop } from './ssh/host-endpoint.ts';
import { HostFault, toProblem } from './ssh/host-fault.ts';
import type { HostPool } from './ssh/host-pool.ts';
import { trustHostKey } from './ssh/known-hosts.ts';

/** The ports for looking at the set-up of an estate: those that read, and what is asked about a connection and its rights. */
export function connectToExamine(
  desired: DesiredState,
  variables: Variables,
  asking: Pick<ConnectOptions, 'ask'> = {},
): ExamineConnection {
  const { ports, pool, close } = connect(desired, variables, asking);
  const servers = probeDirectory(desired.directory, makeSecretSource(variables));
  const hostOf = (name: string) => desired.hosts.find(host => host.name === name);
  return {
    ports: {
      ...onlyReading(ports, desired),
      reach: target => {
        const host = hostOf(target);
        return host
          ? reachHost(host, pool, () => ports.host(target).clock())
          : reachDirectory(desired.directory, () => ports.directory().server());
      },
      examine: name => ({ look: question => ports.examine(name).look(question) }),
      offeredKey: async name => {
        const host = hostOf(name);
        if (!host) throw new Error(`no such host: ${name}`);
        return offeredKey(host, pool);
      },
      directoryServers: () => servers,
      wouldModify: (dn, attributes) => ports.directory().wouldModify(dn, attributes),
      inTime,
    },
    close: async () => {
      await Promise.all([close(), ...servers.map(server => server.close())]);
    },
  };
}

const inTime: ExaminePorts['inTime'] = async (promise, limit) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), limit);
  });
  try {
    return await Promise.race([promise.then(value => ({ value })), end]);
  } finally {
    clearTimeout(timer);
  }
};

/** The step that each of these problems of a connection belongs to. Any other one is of the last step. */
const steps: readonly (readonly [ConnectStep, readonly FindingCode[]])[] = [
  ['name', ['host.ssh-config-unusable', 'host.jump-invalid', 'directory.url-invalid']],
  ['port', ['host.unreachable', 'directory.unreachable']],
  ['key', ['host.key-unknown', 'host.key-mismatch', 'host.key-revoked', 'host.known-hosts-unreadable']],
  ['key', ['host.no-common-algorithm']],
  ['tls', ['directory.ca-unreadable', 'directory.clear-text', 'directory.certificate-unusable']],
  ['login', ['host.login-refused', 'host.identity-unusable', 'directory.login-refused', 'directory.password-expired']],
  ['privilege', ['host.privilege-refused', 'host.privilege-wrong-password', 'host.privilege-no-password']],
  ['privilege', ['host.privilege-no-answer', 'host.privilege-no-effect']],
];

function stepOf(finding: Finding, order: readonly ConnectStep[]): ConnectStep {
  return steps.find(([, codes]) => hasCode(finding, ...codes))?.[0] ?? order.at(-1) ?? 'name';
}

type Details = Readonly<Partial<Record<ConnectStep, string>>>;

/** What was reached of the steps in order, where `problem` ended it, or where nothing did. */
function reachedSteps(
  order: readonly ConnectStep[],
  details: Details,
  failed?: { readonly step: ConnectStep; readonly finding: Finding },
): ReachedSteps {
  const made = order.slice(0, failed ? order.indexOf(failed.step) : order.length);
  return { made: made.map(step => ({ step, detail: details[step] ?? '' })), ...(failed && { failed }) };
}

const hostOrder = ['name', 'port', 'key', 'login', 'privilege', 'shell'] as const;

/** The route says where the host is, the connection how far one comes, and the key is looked at once more to be shown. */
async function reachHost(
  { name, access }: Host,
  pool: HostPool,
  connecting: () => Promise<unknown>,
): Promise<ReachedSteps> {
  const route = await attempt(() => asProblem(name, () => pool.route(access)));
  if ('finding' in route) return reachedSteps(hostOrder, {}, { step: 'name', finding: route.finding });
  const { hops } = route.value;
  const named = await nameOf(hops);
  const details = hostDetails(hops, access.privilege, named.detail);
  const connected = await attempt(connecting);
  const shown = await attempt(() => asProblem(name, () => pool.showHostKey(access)));
  const key = 'value' in shown ? { key: `${shown.value.type} ${shown.value.fingerprint}` } : {};
  if ('value' in connected) return reachedSteps(hostOrder, { ...details, ...key });
  const { finding } = connected;
  const step = named.unknown ? 'name' : stepOf(finding, hostOrder);
  return reachedSteps(hostOrder, { ...details, ...key }, { step, finding });
}

async function attempt<T>(action: () => Promise<T>): Promise<{ readonly value: T } | { readonly finding: Finding }> {
  try {
    return { value: await action() };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { finding: problem.finding };
  }
}

function hostDetails(hops: readonly Hop[], privilege: Host['access']['privilege'], name: string): Details {
  const last = hops.at(-1)?.endpoint;
  const user = last?.user ?? userInfo().username;
  const through = hops.slice(0, -1).map(({ endpoint: { address } }) => address);
  const way = through.length > 0 ? `, through ${through.join(', ')}` : '';
  const becomes = privilege && privilege.as !== user ? `${privilege.by} to ${privilege.as}` : 'not needed';
  return {
    name: printable(name),
    port: printable(`${last?.address} port ${last?.port} answers${way}`),
    login: printable(`as ${user}`),
    privilege: printable(becomes),
    shell: '/bin/sh runs scripts',
  };
}

/** What the name of the first server of a route stands for. The names behind it are resolved there. */
async function nameOf([first]: readonly Hop[]): Promise<{ readonly detail: string; readonly unknown?: true }> {
  const { address = '' } = first?.endpoint ?? {};
  if (first?.proxyCommand !== undefined) return { detail: `${address}, by ProxyCommand` };
  return nameStep(address);
}

async function nameStep(name: string): Promise<{ readonly detail: string; readonly unknown?: true }> {
  if (isIP(name) > 0) return { detail: name };
  try {
    return { detail: `${name} is ${(await lookup(name)).address}` };
  } catch {
    return { detail: `${name} has no address`, unknown: true };
  }
}

async function asProblem<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (fault) {
    throw fault instanceof HostFault ? toProblem(target, fault) : fault;
  }
}

async function offeredKey({ name, access }: Host, pool: HostPool): Promise<OfferedKey> {
  const shown = await asProblem(name, () => pool.showHostKey(access));
  const { verdict, endpoint, type, fingerprint, file } = shown;
  if (verdict.state !== 'known' && verdict.state !== 'unknown')
    throw toProblem(name, keyFault(endpoint, shown.key, verdict));
  const trust = () => asProblem(name, () => trustHostKey(shown));
  return { server: describeEndpoint(endpoint), known: verdict.state === 'known', type, fingerprint, file, trust };
}

const directoryOrder = ['name', 'port', 'tls', 'login'] as const;

async function reachDirectory(
  directory: DesiredDirectory,
  connecting: () => Promise<DirectoryServer | undefined>,
): Promise<ReachedSteps> {
  const { startTls } = directory;
  const connected = await attempt(connecting);
  const server = 'value' in connected ? connected.value : undefined;
  const url = server?.url ?? directory.url;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const named = parsed ? await nameStep(plainHost(parsed.hostname) || 'localhost') : undefined;
  const tls = startTls ? 'StartTLS' : parsed?.protocol === 'ldaps:' ? 'ldaps' : 'none: this machine';
  const details = {
    name: named?.detail ?? '',
    port: `${parsed?.host} answers`,
    tls,
    login: printable(`as ${server?.identity ?? loginName(directory)}`),
  };
  if ('value' in connected) return reachedSteps(directoryOrder, details);
  const { finding } = connected;
  const step = named?.unknown
    ? 'name'
    : await connectStep(finding, startTls || parsed?.protocol === 'ldaps:' ? parsed : undefined);
  return reachedSteps(directoryOrder, details, { step, finding });
}

/** TLS fails like the port does: whether the port answers at all tells them apart. `url` is absent where there is no TLS. */
async function connectStep(finding: Finding, url: URL | undefined): Promise<ConnectStep> {
  if (!url || !hasCode(finding, 'directory.unreachable')) return stepOf(finding, directoryOrder);
  return (await answers(url)) ? 'tls' : 'port';
}

/** Milliseconds. */
const portWait = 5_000;

function answers({ hostname, port, protocol }: URL): Promise<boolean> {
  const host = plainHost(hostname) || 'localhost';
  return new Promise(resolve => {
    const socket = connectSocket({ host, port: Number(port || (protocol === 'ldaps:' ? 636 : 389)) });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(portWait, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
