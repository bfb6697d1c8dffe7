import { randomBytes } from 'node:crypto';

/** A name for the frames of one trip that nothing on a host can guess. */
export function createNonce(): string {
  return randomBytes(12).toString('hex');
}
