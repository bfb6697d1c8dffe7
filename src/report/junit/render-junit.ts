import { toUSVString } from 'node:util';
import { printable } from '../../core/printable.ts';
import type { Report } from '../../core/report.ts';
import { commandOf, estateOf, readAtOf } from '../view/report-facts.ts';
import type { Case, Suite } from './finding-cases.ts';
import { suitesOf } from './suites-of.ts';

/**
 * A report as JUnit XML: a suite for each target, a case for each managed thing, and a failure for each that differs. In the
 * part of the form that the schemas of Jenkins and of Windy Road agree on, and `skipped`, which only the former knows.
 */
export function renderJunit(report: Report, now: string): string {
  const facts = { command: commandOf(report), estate: estateOf(report), at: readAtOf(report) ?? now };
  const suites = suitesOf(report).map((suite, i) => suiteXml(suite, i, facts));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

interface SuiteFacts {
  readonly command: string;
  readonly estate: string;
  readonly at: string;
}

function suiteXml({ name, cases, output }: Suite, id: number, { command, estate, at }: SuiteFacts): string {
  const number = (form: 'failure' | 'error') => cases.filter(({ outcome }) => outcome?.form === form).length;
  const package_ = `reconcile.${command}`;
  const attributes = {
    id: String(id),
    package: package_,
    name: token(name),
    hostname: token(name),
    // The schemas want a time without a zone.
    timestamp: at.slice(0, '2026-11-22T14:02:11'.length),
    tests: String(cases.length),
    failures: String(number('failure')),
    errors: String(number('error')),
    time: '0',
  };
  return [
    `  <testsuite ${attributesXml(attributes)}>`,
    '    <properties>',
    `      <property ${attributesXml({ name: 'estate', value: estate })}/>`,
    '    </properties>',
    ...cases.map(one => caseXml(one, `${package_}.${token(name)}`)),
    `    <system-out>${escapeXml(output ?? '')}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>\n',
  ].join('\n');
}

function caseXml({ name, outcome }: Case, classname: string): string {
  const head = `    <testcase ${attributesXml({ name: token(name), classname, time: '0' })}`;
  if (!outcome) return `${head}/>`;
  const { form, type, message, text } = outcome;
  const inner =
    form === 'skipped'
      ? `<skipped>${escapeXml(message)}</skipped>`
      : `<${form} ${attributesXml({ type, message })}>${escapeXml(text ?? message)}</${form}>`;
  return `${head}>${inner}</testcase>`;
}

function attributesXml(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escapeXml(value).replaceAll('\n', '&#10;')}"`)
    .join(' ');
}

/** One line without blanks at its ends, never empty: the schemas want a token. */
function token(text: string): string {
  return text.replace(/\s+/g, ' ').trim() || '-';
}

/** Characters that XML 1.0 has no form for are shown as `\u0000`, also those that only stand alone. */
function escapeXml(text: string): string {
  return toUSVString(printable(text))
    .replace(/[\ufffe\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
