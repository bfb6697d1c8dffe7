import { describe, expect, it } from 'vitest';
import { slackMessage, teamsMessage } from '../../../src/adapters/notify/message-forms.ts';
import type { Notice } from '../../../src/ports/daemon.ts';

/** What Slack and Teams get. No text from outside means anything there but itself. */
const notice: Notice = {
  ...{ id: '0123abcd', about: 'drift', isGood: false, body: { secret: 'only for programs' } },
  subject: 'reconcile: drift in example.com (1 difference)',
  text: 'example.com: drift\n\ncs6-fe1  local.autoprovision  expected "no", found "yes"\n',
};
const evil = '<!channel> <https://evil.example|click> *bold* [click](https://evil.example) @here :skull: &amp;';

/** Every part of a message with its path of keys. */
function parts(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, part]) => parts(part, `${path}.${key}`));
}

const pathsWith = (message: object, text: string) =>
  parts(message).flatMap(([path, part]) => (typeof part === 'string' && part.includes(text) ? [path] : []));

/** The object that has a text. */
function holders(value: unknown, text: string): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.values(value).some(part => typeof part === 'string' && part.includes(text));
  return [
    ...(own ? [value as Record<string, unknown>] : []),
    ...Object.values(value).flatMap(part => holders(part, text)),
  ];
}

describe('Slack', () => {
  it('has the subject as a heading and the text as it is', () => {
    expect(slackMessage(notice)).toEqual({
      text: notice.subject,
      ...{ mrkdwn: false, unfurl_links: false },
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: notice.subject, emoji: false } },
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: notice.text.trimEnd() }] }],
        },
      ],
    });
  });

  it('interprets nothing: blocks have plain text, and the fallback is escaped', () => {
    const message = slackMessage({ ...notice, subject: evil, text: evil });
    for (const { type, ...more } of holders(message, '<!channel>').filter(one => !('blocks' in one)))
      expect([type, 'emoji' in more ? more['emoji'] : false]).toEqual([
        expect.stringMatching(/^(plain_text|text)$/),
        false,
      ]);
    expect(message).toMatchObject({ text: expect.stringMatching(/^&lt;!channel&gt; &lt;https:.*&amp;amp;$/) });
  });

  it('stays below the limits of Slack', () => {
    const long = slackMessage({ ...notice, subject: 's'.repeat(500), text: '😀'.repeat(5000) });
    const strings = parts(long).filter(([, part]) => typeof part === 'string');
    expect(Math.max(...strings.map(([, part]) => String(part).length))).toBeLessThanOrEqual(3000);
    expect(long).toMatchObject({ blocks: [{ text: { text: expect.stringMatching(/^s{149}…$/) } }, expect.anything()] });
    expect(JSON.stringify(long)).not.toMatch(/\\ud83d(?!\\ude00)/i);
  });
});

describe('Teams', () => {
  it('has an Adaptive Card, which a workflow posts', () => {
    const message = teamsMessage(notice);
    expect(message).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', version: '1.4', msteams: { width: 'Full' } },
        },
      ],
    });
    expect(pathsWith(message, 'expected "no"')).toEqual(['.attachments.0.content.body.3.inlines.0.text']);
    expect(JSON.stringify(message)).toContain('"color":"Attention"');
    expect(JSON.stringify(teamsMessage({ ...notice, isGood: true }))).toContain('"color":"Good"');
  });

  it('interprets nothing: only text runs have text from outside', () => {
    const message = teamsMessage({ ...notice, text: evil });
    expect(holders(message, 'evil.example').map(({ type }) => type)).toEqual(['TextRun']);
    expect(JSON.stringify(message)).not.toContain('"TextBlock"');
  });

  it('stays below 28 KB, with a line for each line', () => {
    const text = Array.from({ length: 3000 }, (_, line) => `line ${line} ${'ä'.repeat(40)}`).join('\n');
    expect(Buffer.byteLength(JSON.stringify(teamsMessage({ ...notice, text })))).toBeLessThan(28_000);
    const blank = '\n'.repeat(9000);
    expect(Buffer.byteLength(JSON.stringify(teamsMessage({ ...notice, text: `a${blank}b` })))).toBeLessThan(28_000);
  });
});

it.each([
  ['Slack', slackMessage],
  ['Teams', teamsMessage],
])('%s gets a link to the page that shows more, and nothing of what is for programs', (_, form) => {
  const link = 'https://git.example.com/estate/pull/17';
  expect(pathsWith(form({ ...notice, link }), link)).toHaveLength(1);
  expect(pathsWith(form(notice), 'only for programs')).toEqual([]);
});
