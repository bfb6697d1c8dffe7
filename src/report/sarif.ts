import { createHash } from 'node:crypto';
import { toUSVString } from 'node:util';
import type { SourcePosition } from '../core/finding.ts';
import { printable, printableJson } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import { count } from '../core/units.ts';
import type { Annotation } from './view/annotation.ts';
import { annotationsOf } from './view/annotations.ts';
import { commandOf, estateOf, isTime, outcomeText, readAtOf } from './view/report-facts.ts';

/** What is known of a finding code besides its fixed text; whole sentences. */
export interface RuleHelp {
  readonly means: string;
  readonly why: string;
  readonly remedy: string;
}

/** What the log says of the program. */
export interface SarifFacts {
  readonly version: string;
  /** What the reader of the log calls a file of the user's. */
  readonly place?: (file: string) => string;
  readonly help: (code: string) => RuleHelp | undefined;
}

/** GitHub shows so many results of a run, and refuses a log with more than 25,000. */
const mostResults = 5_000;

/** What relative names of files begin at: the reader of the log knows it. */
const root = '%SRCROOT%';

/** A report as a SARIF 2.1.0 log: what is wrong and what would change, on the line of the YAML that asks for it. */
export function renderSarif(report: Report, facts: SarifFacts): string {
  const annotations = annotationsOf(report, 'each', facts.place);
  const shown = annotations.slice(0, mostResults);
  const rules = rulesOf(shown, facts);
  const ordinals = new Map<string, number>();
  const run = {
    tool: { driver: { name: 'reconcile', version: facts.version, rules: rules.map(({ rule }) => rule) } },
    automationDetails: { id: `reconcile/${encodeURIComponent(toUSVString(estateOf(report)))}/${commandOf(report)}/` },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: {
      [root]: {
        description: { text: 'The root of the repository; outside of one, the folder the command was run in.' },
      },
    },
    invocations: [invocationOf(report, annotations.length - shown.length)],
    results: shown.map(annotation =>
      resultOf(
        annotation,
        rules.findIndex(({ id }) => id === annotation.rule),
        ordinals,
      ),
    ),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return printableJson(log);
}

function rulesOf(
  annotations: readonly Annotation[],
  { help }: SarifFacts,
): readonly { readonly id: string; readonly rule: object }[] {
  const byRule = new Map(annotations.map(annotation => [annotation.rule, annotation]));
  return [...byRule].map(([id, { title, level }]) => {
    const known = help(id);
    const text = known ? `${known.means}\n\n${known.why}\n\n${known.remedy}` : title;
    return {
      id,
      rule: {
        id,
        shortDescription: { text: title },
        fullDescription: { text: known?.means ?? title },
        help: { text, ...(known && { markdown: helpMarkdown(known) }) },
        defaultConfiguration: { level },
      },
    };
  });
}

function helpMarkdown({ means, why, remedy }: RuleHelp): string {
  return `${means}\n\n**Why:** ${why}\n\n**What to do:** ${remedy}`;
}

function invocationOf(report: Report, leftOut: number): object {
  const { command, exitCode } = report;
  const readAt = readAtOf(report);
  const more = `${count(leftOut, 'more result is', 'more results are')} left out; --format json has all of them.`;
  return {
    // A file with errors was looked at all the same; a command that failed or could not read everything was not carried out whole.
    executionSuccessful:
      command === 'validate' || command === 'doctor' || (command !== 'failed' && exitCode !== 1 && exitCode !== 4),
    exitCode,
    exitCodeDescription: outcomeText(report),
    ...(readAt !== undefined && { startTimeUtc: readAt }),
    ...('run' in report && report.run && isTime(report.run.endedAt) && { endTimeUtc: report.run.endedAt }),
    ...(leftOut > 0 && { toolExecutionNotifications: [{ level: 'warning', message: { text: more } }] }),
  };
}

function resultOf(annotation: Annotation, ruleIndex: number, ordinals: Map<string, number>): object {
  const { rule, level, where, live, message } = annotation;
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: plainMessage(message) },
    locations: [{ physicalLocation: physicalLocation(where) }],
    ...(live && { relatedLocations: [liveLocation(live)] }),
    partialFingerprints: { 'reconcileRemark/v1': fingerprint(annotation, ordinals) },
  };
}

function physicalLocation(where: SourcePosition): object {
  const { file, line, column, endColumn } = where;
  return {
    artifactLocation: fileLocation(file),
    region: {
      startLine: line,
      ...(column !== undefined && { startColumn: column }),
      ...(endColumn !== undefined && { endColumn }),
    },
  };
}

function fileLocation(file: string): object {
  const uri = encodeURI(toUSVString(file).replaceAll('\\', '/')).replace(/[?#]/g, encodeURIComponent);
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri: uri.replace(/^(?:\.\/)+/, ''), uriBaseId: root };
}

function liveLocation({ target, position: { file, line, column } }: NonNullable<Annotation['live']>): object {
  const path = encodeURI(toUSVString(file)).replace(/[?#]/g, encodeURIComponent);
  return {
    id: 1,
    message: { text: `what ${printable(target)} has` },
    physicalLocation: {
      artifactLocation: {
        uri: `file://${encodeURIComponent(toUSVString(target))}${path.startsWith('/') ? '' : '/'}${path}`,
      },
      region: { startLine: line, ...(column !== undefined && { startColumn: column }) },
    },
  };
}

/** The same over runs, also when lines move; several alike are numbered. */
function fingerprint({ identity }: Annotation, ordinals: Map<string, number>): string {
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
  const ordinal = (ordinals.get(hash) ?? 0) + 1;
  ordinals.set(hash, ordinal);
  return `${hash}:${ordinal}`;
}

/** Text from outside makes no link and no placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). */
function plainMessage(text: string): string {
  return text.replaceAll('](', '] (').replace(/\{(\d+)\}/g, '{{$1}}');
}
