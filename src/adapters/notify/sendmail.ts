import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Notice, Notifier } from '../../ports/daemon.ts';

/** To whom, and by which program, which is called as `program -t -i`. */
interface SendmailSettings {
  readonly to: readonly string[];
  /** Absent: the program says who sends it. */
  readonly from?: string;
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Milliseconds that a local mail system may take to accept a message. */
const timeout = 60_000;

/** Characters of what it says that are shown. */
const mostSaid = 500;

/** Mails through the local mail system. */
export function openSendmail(settings: SendmailSettings): Notifier {
  return {
    name: 'mail',
    tell: async (notice, signal) => {
      const why = await handOver(await compose(notice, settings), settings, signal);
      if (why === undefined) return;
      const detail = `${printable(settings.program)} -t -i: ${why}`;
      throw new TargetProblem(finding('notify.mail-failed', { detail }));
    },
  };
}

/** The message as it is sent, with headers that no text can add to. */
async function compose({ id, about, subject, text, body }: Notice, { to, from }: SendmailSettings): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const sent = await transport.sendMail({
    to: [...to],
    ...(from !== undefined && { from }),
    subject,
    text,
    messageId: `<${id}@${hostname()}>`,
    // RFC 3834: nobody on holiday answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: [
      { filename: `${about}-event.json`, content: JSON.stringify(body, null, 2), contentType: 'application/json' },
    ],
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return Buffer.isBuffer(sent.message) ? sent.message : Promise.reject(new Error('a composed message is not whole'));
}

/** Why it was not accepted, or nothing. It sees no variable but those that say where it is and who calls it. */
function handOver(message: Buffer, settings: SendmailSettings, signal: AbortSignal): Promise<string | undefined> {
  const { program, environment } = settings;
  const env = Object.fromEntries(['PATH', 'HOME', 'USER', 'LOGNAME', 'TZ'].map(name => [name, environment[name]]));
  return new Promise(done => {
    const child = spawn(program, ['-t', '-i'], {
      env,
      timeout,
      signal,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, mostSaid);
    });
    // One that ends before it has read all tells so by its exit code.
    child.stdin.on('error', () => {});
    child.on('error', error => done(`it cannot be run (${'code' in error ? String(error.code) : error.name})`));
    child.on('close', (code, killed) => {
      if (code === 0) done(undefined);
      else
        done(
          `${killed === null ? `it ended with ${code}` : `it was ended after ${timeout / 1000} s`}. ${printable(said)}`.trim(),
        );
    });
    child.stdin.end(message);
  });
}
