import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { MailAnswer, MailClient, MailServer } from '../ports/free-busy.ts';
import { oneLine } from './free-busy/http-exchange.ts';
import { HostFault } from './ssh/host-fault.ts';
import { DialFault } from './ssh/link.ts';

/** How long and how much; times in milliseconds. */
interface MailLimits {
  /** Until the host has connected to the mail server. */
  readonly connect: number;
  /** For the whole conversation after that. */
  readonly patience: number;
  /** Bytes of one answer of the mail server. */
  readonly answer: number;
}

/** The limits that count unless others are given. Mail servers that let strangers wait before the banner do so for up to half a minute. */
const DEFAULT_LIMITS: MailLimits = { connect: 10_000, patience: 40_000, answer: 65_536 };

/** A host that connections can be made from. */
export interface MailHost {
  /** What it says its name is. */
  readonly address: string;
  dial(server: string, port: number, wait: number): Promise<Duplex>;
}

/** Talks to mail servers from hosts, with nodemailer's SMTP over their SSH connections. */
export function openMail(host: (name: string) => MailHost, changes: Partial<MailLimits> = {}): MailClient {
  const limits = { ...DEFAULT_LIMITS, ...changes };
  const visit = async (server: MailServer, then: (smtp: SMTPConnection) => Promise<string>): Promise<MailAnswer> => {
    const socket = await dial(host(server.from), server, limits.connect);
    return 'state' in socket ? socket : converse(socket, server, host(server.from).address, limits, then);
  };
  return {
    greet: server => visit(server, async smtp => said(smtp.lastServerResponse)),
    send: (server, message) => visit(server, smtp => deliver(smtp, message)),
  };
}

async function dial(host: MailHost, { server, port }: MailServer, wait: number): Promise<Duplex | MailAnswer> {
  try {
    return await host.dial(server, port, wait);
  } catch (error) {
    if (error instanceof HostFault) return { state: 'unknown', detail: oneLine(error.detail) };
    if (!(error instanceof DialFault)) throw error;
    if (!error.forbidden) return { state: 'fails', detail: oneLine(`the host cannot connect to it: ${error.message}`) };
    const detail = "the host's sshd forwards no connections (AllowTcpForwarding, PermitOpen), so it was not asked";
    return { state: 'unknown', detail };
  }
}

/** The whole conversation, which ends in time whatever the server does. */
async function converse(
  socket: Duplex,
  { server, port, tls }: MailServer,
  name: string,
  limits: MailLimits,
  then: (smtp: SMTPConnection) => Promise<string>,
): Promise<MailAnswer> {
  // Loaded when it is needed: few commands speak with a mail server, and all would start later.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const smtp = new Connection({
    connection: asSocket(socket),
    host: server,
    port,
    name,
    secure: tls,
    ignoreTLS: true,
    tls: { rejectUnauthorized: false },
    greetingTimeout: limits.patience,
    maxResponseSize: limits.answer,
    socketCloseTimeout: 1_000,
  });
  const late = new Error(`no whole answer within ${limits.patience / 1000} seconds`);
  const { promise: broken, reject } = failure();
  const timer = setTimeout(() => reject(late), limits.patience);
  smtp.on('error', reject);
  try {
    await Promise.race([broken, called(done => smtp.connect(done))]);
    const detail = await Promise.race([broken, then(smtp)]);
    smtp.quit();
    return { state: 'works', detail: oneLine(detail) };
  } catch (error) {
    smtp.close();
    socket.destroy();
    return { state: 'fails', detail: oneLine(error instanceof Error ? error.message : String(error)) };
  } finally {
    clearTimeout(timer);
  }
}

async function deliver(
  smtp: SMTPConnection,
  message: { readonly to: string; readonly subject: string; readonly text: string },
): Promise<string> {
  const { to } = message;
  const headers = { 'Auto-Submitted': 'auto-generated' };
  const { default: Composer } = await import('nodemailer/lib/mail-composer');
  const composer = new Composer({ ...message, from: to, headers, disableFileAccess: true, disableUrlAccess: true });
  const text = await composer.compile().build();
  await called(done => smtp.send({ from: to, to: [to] }, text, done));
  return `accepted for ${to}: ${said(smtp.lastServerResponse)}`;
}

function called(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start(error => (error ? reject(error) : resolve())));
}

/** A promise that is only ever rejected; a rejection that comes when nobody waits any more is nobody's problem. */
function failure(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject = (_: Error): void => {};
  const promise = new Promise<never>((_, rejected) => {
    reject = rejected;
  });
  promise.catch(() => {});
  return { promise, reject };
}

/** A channel of SSH has what nodemailer uses of a socket, but for these. */
function asSocket(channel: Duplex): Socket {
  const own = { setTimeout: () => channel, setKeepAlive: () => channel, setNoDelay: () => channel };
  return Object.assign(channel, own) as unknown as Socket;
}

/** The first line of an answer, which is the one for people. */
function said(response: string | false | undefined): string {
  return (response || 'nothing').split('\n')[0]?.trim() ?? '';
}
