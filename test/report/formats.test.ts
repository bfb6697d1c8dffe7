import { describe, expect, it } from 'vitest';
import { type PlannedState, withoutConnections } from '../../src/core/connection.ts';
import type { Report } from '../../src/core/report.ts';
import { findingPages } from '../../src/findings/areas.ts';
import { targetsOf } from '../../src/kinds/registry.ts';
import { type Format, formatOfFile, formats, renderReport } from '../../src/report/format.ts';
import { hostileReports } from './html/hostile-reports.ts';
import { sampleReports } from './html/sample-reports.ts';
import { junitErrors, reportErrors, sarifErrors } from './official-schemas.ts';

const facts = {
  color: false,
  verbose: false,
  version: '0.1.0',
  now: '2026-11-22T15:02:11.000Z',
  managed: (desired: PlannedState) => targetsOf(withoutConnections(desired)),
  help: (code: string) => findingPages.find(page => page.code === code),
};

/** What a terminal or a page obeys; line ends aside. */
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const render = (report: Report, format: Format) => renderReport(report, format, facts);
const kinds = Object.entries({ ...sampleReports, ...hostileReports }).map(([name, make]) => [name, make()] as const);

describe.each(kinds)('%s', (_, report) => {
  it('is valid SARIF 2.1.0', async () => {
    expect(sarifErrors(await render(report, 'sarif'))).toEqual([]);
  });

  it('is valid JUnit', async () => {
    expect(junitErrors(await render(report, 'junit'))).toBe('');
  });

  it.each(formats)('as %s is the same each time, and ends with a line end', async format => {
    const text = await render(report, format);
    expect(await render(report, format)).toBe(text);
    expect(text.endsWith('\n')).toBe(true);
  });

  it.each(['markdown', 'github', 'junit'] as const)('as %s has no control character', async format => {
    expect(await render(report, format)).not.toMatch(controls);
  });
});

describe.each(Object.entries(sampleReports).map(([name, make]) => [name, make()] as const))('%s', (_, report) => {
  it('fits the published schema', async () => {
    expect(reportErrors(await render(report, 'json'))).toEqual([]);
  });
});

it('a report of another form does not fit the schema', () => {
  expect(reportErrors('{ "command": "plan", "exitCode": 0 }')).not.toEqual([]);
});

it.each([
  ['out/report.sarif', 'sarif'],
  ['REPORT.HTML', 'html'],
  ['junit.xml', 'junit'],
  ['comment.md', 'markdown'],
  ['plan', undefined],
])('the ending of %s means %s', (file, format) => {
  expect(formatOfFile(file)).toBe(format);
});

it.each(['hostile-plan', 'hostile-run', 'hostile-validate', 'hostile-audit'])(
  '%s as text has no control character',
  async name => {
    const report = hostileReports[name]?.();
    expect(report && (await render(report, 'text'))).not.toMatch(controls);
  },
);
