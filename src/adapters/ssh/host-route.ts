import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { RouteFact, RouteSource } from '../../core/connection.ts';
import type { Access } from '../../core/desired.ts';
import { printable } from '../../core/printable.ts';
import type { Variables } from '../../ports/ports.ts';
import { type Endpoint, type Hop, localPath, parseJump } from './host-endpoint.ts';
import { expandProxyCommand, type ProxyTokens } from './proxy-command.ts';
import { configFault } from './ssh-config-file.ts';
import { expandTokens, type HostOptions, loopFault, type OptionName, SshOptions } from './ssh-options.ts';

/** What a route depends on besides the estate file. */
export interface RouteSettings {
  /** The socket of the SSH agent (SSH_AUTH_SOCK). */
  readonly agent?: string;
  /** The environment: PATH, to find an OpenSSH client, and what its configuration names. */
  readonly variables?: Variables;
  /** No OpenSSH client is asked. */
  readonly isAlone?: boolean;
}

/** The way to a host. */
export interface Route {
  /** In order, the host itself last. */
  readonly hops: readonly Hop[];
  /** Every value of them, with where it comes from. */
  readonly facts: readonly RouteFact[];
}

/** A value and where it comes from. */
interface Sourced<Value> {
  readonly value: Value;
  readonly source: RouteSource;
}

/** A host as a person writes it. */
interface Written {
  readonly host: Sourced<string>;
  readonly user?: Sourced<string>;
  readonly port?: Sourced<number>;
  /** Counts where nothing else names one: that of the host, for a jump host that the estate file names. */
  readonly usualUser?: Sourced<string>;
}

/** All that says something about one hop. */
interface Asked {
  readonly written: Written;
  readonly access: Access;
  readonly options: HostOptions;
  readonly isJump: boolean;
}

interface ChosenHop {
  readonly hop: Hop;
  readonly facts: readonly RouteFact[];
}

const byDefault: RouteSource = { from: 'default' };

function fromEstate<Value>(key: string, value: Value): Sourced<Value> {
  return { value, source: { from: 'estate', key } };
}

/** The keys of ~/.ssh that OpenSSH tries by itself, in its order; those of security keys cannot be used here. */
const usualKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519', 'id_dsa'];

const usualKnownHosts = {
  UserKnownHostsFile: ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'],
  GlobalKnownHostsFile: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
};

/** Finds ways to hosts. The files of OpenSSH are read once. */
export class HostRoutes {
  readonly #agent: string | undefined;
  readonly #variables: Variables;
  readonly #options: SshOptions;

  constructor({ agent, variables = {}, isAlone = false }: RouteSettings) {
    const { homedir: home, username: localUser } = userInfo();
    this.#agent = agent;
    this.#variables = variables;
    this.#options = new SshOptions({ home, localUser, variables, isAlone });
  }

  /** The way to a host, by the estate file, the configuration of OpenSSH and the defaults. Opens no connection. Throws a HostFault. */
  async to(access: Access): Promise<Route> {
    const { address, user, port } = access;
    const written = {
      host: fromEstate('address', address),
      ...(user !== undefined && { user: fromEstate('user', user) }),
      ...(port !== undefined && { port: fromEstate('port', port) }),
    };
    const hops = await this.#reach(written, access, []);
    return { hops: hops.map(({ hop }) => hop), facts: [...hops.flatMap(({ facts }) => facts), configFact(access)] };
  }

  /** The hops to a host, which is reached through what its own configuration says. `chain`: the hosts that are reached through it. */
  async #reach(written: Written, access: Access, chain: readonly string[]): Promise<readonly ChosenHop[]> {
    const { value: name } = written.host;
    if (chain.includes(name)) throw loopFault(name);
    const isJump = chain.length > 0;
    const options = await this.#optionsOf(written, access);
    const asked = { written, access, options, isJump };
    const chosen = this.#choose(asked);
    const [first, ...others] = jumpsTo(asked, chosen.hop);
    if (!first) return [throughCommand(asked, chosen)];
    const before = await this.#reach(first, access, [...chain, name]);
    const between = others.map(async jump =>
      this.#choose({ written: jump, access, options: await this.#optionsOf(jump, access), isJump: true }),
    );
    return [...before, ...(await Promise.all(between)), chosen];
  }

  #choose(asked: Asked): ChosenHop {
    const values = valuesOf(asked, this.#agent, this.#variables);
    const name = asked.written.host.value;
    const facts = Object.entries(values).flatMap(([key, chosen]) => factsOf(name, key, chosen));
    return { hop: hopOf(values, asked), facts };
  }

  async #optionsOf({ host, user, port }: Written, { config }: Access): Promise<HostOptions> {
    if (config === 'none') return new Map();
    const question = { host: host.value, ...(user && { user: user.value }), ...(port && { port: port.value }) };
    return this.#options.of(question, config && localPath(config.path));
  }
}

