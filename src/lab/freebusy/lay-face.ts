import { type HostTree, layFile } from '../host-tree.ts';
import { facePath, type HostFace } from '../place.ts';

/** Says where the server of a laid host is to answer; counts from its next start, and can be laid again. */
export async function layFace(host: HostTree, server: 'cs6' | 'cs7', face: Partial<HostFace>): Promise<void> {
  const whole: HostFace = { address: '127.0.0.1', httpPort: 8080, ...face };
  await layFile(host, facePath(server), `${JSON.stringify(whole, undefined, 2)}\n`, { mode: 0o600 });
}

/** The part of a layout that is the host's face. */
export function faceOf({ address, httpPort, directory }: Partial<HostFace>): Partial<HostFace> {
  return {
    ...(address === undefined ? {} : { address }),
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(directory === undefined ? {} : { directory }),
  };
}
