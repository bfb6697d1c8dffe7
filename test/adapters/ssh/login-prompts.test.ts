import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext, Prompt } from 'ssh2';
import { afterAll, expect, test } from 'vitest';
import { HostPool } from '../../../src/adapters/ssh/host-pool.ts';
import type { AskPerson } from '../../../src/adapters/ssh/ssh-login.ts';
import type { Access } from '../../../src/core/desired.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { Secret } from '../../../src/ports/secret.ts';
import { startSshServer } from '../../servers/ssh-server.ts';
import { accessTo, entryOf, findingOf, settingsWith } from './support.ts';

/* What an odd or hostile host may ask during a login. */

const folder = mkdtempSync(join(tmpdir(), 'ssh-prompts-'));
const secrets = new Map([
  ['P', 'the password'],
  ['C', '424242'],
]);
const both = { password: { env: 'P' }, code: { env: 'C' } } as const;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A host that takes the key, then asks these questions; what it hears, and how the login ends. */
async function ask(
  rounds: readonly (readonly (string | Prompt)[])[],
  { access = both, person, connects = 1 }: { access?: Partial<Access>; person?: AskPerson; connects?: number } = {},
): Promise<{ heard: readonly string[]; finding: Finding | undefined }> {
  const heard: string[] = [];
  const authenticate = (attempt: AuthContext) => {
    if (attempt.method !== 'keyboard-interactive')
      return attempt.reject(['keyboard-interactive'], attempt.method === 'publickey');
    const round = (index: number) => {
      const prompts = rounds[index];
      if (!prompts) return attempt.reject(['keyboard-interactive']);
      const shown = prompts.map(prompt => (typeof prompt === 'string' ? { prompt, echo: false } : prompt));
      attempt.prompt(shown, 'Title\u001b[2J', 'Read this\u001b]0;x\u0007', answers => {
        heard.push(...answers);
        if (answers.includes('right')) attempt.accept();
        else round(index + 1);
      });
    };
    round(0);
  };
  const server = await startSshServer(folder, { authenticate });
  const secret = async (reference: object) =>
    new Secret(entryOf(secrets, 'env' in reference ? String(reference.env) : ''));
  const settings = settingsWith({ failureMemory: 0 }, { secret, ...(person && { ask: person }) });
  const pool = new HostPool(settings);
  try {
    let finding: Finding | undefined;
    for (let count = 0; count < connects; count += 1) {
      const clock = pool.open('probe', accessTo(server, server, access)).clock();
      finding = person ? await findingOf(clock).catch(() => undefined) : await findingOf(clock);
    }
    return { heard, finding };
  } finally {
    await pool.close();
    await server.stop();
  }
}

test.each([
  ['Password: ', 'the password'],
  ["ops@cs6's password:", 'the password'],
  ['(root@cs6) LDAP Password:', 'the password'],
  ['Verification code: ', '424242'],
  ["One-time password (OATH) for `root': ", '424242'],
  ['Enter PASSCODE: ', '424242'],
  ['Passcode or option (1-3): ', '424242'],
])('%j is answered with %j', async (prompt, answer) => {
  const { heard, finding } = await ask([[prompt]]);
  expect(heard).toEqual([answer]);
  expect(finding?.code).toBe('host.login-refused');
});

test('a password and a code in one request', async () => {
  const { heard } = await ask([['Password: ', 'Code: ']]);
  expect(heard).toEqual(['the password', '424242']);
});

test.each([
  ['the same question', 'Password: '],
  ['the question in other words', 'Sorry, try again. Password: '],
])('a secret is sent once: %s', async (_, second) => {
  const { heard, finding } = await ask([['Password: '], [second]]);
  expect(heard).toEqual(['the password']);
  expect(finding).toMatchObject({ code: 'host.login-question', detail: expect.stringContaining('ssh.password') });
});

test('a refused secret is not sent again when the host is asked for something else', async () => {
  const { heard, finding } = await ask([['Password: ']], { connects: 3 });
  expect(heard).toEqual(['the password']);
  expect(finding?.code).toBe('host.login-refused');
});

test('the old password is never taken for the new one', async () => {
  const { heard, finding } = await ask([['Password: '], ['New password: ', 'Retype new password: ']]);
  expect(heard).toEqual(['the password']);
  expect(finding?.detail).toContain('the password has expired');
});

test('what the file has no answer for, a person answers, or the message quotes', async () => {
  const questions: string[] = [];
  const person: AskPerson = async (question, { hidden }) => {
    questions.push(`${question}|${hidden}`);
    return 'right';
  };
  await ask([[{ prompt: 'Which town? ', echo: true }]], { access: {}, person });
  expect(questions).toEqual([expect.stringMatching(/^root@127\.0\.0\.1:\d+ asks: "Which town\?" \|false$/)]);
  const { heard, finding } = await ask([['Which town? ']], { access: { password: { env: 'P' } } });
  expect(heard).toEqual([]);
  expect(finding?.detail).toContain('the host asks "Which town?", and there is no answer');
  expect(finding?.detail).toContain('Set ssh.code');
});

test.each([
  ['escapes', '\u001b[2J\u001b]0;owned\u0007Code\u009b31m: '],
  ['lines', 'Code:\r\n\r\nAll is well. Type your root password of this machine:\u2028\u2029'],
  ['what turns the direction', 'Code \u202e\u2066drowssap\u2069: '],
  ['what has no width', 'Co\u200bde\ufeff\u0000: '],
  ['length', `Code ${'x'.repeat(30_000)}`],
])('a hostile prompt reaches neither the terminal nor a message: %s', async (_, prompt) => {
  const questions: string[] = [];
  const person: AskPerson = async question => {
    questions.push(question);
    return 'right';
  };
  await ask([[prompt]], { access: {}, person });
  const { finding } = await ask([[prompt]], { access: {} });
  expect(questions).toHaveLength(1);
  for (const text of [...questions, finding?.detail ?? ''].flatMap(shown => shown.split('\n'))) {
    expect(text).toMatch(/^[\x20-\x7e…]*$/);
    expect(text.length).toBeLessThan(400);
  }
  expect(questions[0]).not.toContain('\n');
});

test('a prompt of 1 MB is more than a packet may hold: the login ends', async () => {
  const { heard, finding } = await ask([[`Code ${'x'.repeat(1_000_000)}`]]);
  expect(heard).toEqual([]);
  expect(finding?.code).toBe('host.login-refused');
  expect(finding?.detail.length).toBeLessThan(2_000);
});

test('a flood of prompts is left', async () => {
  const { heard, finding } = await ask([Array.from({ length: 200 }, (_, index) => `Code ${index}: `)]);
  expect(heard).toEqual([]);
  expect(finding?.code).toBe('host.login-question');
});

test('no secret is in a message', async () => {
  for (const rounds of [[['Password: ', 'Code: ']], [['Password: '], ['Password: ']]])
    expect(JSON.stringify((await ask(rounds)).finding)).not.toMatch(/the password"|424242/);
});
