import type { HostCount } from '../../../core/desired.ts';
import { isNarrowed } from '../../../core/plan.ts';
import type { PlanReport } from '../../../core/report.ts';
import { countStates } from '../../../core/result-list.ts';
import type { Run } from '../../../core/run.ts';
import { count } from '../../../core/units.ts';
import { accountsText } from '../../view/change-sections.ts';
import { type PlanCount, planNumbers } from '../../view/plan-counts.ts';
import type { PlanView } from '../../view/plan-view.ts';
import { runTotalText } from '../../view/run-results.ts';
import {
  differencesLeft,
  guardsOf,
  heldChanges,
  leftOutText,
  openFindings,
  type RunVerdict,
  readAgainText,
  runOf,
  runVerdict,
  waitingText,
} from '../../view/verdict.ts';
import { capital } from '../../view/words.ts';
import { listed } from '../elements.ts';
import type { Figure, Verdict } from '../page.ts';

/** What a report with a plan comes to, in the words of the page. */
export function planVerdictWords({ report, verdict }: PlanView): Verdict {
  const { plan } = report;
  const run = runOf(report);
  if (run) return { ...runWords[runVerdict(run)], sentence: runSentence(runVerdict(run), run, readAgainText(plan)) };
  switch (verdict) {
    case 'nothing-read':
      return { tone: 'bad', word: 'Not read', sentence: 'Nothing could be read.' };
    case 'refused': {
      const keeps = count(guardsOf(report), 'finding keeps', 'findings keep');
      return { tone: 'bad', word: 'Refused', sentence: `${keeps} this from being applied. Nothing was written.` };
    }
    case 'incomplete': {
      const read =
        plan.steps.length === 0
          ? isNarrowed(plan)
            ? 'No difference in what was read'
            : 'What was read is in sync'
          : pending(report);
      return { tone: 'unsure', word: 'Incomplete', sentence: `${read}; ${listed(plan.unread)} could not be read.` };
    }
    case 'waiting':
      return { tone: 'unsure', word: 'Waiting', sentence: `${waitingText(report)} for hosts that are away.` };
    case 'open': {
      const sentence = `No difference is known. ${count(openFindings(plan).length, 'fact is', 'facts are')} not proved.`;
      return { tone: 'unsure', word: 'Not all known', sentence };
    }
    case 'part': {
      const left = leftOutText(plan);
      const sentence = `No difference in what was chosen${left === '' ? '' : `; ${left}`}.`;
      return { tone: left === '' ? 'good' : 'unsure', word: 'A part', sentence };
    }
    case 'pending':
      return { tone: 'warn', word: differences(report), sentence: `${pending(report)}.` };
    default:
      if (plan.at !== undefined)
        return { tone: 'good', word: 'Nothing to change', sentence: 'Nothing would change then.' };
      return plan.direction === 'undo'
        ? { tone: 'good', word: 'Nothing to take back', sentence: 'No change of that run is left.' }
        : { tone: 'good', word: 'In sync', sentence: 'Every server has what the file asks for.' };
  }
}

function differences({ plan }: PlanReport): string {
  const { changes, restarts } = planNumbers(plan);
  return changes > 0 ? count(changes, 'change') : count(restarts, 'restart');
}

function pending(report: PlanReport): string {
  const { command, plan } = report;
  const { restarts } = planNumbers(plan);
  const deletions = heldChanges(report);
  const begun = command === 'apply' || command === 'undo' ? 'Nothing was begun. ' : '';
  const cost = restarts > 0 ? count(restarts, 'host restarts', 'hosts restart') : 'No host restarts';
  const when = command === 'drift' ? ' when this is corrected' : '';
  const held = deletions > 0 ? `; ${count(deletions, 'deletion')} held back until you allow their number` : '';
  return `${begun}${cost}${when}${held}`;
}

const runWords: Readonly<Record<RunVerdict, Omit<Verdict, 'sentence'>>> = {
  lost: { tone: 'bad', word: 'Stopped' },
  interrupted: { tone: 'warn', word: 'Interrupted' },
  'not-known': { tone: 'unsure', word: 'Not known' },
  unfinished: { tone: 'bad', word: 'Not finished' },
  held: { tone: 'warn', word: 'Done' },
  done: { tone: 'good', word: 'Done' },
};

function runSentence(verdict: RunVerdict, run: Run, again: string): string {
  const { done, failed, refused, unknown, held } = countStates(run);
  const left = differencesLeft(run);
  const read = left > 0 ? `Read again: ${count(left, 'difference')} left.` : again;
  switch (verdict) {
    case 'lost':
      return 'The run lost its lock and stopped. Nothing was read again. Run it again to finish.';
    case 'interrupted':
      return 'The step in progress was completed. Run it again to finish.';
    case 'not-known':
      return `${count(run.unread.length, 'target')} could not be read again, so the result is not known.`;
    case 'unfinished':
      return `${runTotalText(run)}: ${done.toLocaleString('en-US')} done, ${failed + refused + unknown} failed or refused. ${read}`;
    case 'held':
      return `${read} ${count(held, 'change')} held back until you allow their number.`;
    case 'done':
      return read;
  }
}

/** The numbers of a plan. What it costs comes first. */
export function planFigures({ report, placed, counts, origins }: PlanView): readonly Figure[] {
  if (placed.length === 0) return [];
  const costs = counts.filter(({ of }) => of === 'restarts');
  return [
    ...[...costs, ...counts.filter(({ of }) => of !== 'restarts')].map(one => countFigure(one, report)),
    ...origins.map(([words, value]) => ({ label: capital(words), value })),
  ];
}

function countFigure({ n: value, label, of }: PlanCount, { plan: { accounts, desired } }: PlanReport): Figure {
  const { limits, hosts } = desired;
  const tone = (high: 'warn' | 'bad') => value > 0 && { tone: high };
  switch (of) {
    case 'restarts':
      return { label, value, beside: hostLimit(limits.restarts), ...tone('warn') };
    case 'hosts':
      return { label, value, beside: `of ${hosts.length}` };
    case 'moves':
      return { label, value, beside: `of ${accountsText(accounts)}` };
    case 'moves-back':
      return { label, value, beside: `of ${accountsText(accounts)}`, ...tone('bad') };
    case 'lost': {
      const beside = value > 0 ? `cannot be undone, limit ${count(limits.deletes, 'account')}` : 'nothing is lost';
      return { label, value, beside, ...tone('bad') };
    }
    case 'accounts':
      return { label, value };
  }
}

/** `limit 25 %`, `limit 2 hosts`. */
function hostLimit(limit: HostCount): string {
  return `limit ${'hosts' in limit ? count(limit.hosts, 'host') : `${limit.percent} %`}`;
}
