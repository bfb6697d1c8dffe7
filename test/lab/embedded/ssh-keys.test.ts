import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { createSshKeyPair } from '../../../src/lab/embedded/ssh-server.ts';

it('every pair can be read, and signs what its other half verifies', () => {
  for (let i = 0; i < 600; i++) {
    const { privateKey, publicKey } = createSshKeyPair();
    const [secret, open] = [ssh2.utils.parseKey(privateKey), ssh2.utils.parseKey(publicKey)];
    if (secret instanceof Error || open instanceof Error || Array.isArray(secret) || Array.isArray(open))
      throw new Error('unreadable');
    expect(open.verify('x', secret.sign('x'))).toBe(true);
  }
});
