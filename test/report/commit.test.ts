import { expect, it } from 'vitest';
import type { Commit } from '../../src/core/finding.ts';
import type { Report } from '../../src/core/report.ts';
import { formats, renderReport } from '../../src/report/format.ts';
import { auditReport, planReport, sizes, verifyReport } from './html/sample-reports.ts';
import { reportErrors } from './official-schemas.ts';
import { plainFacts } from './plain-facts.ts';

const commit: Commit = {
  id: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
  author: 'Ana Admin',
  link: 'https://git.example.com/ops/estate/commit/a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
  pullRequest: { name: 'pull request 17', link: 'https://git.example.com/ops/estate/pull/17' },
};

const reports: readonly Report[] = [planReport(sizes.small), auditReport(), verifyReport()];

it.each(reports)('a report of $command names its commit as text', async report => {
  const [line] = (await renderReport({ ...report, commit }, 'text', plainFacts)).split('\n');
  expect(line).toMatch(/^reconcile \w+ {2}example\.com {2}a1b2c3d {2}(?:read|asked) /);
  const changed = await renderReport({ ...report, commit, clean: false }, 'text', plainFacts);
  expect(changed).toContain('example.com  a1b2c3d (changed)  ');
});

it.each(reports)(
  'a report of $command names its commit, author and pull request as markdown and html',
  async report => {
    const markdown = await renderReport({ ...report, commit }, 'markdown', plainFacts);
    expect(markdown).toContain(
      `Commit [\`a1b2c3d\`](<${commit.link}>) by \`Ana Admin\`; [pull request 17](<${commit.pullRequest?.link}>); read `,
    );
    const html = await renderReport({ ...report, commit }, 'html', plainFacts);
    expect(html).toContain(
      `commit <a href="${commit.link}" rel="noreferrer"><code>a1b2c3d</code></a> by Ana Admin</li><li><a href="${commit.pullRequest?.link}" rel="noreferrer">pull request 17</a></li>`,
    );
  },
);

it.each(reports)('a report of $command has it in its JSON, as the schema says', async report => {
  const text = await renderReport({ ...report, commit, clean: false }, 'json', plainFacts);
  expect(JSON.parse(text)).toMatchObject({ commit, clean: false });
  expect(reportErrors(text)).toEqual([]);
});

/** Addresses that a reader must not follow, and one that ends where it should not. */
const bad = [
  'javascript:alert(1)//https://git.example.com',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'https://ops:secret@git.example.com/x',
  'https://git.example.com/x" onclick="alert(1)',
  'https://git.example.com/x>) [y](javascript:alert(1))',
  'https://git.example.com/x\njavascript:alert(1)',
];

it.each(bad)('no format links to %j', async link => {
  const name = '](x) <img src=x onerror=alert(1)> @team `x` "y"\u202e';
  const hostile: Commit = { id: `a1b2c3d`, author: name, link, pullRequest: { name, link } };
  for (const format of formats.filter(one => one !== 'json')) {
    const drawn = await renderReport({ ...planReport(sizes.small), commit: hostile }, format, plainFacts);
    expect(drawn).not.toContain(link);
    if (format !== 'html') expect(drawn).not.toMatch(/\]\(<?(?:javascript|data|file):/);
    if (format === 'html') expect(drawn).not.toMatch(/href="(?!#|data:image\/svg)|<img/);
    if (format === 'markdown') expect(drawn).toContain('``](x) <img src=x onerror=alert(1)> @team `x` "y"\\u202e``');
  }
});
