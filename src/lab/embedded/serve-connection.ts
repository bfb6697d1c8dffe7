import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, ServerChannel, Session, TcpipRequestInfo } from 'ssh2';
import { type AnswerMeter, hearCommand, type RunningCommand, startCommand } from './run-command.ts';
import type { TreePaths } from './tree-paths.ts';

/**
 * What can be made to go wrong between the client and an embedded host; what goes wrong with its servers is in `fault.ts`.
 *
 * | fault | effect |
 * |---|---|
 * | slow | every command starts that many milliseconds later |
 * | drop-after | a connection is cut after that many bytes of answers, counted for each connection from now on |
 * | full-disk | an upload breaks off with "No space left on device" after its first bytes |
 * | changed-key | connections from now on are shown another host key of the same type |
 * | second-editor | `edit` runs right before a file is replaced; used up by it |
 * | refuse | the host is down: nothing listens, and the connections that stood are cut |
 */
export type EmbeddedHostFault =
  | { readonly fault: 'slow'; readonly milliseconds: number }
  | { readonly fault: 'drop-after'; readonly bytes: number }
  | { readonly fault: 'full-disk' }
  | { readonly fault: 'changed-key' }
  /** Gets the folder that is the host's `/`. */
  | { readonly fault: 'second-editor'; readonly edit: (tree: string) => void | Promise<void> }
  | { readonly fault: 'refuse' };

type Named<Name extends EmbeddedHostFault['fault']> = Extract<EmbeddedHostFault, { readonly fault: Name }>;

/** The faults that are on; of each sort one. */
interface HostFaults {
  set(fault: EmbeddedHostFault): void;
  get<Name extends EmbeddedHostFault['fault']>(name: Name): Named<Name> | undefined;
  /** The same, and turns it off. */
  take<Name extends EmbeddedHostFault['fault']>(name: Name): Named<Name> | undefined;
  clear(): void;
}

/** A host's faults; none is on. */
export function createHostFaults(): HostFaults {
  const faults = new Map<string, EmbeddedHostFault>();
  const get = <Name extends EmbeddedHostFault['fault']>(name: Name) => faults.get(name) as Named<Name> | undefined;
  return {
    set: fault => void faults.set(fault.fault, fault),
    get,
    take: name => {
      const fault = get(name);
      faults.delete(name);
      return fault;
    },
    clear: () => faults.clear(),
  };
}

/** What all commands of a host have in common. */
export interface CommandServerSettings {
  readonly paths: TreePaths;
  readonly faults: HostFaults;
  /** Asked for each command. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Lines that the login's shell reads before each command. */
  readonly profile: string;
}

/** Runs the commands of all connections to a host. */
export interface CommandServer {
  /** Serves a connection until it ends; `socket` is what it goes over. */
  serve(connection: Connection, socket: Socket | undefined): void;
  /** Ends what still runs. */
  stop(): Promise<void>;
}

/** A server for the commands of one host. */
export function createCommandServer(settings: CommandServerSettings): CommandServer {
  const running = new Set<RunningCommand>();
  return {
    serve: (connection, socket) => {
      const own = new Set<RunningCommand>();
      const meter = createMeter(settings.faults, socket);
      const note = (command: RunningCommand) => {
        for (const set of [own, running]) {
          set.add(command);
          void command.ended.then(() => set.delete(command));
        }
      };
      connection.on('session', accept =>
        serveSession(accept(), (channel, text) => runOn(channel, text, settings, meter, note)),
      );
      connection.on('tcpip', forward);
      connection.on('close', () => {
        for (const command of own) {
          command.kill();
        }
      });
    },
    stop: async () => {
      for (const command of running) {
        command.kill();
      }
      await Promise.all([...running].map(command => command.ended));
    },
  };
}

/** A connection from the host on to a server. */
function forward(accept: () => ServerChannel, reject: () => void, { destIP, destPort }: TcpipRequestInfo): void {
  const socket = connect(destPort, destIP);
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    const channel = accept();
    // Whichever side breaks off takes the other along; nobody here has anything to say about it.
    pipeline(channel, socket, channel, () => undefined);
  });
}

type Run = (channel: ServerChannel, command: string) => Promise<RunningCommand | undefined>;

/** What is not listened for (a shell, a terminal, a subsystem, variables) is refused by ssh2 itself. */
function serveSession(session: Session, run: Run): void {
  let command: RunningCommand | undefined;
  session.on('exec', async (accept, _reject, info) => {
    const channel = accept();
    channel.on('error', () => undefined);
    command = await run(channel, info.command);
  });
  session.on('signal', (accept: (() => void) | undefined, _reject, info) => {
    accept?.();
    command?.signal(info.name);
  });
}

/** Starts a command; nothing when its channel was closed meanwhile. */
async function runOn(
  channel: ServerChannel,
  text: string,
  settings: CommandServerSettings,
  meter: AnswerMeter,
  note: (command: RunningCommand) => void,
): Promise<RunningCommand | undefined> {
  let closed = false;
  channel.once('close', () => {
    closed = true;
  });
  const { paths, faults, environment, profile } = settings;
  const heard = await hearCommand(channel, text, paths);
  const slow = faults.get('slow');
  if (slow) {
    await pause(slow.milliseconds);
  }
  const editor = heard.replaces ? faults.take('second-editor') : undefined;
  await editor?.edit(paths.tree);
  if (closed) {
    return undefined;
  }
  const command = startCommand(channel, heard, { paths, meter, profile, environment: environment() });
  note(command);
  return command;
}

/** Counts the bytes of answers on a connection as long as it is to be cut. */
function createMeter(faults: HostFaults, socket: Socket | undefined): AnswerMeter {
  let counted: unknown;
  let left = 0;
  return {
    allow: length => {
      const fault = faults.get('drop-after');
      if (fault === undefined) {
        return length;
      }
      left = fault === counted ? left : fault.bytes;
      counted = fault;
      const allowed = Math.min(left, length);
      left -= allowed;
      return allowed;
    },
    // What was allowed is on its way to the socket, which sends it before it ends.
    cut: () => void setImmediate(() => socket?.destroySoon()),
  };
}
