import { toUSVString } from 'node:util';
import { type Finding, fullDetail } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { renderPosition } from '../view/words.ts';

/** What was looked at on one target. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  /** What else is to be said, which makes nothing fail. */
  readonly output?: string;
}

/** Something managed or asked; without an outcome it is as it should be. */
export interface Case {
  readonly name: string;
  readonly outcome?: Outcome;
}

/** `failure`: it is not as it should be; `error`: that could not be found out; `skipped`: it is left alone. */
export interface Outcome {
  readonly form: 'failure' | 'error' | 'skipped';
  /** A code. */
  readonly type: string;
  /** One line. */
  readonly message: string;
  readonly text?: string;
}

/** Errors as cases that fail, or that could not be run where they are about what could not be read. */
export function findingCases(findings: readonly Finding[], form: 'failure' | 'error' = 'failure'): readonly Case[] {
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(finding => {
      const { code, summary, where } = finding;
      const place = where ? `${renderPosition(where)}: ` : '';
      const outcome = { form, type: code, message: `${place}${summary}`, text: fullDetail(finding) };
      return { name: `${place}${code}`, outcome };
    });
}

/** Warnings and notes, which make no case fail; nothing where there are none. */
export function findingOutput(findings: readonly Finding[]): Pick<Suite, 'output'> {
  const others = findings.filter(({ severity }) => severity !== 'error');
  if (others.length === 0) return {};
  const lines = others.map(one => `${one.severity} ${one.code}: ${one.summary}\n${fullDetail(one)}`);
  return { output: lines.join('\n') };
}

/** What every suite of a report has in common. */
export interface SuiteFacts {
  readonly command: string;
  readonly estate: string;
  readonly at: string;
}

/** A suite as XML, in the part of the form that the schemas of Jenkins and of Windy Road agree on. */
export function suiteXml({ name, cases, output }: Suite, id: number, { command, estate, at }: SuiteFacts): string {
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
