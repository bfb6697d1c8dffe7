/** What a page may say besides its report. */
export interface HtmlOptions {
  /** Where the plan was saved, for the command to copy. */
  readonly savedPlan?: string;
  /** ISO 8601; without it nothing is said to be so and so old. */
  readonly now?: string;
}
