/** Measures how long something takes, for whoever collects such spans. */
export interface Spans {
  /** Does it within a span, which is a part of the span that this is called in. */
  within<T>(name: string, attributes: Readonly<Record<string, string | number>>, action: () => Promise<T>): Promise<T>;
}

/** Measures nothing. */
export const noSpans: Spans = { within: (_, __, action) => action() };
