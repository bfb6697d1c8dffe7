import type { Finding } from '../core/finding.ts';
import { deletionsOf, movesOf } from '../core/moves.ts';
import type { AccountCount, Plan, Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { PlanReport, Report } from '../core/report.ts';
import { countStates } from '../core/run.ts';
import { renderAudit } from './audit.ts';
import { renderAccountChanges, renderHostChanges, renderValues } from './change-lines.ts';
import { renderFindings } from './findings.ts';
import { renderRun } from './run.ts';
import { count, makeStyle, type Style } from './style.ts';

/** How text is to look. */
export interface TextOptions {
  readonly color: boolean;
  /** Nothing is folded. */
  readonly verbose: boolean;
  /** Where the plan was saved, for the command to copy. */
  readonly savedPlan?: string;
}

/** A report as text for people; ends with a line end. */
export function renderText(report: Report, options: TextOptions): string {
  const style = makeStyle(options.color);
  if (report.command === 'audit') return `${renderAudit(report, style, options.verbose).join('\n')}\n`;
  const lines =
    report.command === 'validate' ? validateLines(report, style, options) : planLines(report, style, options);
  return `${lines.join('\n')}\n`;
}

function validateLines(
  report: Report & { command: 'validate' },
  style: Style,
  { verbose }: TextOptions,
): readonly string[] {
  const found = renderFindings(report.findings, style, verbose);
  const errors = report.findings.filter(f => f.severity === 'error').length;
  const verdict = errors > 0 ? style.bad(count(errors, 'error')) : style.good('valid');
  return [...found, `${report.files.map(printable).join(', ')}: ${verdict}`];
}

function planLines(report: PlanReport, style: Style, options: TextOptions): readonly string[] {
  const { plan } = report;
  const blocks: readonly (readonly string[])[] = [
    [headline(report, style)],
    hostSection(
      'cs6 hosts',
      plan.desired.cs6.map(h => h.name),
      plan,
      style,
      options.verbose,
    ),
    hostSection(
      'cs7 hosts',
      plan.desired.cs7.map(h => h.name),
      plan,
      style,
      options.verbose,
    ),
    identitySection(plan, style, options.verbose),
    ...plan.desired.cohorts.map(({ name }) => cohortSection(name, plan, style, options.verbose)),
    loginSection(plan, style, options.verbose),
    ...plan.steps.map(step => calendarSection(step, style, options.verbose)),
    ignoredSection(plan, style),
    findingsBlock(toldFindings(report), style, options.verbose),
    'run' in report && report.run ? renderRun(report.run, style, options.verbose) : [],
    closing(report, style, options),
  ];
  return blocks.flat();
}

function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  const rank = { note: 0, warning: 1, error: 2 };
  return [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function ignoredSection({ ignored }: Plan, style: Style): readonly string[] {
  if (ignored.length === 0) return [];
  const lines = ignored.map(({ target, change, until, reason, owner }) => {
    const item = target === 'directory' ? ` ${change.item}` : '';
    const why = style.dim(`until ${until}: ${printable(reason)} (${printable(owner)})`);
    return `  = ${target}${printable(item)}  ${printable(change.key)}  ${renderValues(change)}  ${why}`;
  });
  return [style.strong('ignored'), ...lines];
}

/** Of the plan, and of this command what keeps it from being carried out, which says more than a note of the plan about the same. */
function toldFindings({ plan, refusals }: PlanReport): readonly Finding[] {
  const here = refusals.filter(finding => !plan.findings.includes(finding));
  const codes = new Set(here.map(({ code }) => code));
  return [...plan.findings.filter(({ code }) => !codes.has(code)), ...here];
}

function findingsBlock(findings: readonly Finding[], style: Style, verbose: boolean): readonly string[] {
  return findings.length === 0 ? [] : ['', ...renderFindings(bySeverity(findings), style, verbose), ''];
}

function headline({ command, plan }: PlanReport, style: Style): string {
  const unread = plan.unread.length > 0 ? `  ${style.bad(`unread: ${plan.unread.join(', ')}`)}` : '';
  return `${style.strong(`reconcile ${command}`)}  ${printable(plan.desired.name)}  read ${plan.readAt.replace(/\.\d+Z$/, 'Z')}  ${count(plan.hosts, 'host')}  ${accountsText(plan.accounts)}${unread}\n`;
}

function hostSection(
  title: string,
  names: readonly string[],
  plan: Plan,
  style: Style,
  verbose: boolean,
): readonly string[] {
  const placed = plan.steps
    .filter(step => names.includes(step.target) && step.stage !== 'cs6-calendars')
    .flatMap(step => step.changes.map(change => ({ target: step.target, change })));
  if (placed.length === 0) return [];
  return [style.strong(`${title} (${names.length})`), ...renderHostChanges(placed, style, verbose)];
}

function accountSteps(plan: Plan, stage: Step['stage']): Step['changes'] {
  return plan.steps.filter(step => step.stage === stage).flatMap(step => step.changes);
}

function identitySection(plan: Plan, style: Style, verbose: boolean): readonly string[] {
  const changes = accountSteps(plan, 'identity');
  if (changes.length === 0) return [];
  return [style.strong('directory'), ...renderAccountChanges(changes, style, verbose)];
}

function cohortSection(name: string, plan: Plan, style: Style, verbose: boolean): readonly string[] {
  const changes = accountSteps(plan, 'accounts').filter(change => change.group === name);
  if (changes.length === 0) return [];
  const onCs6 = plan.desired.cohorts.find(c => c.name === name)?.store === undefined;
  const to = onCs6 === (plan.direction === 'forward') ? 'cs7 -> cs6' : 'cs6 -> cs7';
  const moves = movesOf(plan.steps, name).length;
  const title = `cohort ${name}  ${moves.toLocaleString('en-US')} of ${accountsText(plan.accounts)} move ${to} (${shareText(plan, name, moves)})`;
  return [style.strong(title), ...renderAccountChanges(changes, style, verbose)];
}

function shareText({ accounts, desired }: Plan, cohort: string, moves: number): string {
  const limit = desired.cohorts.find(({ name }) => name === cohort)?.limit ?? desired.limits.moves;
  const allowed = `limit ${'accounts' in limit ? limit.accounts : `${limit.percent} %`}`;
  return accounts.all ? `${((100 * moves) / Math.max(1, accounts.counted)).toFixed(1)} %, ${allowed}` : allowed;
}

function loginSection(plan: Plan, style: Style, verbose: boolean): readonly string[] {
  const changes = accountSteps(plan, 'cs6-logins');
  if (changes.length === 0) return [];
  return [style.strong('login to CS6, once CS7 answers'), ...renderAccountChanges(changes, style, verbose)];
}

function calendarSection({ stage, target, changes }: Step, style: Style, verbose: boolean): readonly string[] {
  if (stage !== 'cs6-calendars') return [];
  const title = `calendars on ${target}, deleted once CS7 answers: cannot be undone`;
  return [style.strong(title), ...renderAccountChanges(changes, style, verbose)];
}

function accountsText({ counted, all }: AccountCount): string {
  return all ? count(counted, 'account') : `${count(counted, 'account')} or more`;
}

function closing(report: PlanReport, style: Style, options: TextOptions): readonly string[] {
  const { plan } = report;
  const ran = 'run' in report && report.run !== undefined;
  const unreadOnly = report.refusals.length === 0 || plan.unread.length > 0;
  if (plan.steps.length === 0 && !ran && unreadOnly)
    return plan.direction === 'undo'
      ? ['Nothing of it is left to take back.']
      : [
          plan.unread.length > 0
            ? style.warn('What was read is in sync; not everything could be read.')
            : style.good('In sync.'),
        ];
  const refused =
    report.refusals.length > 0 && !ran
      ? [style.bad(`Refused: ${count(report.refusals.length, 'error')} above. Nothing was written.`)]
      : [];
  const command =
    options.savedPlan !== undefined && report.refusals.length === 0
      ? ['Apply exactly this:', `    reconcile apply ${printable(options.savedPlan)}`]
      : [];
  return [...(ran ? [] : [summary(plan)]), ...refused, ...command, ...(refused.length > 0 ? [] : heldLines(report))];
}

/** What an apply leaves undone unless it is allowed by number. */
function heldLines(report: PlanReport): readonly string[] {
  const held = 'run' in report && report.run ? countStates(report.run).held : deletionsOf(report.plan.steps).length;
  if (held === 0) return [];
  return [
    `${count(held, 'account')} would lose calendars on CS6, which nothing brings back. Only this does it:`,
    `    reconcile apply --allow-deletes ${held}`,
  ];
}

function summary(plan: Plan): string {
  const hosts = new Set(plan.steps.map(s => s.target).filter(t => t !== 'directory')).size;
  const moves = movesOf(plan.steps).length;
  const ids = accountSteps(plan, 'identity').length;
  const restarts = plan.steps.flatMap(s => s.changes).filter(c => c.action === 'restart').length;
  const parts = [
    `${count(hosts, 'host changes', 'hosts change')}`,
    count(ids, 'unique id'),
    count(moves, 'move'),
    count(deletionsOf(plan.steps).length, 'deletion'),
    count(restarts, 'restart'),
  ];
  return `Plan ${plan.digest.slice(0, 8)}: ${parts.join(', ')}`;
}
