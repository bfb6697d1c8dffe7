import type { Access } from '../../core/desired.ts';
import { HostFault } from './fault.ts';

/** One sshd on the way to a host, or the host's own. */
export interface Endpoint {
  readonly user: string;
  readonly address: string;
  readonly port: number;
  readonly knownHosts: string;
  readonly legacyAlgorithms: boolean;
  /** Only passed through on the way to another host. */
  readonly jump: boolean;
}

/** The hops to a host in order, the host itself last. Old algorithms are for the host only: a jump host is a modern one. */
export function routeOf(access: Access): readonly Endpoint[] {
  const { user, address, port, knownHosts, legacyAlgorithms } = access;
  return [
    ...access.jump.map(text => parseJump(text, access)),
    { user, address, port, knownHosts, legacyAlgorithms, jump: false },
  ];
}

/** `user@host:port`; the user is the host's own and the port is 22 unless given. */
function parseJump(text: string, access: Access): Endpoint {
  const match = /^(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^@:\s]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[2] ?? match?.[3];
  const port = Number(match?.[4] ?? 22);
  if (address === undefined || port < 1 || port > 65535) {
    throw new HostFault(
      'host.jump-invalid',
      `the jump host ${JSON.stringify(text)} is not of the form user@host:port.`,
    );
  }
  return {
    user: match?.[1] ?? access.user,
    address,
    port,
    knownHosts: access.knownHosts,
    legacyAlgorithms: false,
    jump: true,
  };
}

/** For messages: `root@cs6.example.com:22`, `the jump host ops@bastion.example.com:22`. */
export function describeEndpoint(endpoint: Endpoint): string {
  const address = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  return `${endpoint.jump ? 'the jump host ' : ''}${endpoint.user}@${address}:${endpoint.port}`;
}