/** The values that count for a hop, by their name in ssh_config. What is absent has no value. */
function valuesOf(asked: Asked, agent: string | undefined, variables: Variables) {
  const { written, access, options, isJump } = asked;
  const { hostKey, legacyAlgorithms } = access;
  const port = one(options, 'Port');
  const wait = one(options, 'ConnectTimeout');
  return {
    HostName: one(options, 'HostName') ?? written.host,
    Port: written.port ?? (port && { ...port, value: Number(port.value) }) ?? usual(22),
    User: written.user ?? one(options, 'User') ?? written.usualUser ?? usual(userInfo().username),
    ...keysOf(asked),
    IdentityAgent: agentOf(options, agent, variables),
    CertificateFile: all(options, 'CertificateFile') ?? usual([]),
    ...knownHostsOf(access, options),
    HostKeyAlias: one(options, 'HostKeyAlias'),
    HostKeyAlgorithms: all(options, 'HostKeyAlgorithms'),
    ConnectTimeout: wait && { ...wait, value: Number(wait.value) },
    ...(!isJump && hostKey !== undefined && { hostKey: fromEstate('hostKey', hostKey) }),
    ...(!isJump && legacyAlgorithms && { legacyAlgorithms: fromEstate('legacyAlgorithms', true) }),
  };
}

type HopValues = ReturnType<typeof valuesOf>;

function usual<Value>(value: Value): Sourced<Value> {
  return { value, source: { from: 'default' } };
}

function all(options: HostOptions, name: OptionName): Sourced<readonly string[]> | undefined {
  const stated = options.get(name);
  return stated && { value: stated.values, source: stated.source };
}

function one(options: HostOptions, name: OptionName): Sourced<string> | undefined {
  const stated = options.get(name);
  const [value] = stated?.values ?? [];
  return stated && value !== undefined ? { value, source: stated.source } : undefined;
}

type Identity = Hop['identities'][number];

/** The keys to offer. A key of the estate file is meant for the way too, where a jump host has keys of its own besides. */
function keysOf({ access: { identity }, options, isJump }: Asked): {
  IdentityFile: readonly Sourced<readonly Identity[]>[];
  IdentitiesOnly: Sourced<boolean>;
} {
  const only = one(options, 'IdentitiesOnly');
  const configured = all(options, 'IdentityFile');
  const found = (files: Sourced<readonly string[]>) => ({ ...files, value: existingKeys(files.value) });
  const stated = identity && fromEstate('identity', [identity]);
  const own = stated && !isJump ? [] : configured ? [found(configured)] : [];
  const keys = [...(stated ? [stated] : []), ...own];
  return {
    IdentityFile: keys.length > 0 ? keys : [found(usual(usualKeys.map(name => `~/.ssh/${name}`)))],
    IdentitiesOnly: stated
      ? { ...stated, value: true }
      : only
        ? { ...only, value: only.value === 'yes' }
        : usual(false),
  };
}

/** The keys that exist, as OpenSSH passes over the others; of a key that only the agent has, the public one. */
function existingKeys(paths: readonly string[]): readonly Identity[] {
  return paths
    .flatMap(path => [path, `${path}.pub`].filter(file => existsSync(localPath(file))).slice(0, 1))
    .map(path => ({ path }));
}

function agentOf(options: HostOptions, agent: string | undefined, variables: Variables): Sourced<string> | undefined {
  const stated = one(options, 'IdentityAgent');
  if (!stated) return agent === undefined ? undefined : usual(agent);
  const { value, source } = stated;
  if (value === 'none') return undefined;
  const socket = value === 'SSH_AUTH_SOCK' ? agent : value.startsWith('$') ? variables[value.slice(1)] : value;
  return socket === undefined ? undefined : { value: socket, source };
}

