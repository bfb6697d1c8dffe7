import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { settle } from '../tools/until.ts';

/** A port that never answers in some way. */
export interface DeadPort {
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

const LISTENER = `require('net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, function () {
  console.log(this.address().port);
});`;

/** Connection requests get no answer: a listener that stands still, whose queue is full. */
export async function startBlackHole(): Promise<DeadPort> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, '-e', LISTENER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 8 }, () => connect({ host: '127.0.0.1', port }).on('error', () => undefined));
  await settle();
  const stop = async () => {
    for (const filler of fillers) {
      filler.destroy();
    }
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return { address: '127.0.0.1', port, stop };
}

/** Connections are accepted, and `greeting` is all that is ever said. */
export async function startMute(greeting = ''): Promise<DeadPort> {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.write(greeting);
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stop = async () => {
    for (const socket of sockets) {
      socket.destroy();
    }
    await new Promise<void>(resolve => server.close(() => resolve()));
  };
  return { address: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0, stop };
}
