import { chapterTitle } from '../../src/core/declared.ts';
import { type FindingArea, type FindingPage, findingAreas } from '../../src/findings/areas.ts';

const introduction = `# Findings

<!-- Generated from src/findings by \`npx vitest run test/docs -u\`. -->

Every message has a code. This page lists all codes by area. \`reconcile explain CODE\` shows the same in the terminal.

An error keeps a command from doing its whole job. A warning needs your attention. A note is for your information.
`;

/** The page of every finding code, by area. */
export function findingPage(): string {
  const index = findingAreas.map(area => `- [${titleOf(area)}](#${slug(area)})`).join('\n');
  return `${[introduction, index, ...findingAreas.map(section)].join('\n')}`;
}

function titleOf({ title }: FindingArea): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
}

function slug(area: FindingArea): string {
  return titleOf(area)
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function section(area: FindingArea): string {
  return [`\n## ${titleOf(area)}\n`, ...area.pages.map(entry)].join('\n');
}

/** The anchor is the code itself, which a heading would lose its dot of. */
function entry({ code, severity, summary, means, why, remedy, chapter }: FindingPage): string {
  return [
    `<a id="${code}"></a>`,
    '',
    `### \`${code}\``,
    '',
    `**${markdownText(summary)}** (${[severity].flat().join(' or ')})`,
    '',
    markdownText(means),
    '',
    `*Why:* ${markdownText(why)}`,
    '',
    `*What to do:* ${markdownText(remedy)}`,
    '',
    ...(chapter === undefined ? [] : [`*Chapter:* ${chapter} (${chapterTitle}).`, '']),
  ].join('\n');
}

/** Markdown that shows the text as it is; code in backquotes stays code, and a URL is code too. */
export function markdownText(plain: string): string {
  return plain
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : escaped(part)))
    .join('');
}

function escaped(plain: string): string {
  return plain.replace(/(?:https?|ldaps?):\/\/[^\s,;]*[\w/]|[\\<>*_[\]|]/g, found =>
    found.length > 1 ? `\`${found}\`` : `\\${found}`,
  );
}
