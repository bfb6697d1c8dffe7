import type { Finding, Provenance, SourcePosition } from './finding.ts';

/** What is wrong with a cell; each is the code of a finding. */
export type CellProblem =
  | 'verify.not-asked'
  | 'verify.no-answer'
  | 'verify.wrongly-free'
  | 'verify.split-brain'
  | 'verify.own-copy'
  | 'verify.no-calendar'
  | 'verify.unproved';

/** Which of the two servers. */
export type Side = 'cs6' | 'cs7';

/** One exchange over HTTP: what was asked of whom, and in words what came. */
export interface VerifiedHop {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly came: string;
  readonly milliseconds: number;
}

/** A setting that the failure of a cell most likely comes from. */
export interface LikelyCause {
  /** The host, or `directory`. */
  readonly target: string;
  /** The item's key: a key of ics.conf, a davadmin option, a domain, an attribute. */
  readonly key: string;
  /** Why this one, in one sentence. */
  readonly why: string;
  /** The line of the user's file that owns it. */
  readonly source?: SourcePosition;
}

/**
 * One look-up: a user of `from` wants to know when an account of `to` is busy, by way of `host`.
 *
 * | from | to  | host            | way        | what is asked                                                     |
 * |------|-----|-----------------|------------|-------------------------------------------------------------------|
 * | cs6  | cs6 | a CS6 front end | `wcap`     | its own answer                                                    |
 * | cs6  | cs7 | a CS6 front end | `wcap`     | get_freebusy, then the redirect to CS7                            |
 * | cs7  | cs6 | a CS7 front end | `wcap`     | its answer, for which it has to ask CS6                           |
 * | cs7  | cs6 | a CS6 front end | `ischedule`| what CS7 would ask it by the domain map                           |
 * | cs7  | cs7 | a CS7 front end | `wcap`     | its own answer                                                    |
 */
export interface VerifiedCell {
  readonly from: Side;
  readonly to: Side;
  readonly host: string;
  readonly way: 'wcap' | 'ischedule';
  /** Mail address of the account that was asked about. */
  readonly account: string;
  /** `unknown`: it was not asked, or nothing can be concluded. */
  readonly state: 'works' | 'fails' | 'unknown';
  /** Code of the finding that tells what is wrong with it; absent where it works. */
  readonly problem?: CellProblem;
  /** One line: how many busy times, or what went wrong. */
  readonly detail: string;
  readonly hops: readonly VerifiedHop[];
  readonly causes: readonly LikelyCause[];
}

/** Something that invitations by mail (iMIP) depend on. */
export interface VerifiedMail {
  /** The host it was looked at from, or `directory`. */
  readonly host: string;
  /** `mail of user@example.com`, `notification.dav.smtphost`, `EHLO to smtp.example.com:25`. */
  readonly what: string;
  readonly state: 'works' | 'fails' | 'unknown';
  readonly detail: string;
  readonly causes: readonly LikelyCause[];
}

/** An account that is asked about. */
export interface VerifiedProbe {
  readonly side: Side;
  readonly mail: string;
  readonly dn: string;
  /** Why this one. */
  readonly chosen: string;
}

/** Does coexistence work, seen from outside. */
export interface VerifyReport extends Provenance {
  readonly command: 'verify';
  readonly exitCode: number;
  readonly estate: string;
  /** The estate files, where a command line named them. */
  readonly files?: readonly string[];
  readonly askedAt: string;
  readonly probes: readonly VerifiedProbe[];
  readonly cells: readonly VerifiedCell[];
  readonly mail: readonly VerifiedMail[];
  /** Hosts, and `directory`, whose settings could not be read. */
  readonly unread: readonly string[];
  readonly findings: readonly Finding[];
}
