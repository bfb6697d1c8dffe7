/** One named part of a page. */
export interface PageSection {
  readonly heading: string;
  /** Prose, to be wrapped; `lines` are kept as they are and stand below it. */
  readonly text?: string;
  readonly lines?: readonly string[];
}

/** A page of explanation, before it is drawn. */
export interface Page {
  readonly title: string;
  /** What the title is, such as "a finding code". */
  readonly subtitle?: string;
  readonly sections: readonly PageSection[];
}
