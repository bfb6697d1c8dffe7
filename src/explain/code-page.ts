/** What `reconcile explain CODE` tells about one finding code; every text is whole sentences. */
export interface CodePage {
  readonly code: string;
  /** What is the case when this finding is shown. */
  readonly means: string;
  /** Why it matters, or why it is refused. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The part of the vendor's chapter it comes from. */
  readonly chapter?: string;
}

/** Codes that belong together, as a list shows them. */
export interface CodeArea {
  /** The part of the codes before the dot; several where one subject spreads over some. */
  readonly names: readonly string[];
  readonly title: string;
  readonly pages: readonly CodePage[];
}
