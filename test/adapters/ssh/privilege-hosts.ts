import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { SshLimits } from '../../../src/adapters/ssh/host-endpoint.ts';
import type { Access, Privilege } from '../../../src/core/desired.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, settingsWith } from './support.ts';

/** The password of clerk and of clark. It has what shells and terminals take for more than letters. */
export const CLERK = `s3cr$t 'of' "cl\\erk" ;|&<>#`;

/** The password of root and of icsuser. */
export const ROOT = 'r00t of all';

/** What the rules of a host say. */
export interface Rules {
  readonly sudoers?: readonly string[];
  readonly doas?: readonly string[];
  /** Files of /etc/pam.d by name. */
  readonly pam?: Readonly<Record<string, string>>;
  /** Further files of /etc. */
  readonly etc?: Readonly<Record<string, string>>;
  /** The login shells of clerk and of root. */
  readonly shell?: string;
  readonly rootShell?: string;
  /** What /bin/sh is. */
  readonly sh?: string;
  readonly sshd?: readonly string[];
}

/** A host whose root cannot log in, with clerk and clark who can. */
export interface PrivilegeHost {
  readonly host: SshHost;
  readonly hosts: SshHosts;
  /** The home of root. */
  readonly home: string;
  /** Opens it as clerk; `password` is what the secret holds. */
  open(privilege: Privilege, more?: Partial<Access>, password?: string, limits?: Partial<SshLimits>): HostConnection;
  stop(): Promise<void>;
}

/** A secret of that name. */
export const PASSWORD = { env: 'PRIVILEGE' } as const;

/** The ways to become root that ask for that password. */
export const sudo = { by: 'sudo', as: 'root', password: PASSWORD } as const;
export const doas = { by: 'doas', as: 'root', password: PASSWORD } as const;
export const su = { by: 'su', as: 'root', password: PASSWORD } as const;

/** Starts one below the folder. */
export async function startPrivilegeHost(folder: string, rules: Rules): Promise<PrivilegeHost> {
  mkdirSync(folder, { recursive: true });
  const home = join(folder, 'host-one', 'home');
  const etc = new Map([
    ['passwd', passwd(home, rules)],
    ['shadow', shadow()],
    ['sudoers', sudoers(rules.sudoers ?? ['ALL ALL=(ALL) ALL'])],
    ['doas.conf', `${(rules.doas ?? ['permit clerk as root', 'permit clerk as icsuser']).join('\n')}\n`],
    ['hosts', '127.0.0.1 localhost one\n'],
    ...Object.entries(rules.etc ?? {}),
    ...Object.entries(rules.pam ?? {}).map(([name, text]) => [`pam.d/${name}`, text] as const),
  ]);
  const sshd = [...(rules.sshd ?? []), 'PermitRootLogin no'];
  const hosts = await startSshHosts(folder, new Map([['one', join(folder, 'tree')]]), {
    etc,
    sshd,
    ...(rules.sh !== undefined && { sh: rules.sh }),
  });
  const host = entryOf(hosts.hosts, 'one');
  const open: PrivilegeHost['open'] = (privilege, more = {}, password = CLERK, limits = {}) =>
    openHost(
      'one',
      accessTo(host, hosts, { user: 'clerk', privilege, ...more }),
      settingsWith(limits, { secret: async () => new Secret(password) }),
    );
  return { host, hosts, home, open, stop: () => hosts.stop() };
}

function passwd(home: string, { shell = '/bin/sh', rootShell = '/bin/sh' }: Rules): string {
  const lines = [
    `root:x:0:0:root:${home}:${rootShell}`,
    `clerk:x:1001:1001:clerk:/:${shell}`,
    'clark:x:1002:1002:clark:/:/bin/sh',
    'icsuser:x:1003:1003:icsuser:/var/opt/icsuser:/bin/sh',
    'noshell:x:1004:1004:noshell:/:/usr/sbin/nologin',
    'sshd:x:110:65534::/run/sshd:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  ];
  return `${lines.join('\n')}\n`;
}

function shadow(): string {
  const [clerk, root] = [CLERK, ROOT].map(hash);
  const line = (user: string, password: string | undefined) => `${user}:${password}:19000:0:99999:7:::\n`;
  return [
    line('root', root),
    line('clerk', clerk),
    line('clark', clerk),
    line('icsuser', root),
    line('noshell', root),
  ].join('');
}

function hash(password: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: `${password}\n` })
    .toString()
    .trim();
}

function sudoers(lines: readonly string[]): string {
  return `${['Defaults logfile=/var/opt/sudo.log', 'Defaults !syslog', ...lines].join('\n')}\n`;
}

/** Lays a program into the first folder of the PATH of logins. */
export function layProgram(host: SshHost, name: string, text: string): void {
  mkdirSync(join(host.tree, 'opt/lab/bin'), { recursive: true });
  writeFileSync(join(host.tree, 'opt/lab/bin', name), text, { mode: 0o755 });
}

/** Rules of PAM with a module that asks clerk with a text of its own, as those of directories and of one-time codes do. */
export function askingModule(folder: string): string {
  const source = join(folder, 'ask.c');
  const target = join(folder, 'pam_ask.so');
  writeFileSync(
    source,
    `#include <string.h>
struct message { int style; const char *text; };
struct response { char *text; int code; };
struct conv { int (*ask)(int, const struct message **, struct response **, void *); void *data; };
int pam_get_item(const void *, int, const void **);
int pam_sm_authenticate(void *handle, int flags, int argc, const char **argv) {
  const void *item; struct response *answer = 0;
  struct message notice = { 4, "Passwords are checked by example.com." }, question = { 1, "Enter your domain passcode: " };
  const struct message *one = &notice, *two = &question;
  pam_get_item(handle, 5, &item);
  const struct conv *conv = item;
  conv->ask(1, &one, &answer, conv->data);
  if (conv->ask(1, &two, &answer, conv->data)) return 7;
  return answer && answer->text && !strcmp(answer->text, ${JSON.stringify(CLERK)}) ? 0 : 7;
}
int pam_sm_setcred(void *handle, int flags, int argc, const char **argv) { return 0; }
`,
  );
  execFileSync('gcc', ['-shared', '-fPIC', '-o', target, source]);
  return `auth required ${target}\naccount required pam_permit.so\nsession required pam_permit.so\n`;
}
