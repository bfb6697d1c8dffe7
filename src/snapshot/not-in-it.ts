import { TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';

/**
 * What a plan would have to read and the snapshot does not hold: never taken for something that is not there. With
 * `further`, the options that a new snapshot needs, the command that takes it is named.
 */
export function notInIt(target: string, what: string, remedy: string, further?: readonly string[]): TargetProblem {
  return new TargetProblem(
    finding('snapshot.not-in-it', {
      detail: `${target}: ${what}\nWhat is there cannot be told, so nothing is concluded from it. ${remedy}`,
      target,
      next: further && [nextCommands.snapshot('live.jsonl.gz', further)],
    }),
  );
}
