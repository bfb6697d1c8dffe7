import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

/** The ones that ssh2 offers by itself, its order. */
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/**
 * What to offer a host. The key types that known_hosts has for it come first: a host that is known by its RSA key only
 * would else show another one and look like an impostor. `legacy` appends what SunSSH and OpenSSH before 7 need;
 * group exchange with SHA-1 stands last because it may take seconds.
 */
export function offeredAlgorithms(knownTypes: readonly string[], legacy: boolean): Algorithms {
  const serverHostKey = orderHostKeys(knownTypes, legacy);
  if (!legacy) {
    return { serverHostKey };
  }
  return {
    serverHostKey,
    kex: append([
      'diffie-hellman-group14-sha1',
      'diffie-hellman-group1-sha1',
      'diffie-hellman-group-exchange-sha1',
    ] as const),
    cipher: append(['aes256-cbc', 'aes128-cbc', '3des-cbc'] as const),
    hmac: append(['hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'] as const),
  };
}

function orderHostKeys(knownTypes: readonly string[], legacy: boolean): ServerHostKeyAlgorithm[] {
  const all: readonly ServerHostKeyAlgorithm[] = legacy ? [...HOST_KEYS, 'ssh-dss'] : HOST_KEYS;
  const known = all.filter(name => knownTypes.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name));
  return [...known, ...all.filter(name => !known.includes(name))];
}

/** The types of ssh2 want all three keys. */
function append<T>(names: readonly T[]): { append: T[]; prepend: T[]; remove: T[] } {
  return { append: [...names], prepend: [], remove: [] };
}
