import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/lab/process-list.ts';
import { endServer, launchServer } from '../servers/directory-server.ts';

/** A running Cyrus with one user, whose scheduling inbox says when they are not available. */
export interface CyrusServer {
  /** Where it takes iSchedule: `http://127.0.0.1:<port>/ischedule/`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What a test may vary. */
export interface CyrusOptions {
  /** Whether a request has to be signed. */
  readonly signed?: boolean;
}

/** The user; `secret` opens the mailbox. */
export const cyrusUser = { name: 'jdoe', mail: 'jdoe@example.com', password: 'secret' } as const;

const programs = '/usr/lib/cyrus/bin';
const asCyrus = ['--reuid', 'cyrus', '--regid', 'mail', '--init-groups'];

/**
 * Starts Debian's Cyrus (cyrus-caldav) on the loopback in a folder of its own, as the package's user; must be root. The user
 * is busy from `start` to `end`, as iCalendar writes them. As unavailability and not as an event: its iSchedule handler
 * (3.6.1) answers with the former only.
 */
export async function startCyrus(start: string, end: string, options: CyrusOptions = {}): Promise<CyrusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'cyrus-'));
  const port = await freePort();
  layFiles(folder, port, options);
  const command = [`${programs}/master`, '-C', join(folder, 'imapd.conf'), '-M', join(folder, 'cyrus.conf')];
  const child = await launchServer([...command, '-p', join(folder, 'master.pid')], port, asCyrus);
  const stop = async (): Promise<void> => {
    await endServer(child, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    openMailbox(folder);
    await setUnavailable(port, start, end);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}/ischedule/`, stop };
}

function layFiles(folder: string, port: number, { signed = false }: CyrusOptions): void {
  for (const name of ['conf', 'spool', 'socket']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'imapd.conf'), settings(folder, signed));
  writeFileSync(join(folder, 'cyrus.conf'), services(folder, port));
  const words = ['-p', '-c', '-u', 'localhost', '-f', join(folder, 'sasldb2'), cyrusUser.name];
  execFileSync('saslpasswd2', words, { input: cyrusUser.password });
  execFileSync('chown', ['-R', 'cyrus:mail', folder]);
}

function settings(folder: string, signed: boolean): string {
  return [
    `configdirectory: ${folder}/conf`,
    `partition-default: ${folder}/spool`,
    `lmtpsocket: ${folder}/socket/lmtp`,
    'servername: localhost',
    'virtdomains: userid',
    'defaultdomain: example.com',
    'calendar_user_address_set: example.com',
    'httpmodules: caldav ischedule',
    `ischedule_dkim_required: ${signed ? 1 : 0}`,
    // The first mail makes the mailbox, and the first look at its calendars those.
    'autocreate_quota: 0',
    'autocreate_post: yes',
    'allowplaintext: yes',
    'sasl_mech_list: PLAIN',
    'sasl_pwcheck_method: auxprop',
    'sasl_auxprop_plugin: sasldb',
    `sasl_sasldb_path: ${folder}/sasldb2`,
    '',
  ].join('\n');
}

function services(folder: string, port: number): string {
  const program = (name: string, words = '') => `cmd="${programs}/${name} -C ${folder}/imapd.conf${words}"`;
  return [
    'START {',
    `  recover ${program('ctl_cyrusdb', ' -r')}`,
    '}',
    'SERVICES {',
    `  http ${program('httpd')} listen="127.0.0.1:${port}" prefork=0`,
    `  lmtp ${program('lmtpd', ' -a')} listen="${folder}/socket/lmtp" prefork=0`,
    '}',
    '',
  ].join('\n');
}

function openMailbox(folder: string): void {
  const words = ['-C', join(folder, 'imapd.conf'), cyrusUser.name];
  execFileSync(`${programs}/deliver`, words, { input: 'Subject: welcome\r\n\r\n' });
}

async function setUnavailable(port: number, start: string, end: string): Promise<void> {
  const times = ['DTSTAMP:20291201T000000Z', `DTSTART:${start}`, `DTEND:${end}`, 'BUSYTYPE:BUSY'];
  const availability = ['BEGIN:VAVAILABILITY', 'UID:away', ...times, 'END:VAVAILABILITY'];
  const calendar = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//reconcile//test//EN',
    ...availability,
    'END:VCALENDAR',
  ];
  const name = 'calendar-availability xmlns="urn:ietf:params:xml:ns:caldav"';
  const property = `<${name}>${calendar.join('\n')}\n</calendar-availability>`;
  const reply = await fetch(`http://127.0.0.1:${port}/dav/calendars/user/${cyrusUser.name}/Inbox/`, {
    method: 'PROPPATCH',
    headers: {
      'Content-Type': 'application/xml',
      Authorization: `Basic ${Buffer.from(`${cyrusUser.name}:${cyrusUser.password}`).toString('base64')}`,
    },
    body: `<propertyupdate xmlns="DAV:"><set><prop>${property}</prop></set></propertyupdate>`,
  });
  const said = await reply.text();
  if (!said.includes('200 OK')) throw new Error(`Cyrus did not take the availability: ${reply.status} ${said}`);
}
