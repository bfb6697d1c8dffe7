import { expect, it } from 'vitest';
import { type DoctorReport, foundStep, skippedStep } from '../../src/core/examination.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { type Format, formats, renderReport } from '../../src/report/format.ts';
import { junitErrors, reportErrors, sarifErrors } from './official-schemas.ts';

const source = { file: 'estate.yaml', line: 12 };
const report: DoctorReport = {
  ...{ command: 'doctor', exitCode: 4, estate: 'example.com', files: ['estate.yaml'] },
  examinedAt: '2026-11-30T11:00:00.000Z',
  targets: [
    {
      ...{ name: 'cs6-fe1', of: 'cs6', source },
      steps: [
        foundStep('name', 'cs6-fe1 is 192.0.2.1'),
        foundStep('host key', 'The host key is not in the known_hosts file', [
          finding('host.key-unknown', { detail: 'cs6-fe1 shows \u001b[31mssh-ed25519', target: 'cs6-fe1' }),
        ]),
        skippedStep('login', '"host key" failed'),
      ],
    },
    {
      ...{ name: 'directory', of: 'directory', source: { file: 'estate.yaml', line: 3 } },
      steps: [
        foundStep('login', 'as cn=reconcile'),
        foundStep('disk space', '20 MB free', [
          finding('doctor.disk-full', { severity: 'warning', detail: 'full:\n    df -k /etc', target: 'directory' }),
        ]),
      ],
    },
  ],
  findings: [],
};

const draw = () => 'reconcile doctor --trust cs6-fe1';
const facts = {
  ...{ color: false, columns: 80, verbose: false, now: '2026-11-30T12:00:00Z', version: '0.0.0', managed: () => [] },
  ...{ help: () => undefined, draw },
};

it.each(formats)('as %s has every fact, and no control character', async format => {
  const text = await renderReport(report, format, facts);
  for (const fact of ['cs6-fe1', 'host.key-unknown', 'doctor.disk-full', 'df -k /etc', 'doctor --trust cs6-fe1'])
    expect(text).toContain(fact);
  expect([...text].filter(char => char < ' ' && char !== '\n')).toEqual([]);
});

it('as text says the state of each step, and what to copy on a line of its own', async () => {
  expect(await renderReport(report, 'text', facts)).toMatchSnapshot();
});

it('follows the schemas', async () => {
  const as = (format: Format) => renderReport(report, format, facts);
  expect(reportErrors(await as('json'))).toEqual([]);
  expect(sarifErrors(await as('sarif'))).toEqual([]);
  expect(junitErrors(await as('junit'))).toBe('');
});

it('as JUnit fails for a step that fails, and skips one that was not checked', async () => {
  const xml = await renderReport(report, 'junit', facts);
  expect(xml).toContain('name="cs6-fe1" hostname="cs6-fe1" timestamp="2026-11-30T11:00:00" tests="3" failures="1"');
  expect(xml).toContain('<skipped>&quot;host key&quot; failed</skipped>');
});
