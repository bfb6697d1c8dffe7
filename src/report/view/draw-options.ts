import type { DrawCommand } from '../../core/next-command.ts';

/** What a report may say besides its facts. */
export interface DrawOptions {
  /** Where the plan was saved, for the command to copy. */
  readonly savedPlan?: string;
  /** Draws commands to copy; without it they know nothing of the command that was given. */
  readonly draw?: DrawCommand;
  /** ISO 8601; without it a reading has no age. */
  readonly now?: string;
}

/** How text is to look. */
export interface TextOptions extends DrawOptions {
  readonly color: boolean;
  /** Nothing is folded. */
  readonly verbose: boolean;
}
