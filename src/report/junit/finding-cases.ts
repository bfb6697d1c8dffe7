import { type Finding, fullDetail } from '../../core/finding.ts';
import { renderPosition } from '../findings.ts';
import type { Case, Suite } from './suite.ts';

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
export function toldBeside(findings: readonly Finding[]): Pick<Suite, 'told'> {
  const others = findings.filter(({ severity }) => severity !== 'error');
  if (others.length === 0) return {};
  const lines = others.map(one => `${one.severity} ${one.code}: ${one.summary}\n${fullDetail(one)}`);
  return { told: lines.join('\n') };
}
