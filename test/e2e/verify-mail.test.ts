import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { VerifiedMail, VerifyReport } from '../../src/core/verification.ts';
import { davadminFile } from '../../src/lab/lay-rehearsal.ts';
import { cs7Home, type Estate, startEstate } from '../servers/estate.ts';
import { mailServer } from '../verify/mail/mail-servers.ts';
import { reconcile } from './cli.ts';

/** What invitations by mail depend on, seen through real sshd: the mail server has the calendar host for its peer. */
let estate: Estate;
let file: string;

const probes = '{ cs6: [grace.okafor@example.com], cs7: [jdoe@example.com] }';

beforeAll(async () => {
  estate = await startEstate({ cs6: 1, cs7: 1, users: 20, groups: 0, resources: 0 });
  file = variant('probes', `verify: { probes: ${probes}, mail: { to: probe@example.com } }`);
});
afterAll(async () => estate?.stop());

/** The estate file with further lines. */
function variant(name: string, lines: string): string {
  const path = join(estate.folder, `${name}.yaml`);
  writeFileSync(path, `${readFileSync(estate.file, 'utf8')}\n${lines}\n`);
  return path;
}

async function mailOf(...words: readonly string[]): Promise<readonly VerifiedMail[]> {
  const ran = await reconcile(['verify', ...words, '--format', 'json'], estate.environment);
  const report: VerifyReport = JSON.parse(ran.stdout);
  return report.mail;
}

async function row(what: string, ...words: readonly string[]): Promise<VerifiedMail | undefined> {
  return (await mailOf(...(words.length > 0 ? words : [file]))).find(one => one.what.startsWith(what));
}

function setOption(name: string, value: string): void {
  const words = `./davadmin config modify -u admin -F ${davadminFile} -o ${name} -v "${value}"`;
  estate.on('cs7-fe1', `cd ${cs7Home}/sbin && ${words}`);
}

/** davserver.properties of the host, as far as it was set. */
function options(): Readonly<Record<string, string>> {
  const text = readFileSync(estate.pathOf('cs7-fe1', `${cs7Home}/config/davserver.properties`), 'utf8');
  return Object.fromEntries(text.split('\n').map(line => line.split(/=(.*)/s).slice(0, 2)));
}

describe('when all is as it must be', () => {
  it('every row works, and the mail server greets the host', async () => {
    const mail = (await mailOf(file)).filter(({ what }) => what !== 'autoprovisioning');
    expect(mail.map(({ host, what, state }) => `${host} ${what.replace(/:\d+$/, '')} ${state}`)).toEqual([
      'directory mail of grace.okafor@example.com works',
      'directory mail of jdoe@example.com works',
      'cs7-fe1 notification.dav.enableemailnotif works',
      'cs7-fe1 notification.dav.smtphost works',
      'cs7-fe1 notification.dav.smtpport works',
      'cs7-fe1 notification.dav.smtpusessl works',
      'cs7-fe1 EHLO to 127.0.0.1 works',
    ]);
  });
});

describe('a setting of CS7 that is wrong', () => {
  it.each([
    ['notification.dav.smtphost', '', 'notification.dav.smtphost', /has no mail server/],
    ['notification.dav.smtpport', 'mail', 'notification.dav.smtpport', /is not a port/],
    ['notification.dav.enableemailnotif', 'false', 'notification.dav.enableemailnotif', /sends no mail/],
    ['notification.dav.smtpport', '1', 'EHLO', /the host cannot connect to it: .*refused/i],
    ['notification.dav.smtphost', 'nowhere.invalid', 'EHLO', /the host cannot connect to it/],
  ])('%s "%s" fails, with the line of the file', async (name, value, what, detail) => {
    const before = options()[name] ?? '';
    setOption(name, value);
    try {
      const seen = await row(what);
      expect(seen).toMatchObject({ host: 'cs7-fe1', state: 'fails', detail: expect.stringMatching(detail) });
      expect(seen?.causes[0]).toMatchObject({ target: 'cs7-fe1', source: { line: expect.any(Number) } });
    } finally {
      setOption(name, before);
    }
  });
});

describe('a message', () => {
  it('goes to the one address, and only when it is asked for', async () => {
    const server = await mailServer();
    const before = options()['notification.dav.smtpport'] ?? '';
    setOption('notification.dav.smtpport', String(server.port));
    onTestFinished(() => setOption('notification.dav.smtpport', before));
    await mailOf(file);
    expect(server.messages).toEqual([]);
    expect(await row('a message to', file, '--mail')).toMatchObject({ host: 'cs7-fe1', state: 'works' });
    expect(server.messages).toMatchObject([{ to: ['probe@example.com'], text: expect.stringMatching(/test message/) }]);
    const keyless = variant('keyless', `verify: { probes: ${probes} }`);
    expect(await row('a message to', keyless, '--mail')).toMatchObject({ state: 'unknown' });
    expect(server.messages).toHaveLength(1);
  });
});

describe('a host whose sshd forwards nothing', () => {
  it('leaves it open whether the mail server greets it', async () => {
    const config = join(estate.folder, 'ssh', 'host-cs7-fe1', 'ssh', 'sshd_config');
    writeFileSync(config, `AllowTcpForwarding no\n${readFileSync(config, 'utf8')}`);
    await estate.ssh.hosts.get('cs7-fe1')?.restart();
    estate.on('cs7-fe1', '/opt/glassfish3/bin/asadmin start-domain domain1');
    expect(await row('EHLO')).toMatchObject({ state: 'unknown', detail: expect.stringMatching(/AllowTcpForwarding/) });
  });
});
