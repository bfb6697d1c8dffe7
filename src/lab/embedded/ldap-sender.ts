import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DirectoryFaults } from './ldap-fault.ts';

/** Sends the answers of one connection. */
export interface LdapSender {
  /** Takes the messages as the client takes them, until `isWanted` says no. Several run at the same time. */
  send(messages: Iterable<Buffer>, isWanted: () => boolean): Promise<void>;
}

/** Entries in one write; one write for each would wake the client for each. */
const BATCH = 64;

/** Milliseconds without a further request after which held answers go out in reverse. */
const TOGETHER = 20;

/** A sender over this socket. */
export function createLdapSender(socket: Socket, faults: DirectoryFaults): LdapSender {
  const cutting = createCutter(socket, faults);
  const held: (readonly Buffer[])[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = () => {
    for (const messages of held.splice(0).reverse()) {
      cutting(messages);
    }
  };
  return {
    send: async (messages, isWanted) => {
      if (faults.get('out-of-order')) {
        held.push([...messages]);
        clearTimeout(timer);
        timer = setTimeout(release, TOGETHER);
        return;
      }
      for (const batch of batches(messages)) {
        if (!isWanted()) {
          return;
        }
        await flow(socket, cutting(batch));
      }
    },
  };
}

function* batches(messages: Iterable<Buffer>): Iterable<readonly Buffer[]> {
  let batch: Buffer[] = [];
  for (const message of messages) {
    batch.push(message);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

/** Waits until there is room, and lets other requests have their turn. */
async function flow(socket: Socket, hasRoom: boolean): Promise<void> {
  if (hasRoom || socket.destroyed) {
    await nextTurn();
  } else {
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
}

/** Writes messages, or as many as may still go out; false when there is no room for more. */
function createCutter(socket: Socket, faults: DirectoryFaults): (messages: readonly Buffer[]) => boolean {
  let counted: unknown;
  let left = 0;
  return messages => {
    const fault = faults.get('drop-after');
    if (!socket.writable || fault === undefined) {
      return !socket.writable || socket.write(Buffer.concat(messages));
    }
    left = fault === counted ? left : fault.count;
    counted = fault;
    const whole = Buffer.concat(fault.unit === 'messages' ? messages.slice(0, left) : messages);
    const size = fault.unit === 'messages' ? messages.length : whole.length;
    if (size <= left) {
      left -= size;
      return socket.write(whole);
    }
    socket.end(fault.unit === 'messages' ? whole : whole.subarray(0, left));
    socket.destroySoon();
    return true;
  };
}
