import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { openSendmail } from '../../../src/adapters/notify/sendmail.ts';

/** A stand-in for sendmail, which keeps its words, its variables and its standard input. */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-mail-'));
const program = join(folder, 'sendmail');
const never = new AbortController().signal;
const notice = {
  id: '0123abcd',
  about: 'drift',
  isGood: false,
  subject: 'drift in example.com',
  text: 'Zürich\n.\nFrom here\n',
  body: { count: 1 },
} as const;
const environment = { PATH: process.env['PATH'], HOME: '/root', LDAP_PASSWORD: 'canary-77' };

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => standIn('exit 0'));

function standIn(end: string): void {
  const lines = ['#!/bin/sh', `cd '${folder}'`, 'echo "$*" > words', 'env > variables', 'cat > message', end];
  writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
}

const kept = (name: string) => readFileSync(join(folder, name), 'utf8');
const headers = () => kept('message').split('\n\n')[0]?.split('\n') ?? [];

it('hands a whole message to sendmail -t -i', async () => {
  await openSendmail({ to: ['ops@example.com', 'b@example.com'], from: 'r@example.com', program, environment }).tell(
    notice,
    never,
  );
  expect(kept('words')).toBe('-t -i\n');
  expect(headers()).toEqual(
    expect.arrayContaining([
      'To: ops@example.com, b@example.com',
      'From: r@example.com',
      'Subject: drift in example.com',
      'Auto-Submitted: auto-generated',
    ]),
  );
  expect(kept('message')).toContain('Z=C3=BCrich\n.\nFrom here\n');
  expect(kept('message')).toContain('filename=drift-event.json');
  expect(kept('message')).not.toContain('\r');
});

it('gives it no secret of ours', async () => {
  await openSendmail({ to: ['ops@example.com'], program, environment }).tell(notice, never);
  expect(kept('variables')).toContain('HOME=/root');
  expect(kept('variables')).not.toContain('canary-77');
});

it('no text becomes a header of its own', async () => {
  const subject = 'x\r\nBcc: thief@example.net\r\n\r\nbody\u2028Cc: y@example.net';
  await openSendmail({ to: ['ops@example.com'], program, environment }).tell({ ...notice, subject }, never);
  expect(headers().filter(line => /^(bcc|cc)/i.test(line))).toEqual([]);
  expect(headers().filter(line => /^Subject: /.test(line))).toHaveLength(1);
});

it.each([
  ['echo "user unknown" >&2; exit 67', 'it ended with 67. user unknown'],
  ['exec head -c 1000000 /dev/zero | tr "\\0" x >&2; exit 75', 'it ended with 75. xxx'],
])('a failure is one: %s', async (end, why) => {
  standIn(end);
  const mail = openSendmail({ to: ['ops@example.com'], program, environment });
  await expect(mail.tell(notice, never)).rejects.toMatchObject({
    finding: { code: 'notify.mail-failed', detail: expect.stringContaining(why) },
  });
});

it('a program that is not there, or that reads nothing, is no crash', async () => {
  const absent = openSendmail({ to: ['ops@example.com'], program: join(folder, 'none'), environment });
  await expect(absent.tell(notice, never)).rejects.toMatchObject({
    finding: { detail: expect.stringContaining('it cannot be run (ENOENT)') },
  });
  writeFileSync(program, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const body = { text: 'x'.repeat(500_000) };
  const deaf = openSendmail({ to: ['ops@example.com'], program, environment });
  await expect(deaf.tell({ ...notice, body }, never)).rejects.toMatchObject({
    finding: { detail: expect.stringContaining('it ended with 1') },
  });
});
