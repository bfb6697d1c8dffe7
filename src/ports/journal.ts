import type { Finding, Provenance } from '../core/finding.ts';
import type { Narrowing } from '../core/plan.ts';
import type { ResultState } from '../core/run.ts';

/** A write as it is about to be made; never holds a secret. */
export type JournaledWrite =
  | { readonly operation: 'modify'; readonly dn: string; readonly modifications: readonly object[] }
  | {
      readonly operation: 'replace';
      readonly path: string;
      /** SHA-256 of the content, or `absent`. */
      readonly before: string;
      readonly after: string;
      /** The settings that are changed with it. */
      readonly keys?: readonly string[];
    }
  | { readonly operation: 'run'; readonly words: readonly string[] };

/** Who carries a run out, on whose word, and what that person allowed. */
export interface Authority extends Provenance {
  /** Who signed the plan: their names in the file of signers. */
  readonly signers?: readonly string[];
  /** What was allowed by number, by the name of its option: `{ "moves": 4812, "outside-window": 2 }`. */
  readonly allowed?: Readonly<Record<string, number>>;
  /** The hosts whose window was closed, and which it was allowed to change all the same. */
  readonly outsideWindow?: readonly string[];
}

/** How many changes of a target, made by one kind, ended in each state. */
export interface TargetCounts {
  readonly target: string;
  readonly kind: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** What became of a step; of several such lines of one step, the last counts. */
export interface ResultLine {
  readonly line: 'result';
  readonly step: string;
  /** What all of its changes ended in that are not listed. */
  readonly state: ResultState;
  readonly detail?: string;
  /** The others, by their place among the changes of the plan's step, from 0. */
  readonly others?: readonly { readonly change: number; readonly state: ResultState; readonly detail?: string }[];
  readonly finding?: Finding;
}

/** What a run records of itself; `write` numbers count from 1 within a run. */
export type JournalLine =
  | ({
      readonly line: 'run';
      readonly formatVersion: 1;
      readonly estate: string;
      /** Digest of the plan, and of the wanted state. */
      readonly plan: string;
      readonly desired: string;
      readonly tool: string;
      readonly changes: number;
      /** Absent in records of earlier versions: see the plan. */
      readonly direction?: 'forward' | 'undo';
      /** The runs that are taken back. */
      readonly undoes?: readonly string[];
      /** Hosts, and `directory`, that it is to change. Absent in records of earlier versions. */
      readonly targets?: readonly string[];
      /** How many accounts there were, and whether all were counted. */
      readonly accounts: { readonly counted: number; readonly all: boolean };
      /** Where the exact copy of the record is: `user@machine:FILE`. */
      readonly copy?: string;
      /** The URL of the directory server that gets the changes, where some are for the directory. */
      readonly directory?: string;
      // What the plan was narrowed to.
    } & Narrowing &
      Authority)
  | ({
      readonly line: 'begin';
      readonly write: number;
      readonly step: string;
      readonly target: string;
    } & JournaledWrite)
  | {
      readonly line: 'end';
      readonly write: number;
      readonly state: string;
      readonly detail?: string;
      /** Where the old file is, after a replace. */
      readonly backup?: string;
    }
  | {
      /** Whether free/busy worked, asked on the way. */
      readonly line: 'gate';
      readonly step: string;
      readonly when: 'before' | 'after';
      readonly open: boolean;
      /** The host by way of which it was asked; absent: every one. */
      readonly host?: string;
      /** DNs of accounts of the batch that were asked about. */
      readonly moved: readonly string[];
      readonly asked: readonly object[];
      /** What counted against it, for people. */
      readonly failing: readonly string[];
    }
  | ResultLine
  | {
      /** All writes of these steps stand above; of a record that ends here nothing is known of the other steps. */
      readonly line: 'tier';
      readonly steps: readonly string[];
    }
  | {
      readonly line: 'finished';
      /** How many changes ended in each state. */
      readonly counts: Readonly<Record<string, number>>;
      readonly converged: boolean;
      /** The same of each target and kind. Absent in records of earlier versions. */
      readonly targets?: readonly TargetCounts[];
    };

/** The first line of a record. */
export type RunLine = Extract<JournalLine, { readonly line: 'run' }>;
/** The last line of a record of a run that was carried out to its end. */
export type FinishedLine = Extract<JournalLine, { readonly line: 'finished' }>;

/** The record of one run. */
export interface Journal {
  /** What a person calls this run. */
  readonly name: string;
  /** Resolves when the line and all before it are safely on disk; throws when they cannot be. The time is added to each line: now, or the one that is given. */
  write(line: JournalLine, at?: string): Promise<void>;
  /** Keeps JSON, in pieces, beside the record, as `<name>.<suffix>.json`; the same promise as for a line. */
  keep(suffix: string, pieces: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}
