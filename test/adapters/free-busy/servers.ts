import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** An answer of get_freebusy: one hour, from nine to ten on 7 January 2030. */
export const ANSWER = [
  'BEGIN:VCALENDAR',
  'BEGIN:VFREEBUSY',
  'X-NSCP-WCAP-ERRNO:0',
  'FREEBUSY:20300107T090000Z/PT1H',
  'END:VFREEBUSY',
  'END:VCALENDAR',
  '',
].join('\r\n');

/** The hour of ANSWER. */
export const HOUR = { start: Date.UTC(2030, 0, 7, 9), end: Date.UTC(2030, 0, 7, 10) };

/** Headers of ANSWER. */
export const CALENDAR = { 'Content-Type': 'text/calendar; charset=utf-8' };

/** Headers of an answer in XML. */
export const XML = { 'Content-Type': 'application/xml; charset=utf-8' };

/** A server of HTTP that lasts as long as the test; `http://127.0.0.1:<port>`. */
export function httpServer(listener: RequestListener): Promise<string> {
  return listening(createServer(listener));
}

/** A server that answers the first bytes of a connection with whatever `respond` writes. */
export function rawServer(respond: (socket: Socket) => void): Promise<string> {
  return listening(createRawServer(socket => socket.once('data', () => respond(socket))));
}

/** Has a server listen at an address of the loopback until the test is over; `http://<address>:<port>`. */
export async function listening(server: Server, address = '127.0.0.1'): Promise<string> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => open.add(socket.on('error', () => {})));
  await new Promise<void>(resolve => server.listen(0, address, resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const bound = server.address();
  return `http://${address}:${typeof bound === 'object' && bound ? bound.port : 0}`;
}

/** Writes a beginning, and then a piece for as long as somebody takes it. */
export function pour(socket: Socket, beginning: string, piece: string): void {
  const more = (): void => {
    if (!socket.destroyed) socket.write(piece, () => setImmediate(more));
  };
  socket.write(beginning);
  more();
}

/** Writes a beginning, and then a piece now and then, for as long as the connection lasts. */
export function drip(socket: Socket, beginning: string, piece: string): void {
  socket.write(beginning);
  const timer = setInterval(() => socket.write(piece), 100);
  socket.on('close', () => clearInterval(timer));
}
