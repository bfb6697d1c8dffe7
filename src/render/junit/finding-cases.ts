import type { Finding } from '../../core/finding.ts';
import { renderPosition } from '../findings.ts';
import type { Case, Suite } from './suite.ts';

/** Errors as cases that fail, or that could not be run where they are about what could not be read. */
export function findingCases(findings: readonly Finding[], form: 'failure' | 'error' = 'failure'): readonly Case[] {
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, summary, detail, where }) => {
      const place = where ? `${renderPosition(where)}: ` : '';
      return { name: `${place}${code}`, outcome: { form, type: code, message: `${place}${summary}`, text: detail } };
    });
}

/** Warnings and notes, which make no case fail; nothing where there are none. */
export function toldBeside(findings: readonly Finding[]): Pick<Suite, 'told'> {
  const others = findings.filter(({ severity }) => severity !== 'error');
  if (others.length === 0) return {};
  const lines = others.map(({ severity, code, summary, detail }) => `${severity} ${code}: ${summary}\n${detail}`);
  return { told: lines.join('\n') };
}
