import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { BerReader } from 'ldapts';

/** What stands between a client and its directory: a load balancer, a firewall. */
export interface LdapRelay {
  /** `ldap://127.0.0.1:<port>`. */
  readonly url: string;
  /** How many connections were made through it. */
  connections(): number;
  /** How many of them stand. */
  open(): number;
  /** How many logins went through it. */
  binds(): number;
  /** Ends every connection, as a load balancer does. */
  cut(): void;
  /** Forgets every connection: nothing passes any more, and neither side gets a sign of it. */
  forget(): void;
  /** Where further connections lead. */
  lead(port: number): void;
  stop(): void;
}

/** What it does by itself; times in milliseconds without traffic on a connection. */
export interface RelayLimits {
  /** Then it forgets the connection. */
  readonly forgetAfter?: number;
  /** Then it ends the connection. */
  readonly cutAfter?: number;
  /** The OID of a control that the server is not seen to know. */
  readonly hides?: string;
}

const BIND_REQUEST = 0x60;

/** Passes everything on to a port of this machine. */
export async function startLdapRelay(port: number, limits: RelayLimits = {}): Promise<LdapRelay> {
  let target = port;
  let connections = 0;
  let binds = 0;
  const open = new Set<{ readonly cut: () => void; readonly forget: () => void }>();
  const all = (what: 'cut' | 'forget') => {
    for (const connection of open) connection[what]();
  };
  const server = createServer(client => {
    connections += 1;
    const upstream = connect(target, '127.0.0.1');
    const both = [client, upstream] as const;
    const cut = () => {
      for (const socket of both) socket.destroy();
    };
    const forget = () => {
      for (const socket of both) socket.pause().removeAllListeners('end');
    };
    const entry = { cut, forget };
    open.add(entry);
    const { forgetAfter, cutAfter, hides } = limits;
    let idle: NodeJS.Timeout | undefined;
    const traffic = () => {
      clearTimeout(idle);
      if (forgetAfter !== undefined) idle = setTimeout(forget, forgetAfter);
      if (cutAfter !== undefined) idle = setTimeout(cut, cutAfter);
    };
    const seen = frameReader(tag => {
      if (tag === BIND_REQUEST) binds += 1;
    });
    client.on('data', (chunk: Buffer) => seen(chunk));
    pass(client, upstream, traffic);
    pass(upstream, client, traffic, hides);
    for (const socket of both)
      socket
        .on('error', cut)
        .on('close', cut)
        .on('close', () => open.delete(entry));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `ldap://127.0.0.1:${own}`,
    connections: () => connections,
    open: () => open.size,
    binds: () => binds,
    cut: () => all('cut'),
    forget: () => all('forget'),
    lead: other => {
      target = other;
    },
    stop: () => {
      server.close();
      all('cut');
    },
  };
}

function pass(from: Socket, to: Socket, traffic: () => void, hides?: string): void {
  from.on('data', (chunk: Buffer) => {
    traffic();
    to.write(hides === undefined ? chunk : without(hides, chunk));
  });
  from.on('end', () => to.end());
}

/** Another OID of the same length stands in its place. */
function without(oid: string, chunk: Buffer): Buffer {
  return Buffer.from(chunk.toString('latin1').replaceAll(oid, oid.replace(/^\d/, '9')), 'latin1');
}

/** Reports the tag of each request, wherever the chunks are cut. */
function frameReader(report: (tag: number) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return chunk => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const reader = new BerReader(rest);
      if (rest.length === 0 || reader.readSequence() === null || reader.remain < reader.length) return;
      const end = reader.offset + reader.length;
      reader.readInt();
      report(reader.peek() ?? 0);
      rest = rest.subarray(end);
    }
  };
}
