import type { Client, ClientChannel } from 'ssh2';

/*
 * ssh2 waits for the answer to each step of a command: the session, the command, then its input. Each wait is a round trip. Here a
 * session may be opened before a command is known, and a command goes out together with its input and the end of that. The parts of
 * ssh2 that this needs are not public: they are those of the one version that package.json names, and without them its own way is
 * taken.
 */

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

/** What of ssh2 is used. */
interface Insides {
  readonly _sock?: { readonly writable?: boolean };
  readonly _chanMgr?: { add(opened: Opened & { type: string }): number };
  readonly _protocol?: {
    session(channel: number, window: number, packet: number): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
}

/** The same of a channel. */
interface ChannelInsides {
  readonly outgoing?: { readonly id: number; readonly state: string };
  readonly _callbacks?: ((failed: boolean | Error) => void)[];
}

/** As ssh2 has them itself. */
const WINDOW = 2 * 1024 * 1024;
const PACKET = 32 * 1024;

function insidesOf(client: Client): Required<Insides> | undefined {
  const { _sock, _chanMgr, _protocol } = client as unknown as Insides;
  const isKnown =
    typeof _chanMgr?.add === 'function' &&
    typeof _protocol?.session === 'function' &&
    typeof _protocol.exec === 'function';
  return _sock && isKnown ? { _sock, _chanMgr, _protocol } : undefined;
}

/** Whether sessions can be opened early on this connection. */
export function opensEarly(client: Client): boolean {
  return insidesOf(client)?._sock.writable === true;
}

/** Opens a session in which nothing runs yet. */
export function openSession(client: Client, opened: Opened): void {
  const insides = insidesOf(client);
  if (!insides) throw new Error('Not connected');
  const number = insides._chanMgr.add(
    Object.assign((...[error, channel]: Parameters<Opened>) => opened(error, channel), { type: 'session' }),
  );
  if (number < 0) opened(new Error('No free channels available'), undefined as never);
  else insides._protocol.session(number, WINDOW, PACKET);
}

/** Whether a command can be started in a session that was opened some time ago. */
export function isOpen(channel: ClientChannel): boolean {
  const { outgoing, _callbacks } = channel as unknown as ChannelInsides;
  return outgoing?.state === 'open' && Array.isArray(_callbacks) && !channel.destroyed;
}

/** Starts a command in an open session and sends all of its input. `started` is called once; a session that closes first ran nothing. */
export function startIn(client: Client, channel: ClientChannel, command: string, input: Buffer, started: Opened): void {
  const { outgoing, _callbacks } = channel as unknown as ChannelInsides;
  let isTold = false;
  const tell = (error: Error | undefined) => {
    if (isTold) return;
    isTold = true;
    channel.off('close', onClose);
    started(error, channel);
  };
  const onClose = () => tell(new Error('The session was closed'));
  channel.on('error', () => undefined);
  channel.on('close', onClose);
  _callbacks?.push(failed =>
    tell(failed === false ? undefined : failed === true ? new Error('Unable to exec') : failed),
  );
  insidesOf(client)?._protocol.exec(outgoing?.id ?? 0, command, true);
  channel.end(input);
}
