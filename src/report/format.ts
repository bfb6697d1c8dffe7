import { extname } from 'node:path';
import type { Report } from '../core/report.ts';
import { withCommandLines } from './command-lines.ts';
import { renderJson } from './json.ts';
import type { RuleHelp } from './sarif.ts';
import { renderText } from './text.ts';
import type { TextOptions } from './text-options.ts';

/** The ways a report can be written. */
export const formats = ['text', 'json', 'markdown', 'sarif', 'junit', 'html', 'github'] as const;

/** One of them. */
export type Format = (typeof formats)[number];

/** What rendering needs besides the report; the same report and facts give the same bytes. */
export interface RenderFacts extends TextOptions {
  readonly now: string;
  /** Of this program. */
  readonly version: string;
  /** The explanation of a finding code, where there is one. */
  readonly help: (code: string) => RuleHelp | undefined;
}

/** A report in a format; ends with a line end. What draws most formats is loaded when it is needed: the start would take longer. */
export async function renderReport(given: Report, format: Format, facts: RenderFacts): Promise<string> {
  const report = facts.draw ? withCommandLines(given, facts.draw, facts.savedPlan) : given;
  switch (format) {
    case 'text':
      return renderText(report, facts);
    case 'json':
      return renderJson(report);
    case 'markdown':
      return (await import('./markdown/render-markdown.ts')).renderMarkdown(report, facts);
    case 'sarif':
      return (await import('./sarif.ts')).renderSarif(report, facts);
    case 'junit':
      return (await import('./junit.ts')).renderJunit(report, facts.now);
    case 'html':
      return (await import('./html/render-html.ts')).renderHtml(report, facts);
    case 'github':
      return (await import('./github.ts')).renderGithub(report);
  }
}

const endings: Readonly<Record<string, Format>> = {
  '.txt': 'text',
  '.json': 'json',
  '.md': 'markdown',
  '.sarif': 'sarif',
  '.xml': 'junit',
  '.html': 'html',
};

/** The format that the ending of a file's name stands for. */
export function formatOfFile(file: string): Format | undefined {
  return endings[extname(file).toLowerCase()];
}
