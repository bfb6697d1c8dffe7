import { type Finding, fullDetail } from '../../core/finding.ts';
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

/** `failure`: it is not as it should be; `error`: that could not be found out; `skipped`: nobody looks at it. */
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
