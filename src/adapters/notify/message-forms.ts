import type { Notice } from '../../ports/daemon.ts';

/** Characters of text that are sent: Slack takes 3,000 in a part, Teams 28 KB in a message. */
const mostText = 2_800;

/** Lines that are sent to Teams: each is a part of its own there. */
const mostLines = 60;

/** Characters of the line above it; Slack takes 150. */
const mostSubject = 150;

/**
 * A message with Block Kit (https://docs.slack.dev/block-kit). Text from outside is in parts that Slack does not interpret: no
 * value can mention anyone, hide a link or look like a heading. The fallback, which notifications show, is escaped.
 */
export function slackMessage({ subject, text, link }: Notice): object {
  const head = cut(subject, mostSubject);
  const more = link === undefined ? [] : [{ type: 'link', url: link, text: 'Show more' }];
  return {
    text: head.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    mrkdwn: false,
    unfurl_links: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: head, emoji: false } },
      {
        type: 'rich_text',
        elements: [
          { type: 'rich_text_preformatted', elements: [{ type: 'text', text: cut(text.trimEnd(), mostText) }] },
          ...(more.length > 0 ? [{ type: 'rich_text_section', elements: more }] : []),
        ],
      },
    ],
  };
}

/**
 * A message with an Adaptive Card, as the trigger "When a Teams webhook request is received" of Workflows takes it. Only text
 * runs hold text from outside: Teams reads Markdown in text blocks.
 */
export function teamsMessage({ subject, text, link, isGood }: Notice): object {
  const color = isGood ? 'Good' : 'Attention';
  const all = cut(text.trimEnd(), mostText).split('\n');
  const lines = all.length <= mostLines ? all : [...all.slice(0, mostLines - 1), '…'];
  const run = (line: string, more: object = {}) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: line === '' ? ' ' : line, ...more }],
  });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: cut(subject, mostSubject),
    msteams: { width: 'Full' },
    body: [
      run(cut(subject, mostSubject), { size: 'Large', weight: 'Bolder', color }),
      ...lines.map(line => ({ ...run(line, { fontType: 'Monospace' }), spacing: 'None' })),
    ],
    ...(link !== undefined && { actions: [{ type: 'Action.OpenUrl', title: 'Show more', url: link }] }),
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content: card }] };
}

/** At most so many characters; what is left out is seen. A pair of UTF-16 stays one. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