function knownHostsOf({ knownHosts }: Access, options: HostOptions) {
  if (knownHosts !== undefined) return { UserKnownHostsFile: fromEstate('knownHosts', [knownHosts]) };
  return {
    UserKnownHostsFile: all(options, 'UserKnownHostsFile') ?? usual(usualKnownHosts.UserKnownHostsFile),
    GlobalKnownHostsFile: all(options, 'GlobalKnownHostsFile') ?? usual(usualKnownHosts.GlobalKnownHostsFile),
  };
}

function hopOf(values: HopValues, { access, isJump }: Asked): Hop {
  const { passphrase, password, code, knownHosts, hostKey, legacyAlgorithms } = access;
  const { HostKeyAlias: alias, IdentityAgent: agent, ConnectTimeout: wait, HostKeyAlgorithms: algorithms } = values;
  const files = [
    ...values.UserKnownHostsFile.value,
    ...('GlobalKnownHostsFile' in values ? values.GlobalKnownHostsFile.value : []),
  ];
  return {
    endpoint: {
      ...{ user: values.User.value, address: values.HostName.value, port: values.Port.value },
      ...{ knownHosts: files, knownHostsStated: knownHosts !== undefined, jump: isJump },
      ...(alias && { knownAs: alias.value }),
      ...(!isJump && hostKey !== undefined && { hostKey }),
      legacyAlgorithms: !isJump && legacyAlgorithms,
    },
    identities: values.IdentityFile.flatMap(({ value }) => value),
    identitiesOnly: values.IdentitiesOnly.value,
    ...(agent && { agent: agent.value }),
    certificates: values.CertificateFile.value,
    ...(wait && { connectTimeout: wait.value * 1000 }),
    ...(algorithms && { hostKeyAlgorithms: algorithms.value }),
    ...(passphrase && { passphrase }),
    ...(password && { password }),
    ...(code && { code }),
  };
}

/** The jump hosts that are stated for a hop, in order. What the estate file states counts for the host itself only. */
function jumpsTo({ written, access, options, isJump }: Asked, { endpoint }: Hop): readonly Written[] {
  const { user, jump } = access;
  if (!isJump && jump) {
    const usualUser = user === undefined ? {} : { usualUser: fromEstate('user', user) };
    return jump.map(text => ({ ...writtenJump(text, { from: 'estate', key: 'jump' }), ...usualUser }));
  }
  const { values = [], source = byDefault } = options.get('ProxyJump') ?? {};
  return values.map(text => writtenJump(expandTokens(text, tokensOf(endpoint, written)), source));
}

function writtenJump(text: string, source: RouteSource): Written {
  const { user, address, port } = parseJump(text);
  return {
    host: { value: address, source },
    ...(user !== undefined && { user: { value: user, source } }),
    ...(port !== undefined && { port: { value: port, source } }),
  };
}

/** A hop that no other one leads to may be reached through a command. */
function throughCommand({ written, access, options, isJump }: Asked, { hop, facts }: ChosenHop): ChosenHop {
  const stated = one(options, 'ProxyCommand');
  if (!stated || (!isJump && access.jump)) return { hop, facts };
  if (one(options, 'ProxyUseFdpass')?.value === 'yes')
    throw configFault(`${printable(stated.value)}: reconcile cannot use ProxyUseFdpass.`);
  const proxyCommand = expandProxyCommand(stated.value, tokensOf(hop.endpoint, written));
  const fact = { hop: written.host.value, key: 'ProxyCommand', value: proxyCommand, source: stated.source };
  return { hop: { ...hop, proxyCommand }, facts: [...facts, fact] };
}

function tokensOf({ address, port, user }: Endpoint, { host }: Written): ProxyTokens {
  return { h: address, n: host.value, p: String(port), r: user };
}

function configFact({ address, config }: Access): RouteFact {
  const value = config === undefined ? '~/.ssh/config, /etc/ssh/ssh_config' : config === 'none' ? config : config.path;
  return {
    hop: address,
    key: 'config',
    value,
    source: config === undefined ? byDefault : fromEstate('config', 0).source,
  };
}

type Chosen = HopValues[keyof HopValues];

function factsOf(hop: string, key: string, chosen: Chosen): readonly RouteFact[] {
  if (!chosen) return [];
  return [chosen]
    .flat()
    .flatMap(({ value, source }: Sourced<unknown>) =>
      [value].flat().map(one => ({ hop, key, value: shown(one), source })),
    );
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object' || value === null) return String(value);
  if ('path' in value) return String(value.path);
  return 'env' in value ? `the key of the environment variable ${value.env}` : 'a secret';
}
