import { exitCodes } from '../core/report.ts';
import type { Rehearsal } from '../ports/rehearsal.ts';

/** A step of the walk through a rehearsal estate: what is about to happen, and what shows that it went as it should. */
export type RehearsalStep =
  /** A command of the program, which ends with this exit code; it is about the estate's file. */
  | { readonly text: string; readonly words: readonly string[]; readonly expected: number }
  /** Users look each other up: before the first apply no look-up across the sides may work, after it every one must. */
  | { readonly text: string; readonly lookUp: 'before' | 'after' }
  /** Something is done by hand, behind the program's back. */
  | { readonly text: string; readonly byHand: () => Promise<readonly string[]> }
  /** An apply while something goes wrong. Whatever that does, the steps that follow can finish the job. */
  | { readonly text: string; readonly fault: string };

/** The whole job on a rehearsal estate, step by step; `fault`: what is made to go wrong on the way. */
export function rehearsalSteps(rehearsal: Rehearsal, fault?: string): readonly RehearsalStep[] {
  const { done, differences, incomplete } = exitCodes;
  const plan = `${rehearsal.folder}/plan.json`;
  const step = (text: string, words: readonly string[], expected: number): RehearsalStep => ({ text, words, expected });
  return [
    { text: 'Before: neither side finds the other.', lookUp: 'before' },
    step('The file says what the estate should be. Is it valid? This opens no connection.', ['validate'], done),
    step(
      'What differs? This is the form for CI. It changes nothing, and the exit code is the answer.',
      ['check'],
      differences,
    ),
    step(
      'Does it work already? This asks the servers what their users ask, and nothing that does harm.',
      ['verify'],
      incomplete,
    ),
    step('A plan is data. You can save it, review it, and apply it later.', ['plan', '-o', plan], differences),
    step('Apply exactly that plan: unique ids, CS6 hosts one by one, accounts, CS7 hosts.', ['apply', plan], done),
    step('And now?', ['check'], done),
    { text: 'After: each side finds the other.', lookUp: 'after' },
    step('Really? The look-up at the beginning left a calendar on CS6, which now answers.', ['verify'], differences),
    { text: 'An administrator deletes it:', byHand: () => rehearsal.tidy() },
    step('Now it works, both ways.', ['verify'], done),
    { text: 'At night an administrator changes a few things by hand:', byHand: () => rehearsal.meddle() },
    step(
      'The next check finds it, and names the line of the file that asks for something else.',
      ['check'],
      differences,
    ),
    ...(fault === undefined ? [] : [{ text: `Now something goes wrong: ${rehearsal.faults[fault] ?? ''}`, fault }]),
    step('Fix it.', ['apply'], done),
    step('In sync again.', ['check'], done),
    step(
      'For everybody to look at: static pages with the state, the runs and the trends, without the names of accounts.',
      ['page', '-o', `${rehearsal.folder}/site`],
      done,
    ),
  ];
}
