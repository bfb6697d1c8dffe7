import type { DrawCommand } from '../../core/next-command.ts';

/** How text is to look. */
export interface TextOptions {
  readonly color: boolean;
  /** Nothing is folded. */
  readonly verbose: boolean;
  /** Where the plan was saved, for the command to copy. */
  readonly savedPlan?: string;
  /** Draws commands to copy; without it they know nothing of the command that was given. */
  readonly draw?: DrawCommand;
  /** ISO 8601; without it nothing is said to be so and so old. */
  readonly now?: string;
}
