import { HostFault } from './fault.ts';
import type { Send } from './state-folder.ts';

/** Whoever takes the flag away first decides: the watchdog itself renames it before it acts, and then acts to the end. */
const BODY = `for rcl_o in "$rcl_s"/watch-*; do
  if mv -f "$rcl_o/flag" "$rcl_o/confirmed" 2>/dev/null; then echo "$rcl_m - off"; fi
done`;

/** Ends every watchdog on a host that has not acted yet; gives how many there were. For the holder of the lock only. */
export async function callOffWatchdogs(send: Send): Promise<number> {
  const frames = await send({
    variables: {},
    functions: 'rcl_tidy() {\n  :\n}\n',
    body: BODY,
    make: false,
    doing: 'calling off the watchdogs of earlier runs',
  });
  const odd = frames.find(({ word }) => word !== 'off' && word !== 'none');
  if (odd) {
    throw new HostFault(
      'host.unexpected-output',
      `Calling off watchdogs gave an answer that cannot be read: ${odd.word}`,
    );
  }
  return frames.filter(({ word }) => word === 'off').length;
}
