import type { Finding } from '../core/finding.ts';
import type { Side, VerifiedCell } from '../core/verification.ts';

/** What a gate asks about. */
export interface GateQuestion {
  /** Only by way of this host; absent: of every one. */
  readonly host?: string;
  /** Accounts besides the probe accounts, with the side they have been put on. */
  readonly moved: readonly { readonly dn: string; readonly side: Side }[];
}

/** Asks on the way of an apply whether users of each side see when those of the other are busy. Times in milliseconds. */
export interface Gate {
  /** How many accounts move between two times. */
  readonly moves: number;
  /** Whether it is asked at the restart of each host. */
  readonly restarts: boolean;
  readonly onFailure: 'stop' | 'undo';
  /** For how long what fails is asked again before it counts. */
  readonly wait: number;
  /** Throws TargetProblem where nobody can be asked. */
  ask(question: GateQuestion): Promise<readonly VerifiedCell[]>;
}

/** What the gates of a run have seen. */
export interface GatesSeen {
  /** What worked the last time it was asked. */
  readonly working: Set<string>;
  /** Why nothing further is begun. */
  closed?: Finding;
}
