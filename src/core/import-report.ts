import type { ExaminedTarget } from './examination.ts';
import type { Finding } from './finding.ts';
import type { NextCommand } from './next-command.ts';
import type { Plan } from './plan.ts';

/** Why something that is live is not managed. */
export type UnmanagedReason =
  /** The file does not name it; `--adopt` or a line in the file takes it in. */
  | 'not asked for'
  /** It holds a password, which belongs in no file. */
  | 'secret'
  /** It is read and compared, and never changed: the attribute that CS7 files its data under. */
  | 'never changed'
  /** The file may not have it as it is; `why` says what is against it. */
  | 'not possible';

/** Something that is live and is left alone. */
export interface Unmanaged {
  /** A key of ics.conf, an option of davadmin, a mail domain. Text of a host: print it with `printable`. */
  readonly name: string;
  readonly reason: UnmanagedReason;
  /** One sentence; may quote the host. Only where it is not possible. */
  readonly why?: string;
}

/** Things of one sort at a target. Names only: no value is in it. */
export interface CoveredPart {
  /** What they are called: `settings`, `domain map lines`, `accounts`. */
  readonly what: string;
  /** How many the file manages, and how many it leaves alone. */
  readonly managed: number;
  readonly unmanaged: number;
  /** What is managed, by name. Of accounts: the cohorts. */
  readonly names: readonly string[];
  readonly left: readonly Unmanaged[];
}

/** How much of a host, or of the directory, the file manages. */
export interface Coverage {
  /** A host, or `directory`. */
  readonly target: string;
  readonly of: ExaminedTarget['of'];
  readonly parts: readonly CoveredPart[];
}

/** A key of the file that a person has to decide, and how. */
export interface OpenChoice {
  /** The key with dots between its parts, as `--set` takes it. */
  readonly key: string;
  readonly question: string;
  /** What was looked at and what was found. Text of hosts: print it with `printable`. */
  readonly detail: string;
  /** Values that are possible as YAML, the likeliest first; empty where any may be right. */
  readonly candidates: readonly string[];
  /** The words that decide it, to be copied: `--set`, `cs6.platform=redhat`. A part in capitals is to be replaced. */
  readonly words: readonly string[];
}

/** A file that was written, or that the new file needs and that was there. */
export interface WrittenFile {
  readonly path: string;
  readonly is: 'estate' | 'members' | 'schema';
  /** It was there before: it was not written, or, being the estate file, it was replaced. */
  readonly before?: true;
}

/** What an import came to; the first that fits counts. */
export type ImportOutcome =
  /** Nothing could be written or begun: the command line, the folder, what was read. */
  | 'failed'
  /** A target could not be read. */
  | 'unread'
  /** A person has to decide something. */
  | 'undecided'
  /** What was read cannot be expressed: planning what is would change it. */
  | 'not-proved'
  /** The file was written. */
  | 'written';

/** What `import` found and wrote. */
export interface ImportReport {
  readonly command: 'import';
  readonly exitCode: number;
  readonly outcome: ImportOutcome;
  /** The estate file, whether it was written or not. */
  readonly file: string;
  /** The name of the estate, once it is known. */
  readonly estate?: string;
  /** The steps of the connections, target by target. */
  readonly targets: readonly ExaminedTarget[];
  readonly choices: readonly OpenChoice[];
  /** The given command line with what decides the choices, and with the answers that were given. */
  readonly again?: NextCommand;
  readonly findings: readonly Finding[];
  /** Empty unless the file was written. */
  readonly written: readonly WrittenFile[];
  /** How many questions were asked. */
  readonly questions: number;
  /** How many accounts there are; absent where the directory was not read. */
  readonly accounts?: number;
  readonly coverage: readonly Coverage[];
  /** What planning the file comes to; absent where it did not get that far. */
  readonly proof?: ImportProof;
}

/** A plan of the file as it was composed, and what it says about the import. */
export interface ImportProof {
  readonly plan: Plan;
  readonly refusals: readonly Finding[];
  /** How many changes coexistence needs; restarts count. */
  readonly needed: number;
  /** Changes that a person asked for with `--set`, besides what is. */
  readonly asked: number;
  /** Changes of what was imported. There are none in a file that was written. */
  readonly unexpressed: number;
}
