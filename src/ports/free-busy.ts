/** A time somebody is busy; milliseconds since 1970. */
export interface BusyPeriod {
  readonly start: number;
  readonly end: number;
}

/** Whose times are asked for, and of which server. */
export interface FreeBusyQuestion {
  /** `http://host:port` of a front end, as the estate file has it. */
  readonly http: string;
  /** CS6 is asked about its own database only: it is told not to refer to CS7. */
  readonly side: 'cs6' | 'cs7';
  readonly mail: string;
}

/**
 * What a server says. `nobody`: it knows no such calendar, or refers to another server; `failed`: nothing can be concluded
 * from what came, or nothing came.
 */
export type FreeBusyAnswer =
  | { readonly state: 'answered'; readonly busy: readonly BusyPeriod[] }
  | { readonly state: 'nobody' | 'failed'; readonly detail: string };

/** Asks for free/busy times as a user's client does (WCAP get_freebusy); changes nothing and follows no redirect. */
export interface FreeBusyReader {
  ask(question: FreeBusyQuestion): Promise<FreeBusyAnswer>;
}
