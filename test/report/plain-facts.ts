import type { RenderFacts } from '../../src/report/format.ts';

/** What a report is drawn with where a test is about something else: no colour, nothing managed, no page of help. */
export const plainFacts: RenderFacts = {
  color: false,
  columns: 1000,
  verbose: false,
  version: '0',
  now: '2026-11-22T15:02:11.000Z',
  help: () => undefined,
  managed: () => [],
};
