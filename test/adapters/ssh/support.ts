import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { SshLimits } from '../../../src/adapters/ssh/host-endpoint.ts';
import type { SshSettings } from '../../../src/adapters/ssh/host-pool.ts';
import type { Access } from '../../../src/core/desired.ts';
import { type Finding, TargetProblem } from '../../../src/core/finding.ts';
import type { FileReading, HostReader } from '../../../src/ports/host.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { openHost } from './open-host.ts';

/** Where a test server is; the real and the built-in ones have this in common. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** Keys for it. */
export interface Keys {
  readonly knownHosts: string;
  readonly identity: string;
}

/** How to reach a test server as root, whatever the OpenSSH configuration of this machine says. */
export function accessTo(place: Place, keys: Keys, changes: Partial<Access> = {}): Access {
  return {
    address: place.address,
    config: 'none',
    port: place.port,
    user: 'root',
    identity: { path: keys.identity },
    knownHosts: keys.knownHosts,
    jump: [],
    legacyAlgorithms: false,
    ...changes,
  };
}

/** Settings that know no secret. */
export function settingsWith(limits: Partial<SshLimits> = {}, more: Partial<SshSettings> = {}): SshSettings {
  return { secret: () => Promise.reject(new Error('no secret is expected')), limits, ...more };
}

/** Settings whose secrets are all this one. */
export function settingsWithSecret(value: string): SshSettings {
  return settingsWith({}, { secret: async () => new Secret(value) });
}

/** Opens a host named `probe`. */
export function probe(place: Place, keys: Keys, limits: Partial<SshLimits> = {}): HostConnection {
  return openHost('probe', accessTo(place, keys), settingsWith(limits));
}

/** The finding of the problem that a promise must reject with. */
export async function findingOf(promise: Promise<unknown>): Promise<Finding> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TargetProblem)) {
    throw new Error(`a TargetProblem was expected, not ${error instanceof Error ? error.stack : error}`);
  }
  return error.finding;
}

/** Reads the one file that must be there. */
export async function readOne(host: HostReader, path: string): Promise<FileReading> {
  const [reading] = await host.files([path]);
  if (!reading) {
    throw new Error(`${path} is missing`);
  }
  return reading;
}

/** The value under a key that must be there. */
export function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) {
    throw new Error(`there is no ${String(key)}`);
  }
  return value;
}
