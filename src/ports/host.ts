/** A file as it was on the host at one moment; a torn read is retried by the adapter and never returned. */
export interface FileReading {
  /** The candidate that was asked for. */
  readonly asked: string;
  /** The same place with every symbolic link of its folder resolved: two readings of one file agree here. */
  readonly path: string;
  readonly content: Buffer;
  /** When it was last written (mtime): milliseconds since 1970, from the host's own clock. Anybody who may write it can set it. */
  readonly modified: number;
  /** When anything of it was last changed, its times, owner and mode among it (ctime); absent where the host does not say. */
  readonly changed?: number;
  /** `user:group`, numeric. */
  readonly owner: string;
  /** As `ls -l` prints it: `-rw-r-----`. */
  readonly mode: string;
  /** The file itself is a symbolic link: replacing it would cut the link. */
  readonly link: boolean;
}

/** A command as words; it is never put together as a line of text by a kind. */
export interface Command {
  readonly words: readonly string[];
  /**
   * The first of these folders that exists becomes the working directory, and `./word` is looked for there.
   * Without it the command runs in the login directory and is found by PATH.
   */
  readonly directories?: readonly string[];
  /**
   * The file that the command makes: one of its words is this path. It is made where only the login can put anything, and comes
   * to this path when the command ends with 0. What is there already is not replaced: then the command counts as failed.
   */
  readonly makes?: string;
  /** Further variables of the environment; never secrets, `ps` shows them. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds that a query may take. It holds up no other question, and is ended on the host when it takes longer. */
  readonly patience?: number;
  /**
   * With `patience` only: files that the answer depends on. An answer that ended with 0 is given again, and the command not run,
   * while these files are as they were before it and this connection has run no command that changes something.
   */
  readonly whileSame?: readonly string[];
  /** The user that runs it: the login itself, any user where the login is root, else by `sudo -n`. Absent: the login. */
  readonly as?: string;
  /** It is looked for and not run; the output is the real path of its folder. */
  readonly find?: true;
}

/** What a command did. `output` has stdout and stderr in the order they came, as UTF-8. */
export type CommandResult =
  | {
      readonly state: 'ran';
      readonly directory?: string;
      /** 143, as shells have it for SIGTERM, where it was ended. */
      readonly code: number;
      readonly output: string;
      /** Its patience, where that was at its end before the command was: `output` is what it had printed by then. */
      readonly late?: number;
    }
  /** None of the folders, or in none of them the command. */
  | { readonly state: 'absent' };

/** The parts of the record of a run that is kept on a host, each a file `RUN.PART`: the journal is cut into parts of JSON lines. */
export type RunPart = 'head.json' | 'desired.json' | 'plan.json' | 'end.json' | `${number}.jsonl`;

/** A run whose record is kept on a host. All texts are the host's: a person who can write there may have made them up. */
export interface KeptRun {
  readonly run: string;
  /** The first line of its journal, and the last one where it ended: JSON. */
  readonly head: string;
  readonly end?: string;
  /** Every part that is there, with its size in bytes. */
  readonly parts: ReadonlyMap<RunPart, number>;
}

/** The records of an estate's runs that are kept on a host, in `~/.reconcile/HOST/runs/ESTATE` of the login. */
export interface RecordReader {
  /** All of them, the newest first, in one trip; none where the folder is missing. Throws TargetProblem. */
  runs(estate: string): Promise<readonly KeptRun[]>;
  /** The text of one part; nothing where it is missing. Parts of one turn come in one trip, which brings 64 MiB at most. */
  runPart(estate: string, run: string, part: RunPart): Promise<string | undefined>;
}

/** The same, for writing. */
export interface RecordWriter extends RecordReader {
  /**
   * Keeps parts of a record in one trip, each whole or not at all and in this order, for the login only; the same part again
   * replaces it. Drops the oldest records but `keep`. Plans and journals that together have more than 64 MiB are dropped,
   * those of the oldest runs first and also these parts, where they alone have more: `runs` says what is still there.
   * Needs no lock. Throws TargetProblem where it cannot be written.
   */
  keepRun(estate: string, run: string, parts: ReadonlyMap<RunPart, string>, keep: number): Promise<void>;
}

/** One host, for reading. All that is asked for in the same turn of the event loop goes to it in one trip. */
export interface HostReader {
  /**
   * The files among `candidates` that exist; a missing one is left out.
   * Throws TargetProblem when one is there and cannot be read whole: unreadable is not absent.
   */
  files(candidates: readonly string[]): Promise<readonly FileReading[]>;
  /** Runs a command that changes nothing. A non-zero exit is a result, not an error. */
  query(command: Command): Promise<CommandResult>;
  /** The host's own clock, in milliseconds since 1970, to the second. */
  clock(): Promise<number>;
  /** Who has the lock of this host, what watchdogs are going to do there, and what they did. */
  guard(): Promise<HostGuard>;
  /** What the last restart of a service by this login left there; one that is missing, odd, or of an earlier boot is none. */
  startRecord(service: string): Promise<StartRecord | undefined>;
}

/** Absolute paths that are looked at, as the user who would work there. */
export interface HostQuestion {
  readonly paths: readonly string[];
  /** Folders whose free space counts. */
  readonly folders: readonly string[];
}

/** What the user may do with a path. `hidden`: a folder above it cannot be searched, so nobody can say what is there. */
export interface PathRights {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other' | 'missing' | 'hidden';
  readonly read: boolean;
  readonly write: boolean;
  /** Execute a file, search a folder. */
  readonly execute: boolean;
  /** The number of its owner, where `ls` shows it. */
  readonly owner?: number;
}

/** Free space where a folder is, or would be: bytes, absent where `df` does not show it. */
export interface FreeSpace {
  readonly folder: string;
  readonly free?: number;
}

/** What a host has of what the scripts need, and what the user may do there. All texts are the host's words. */
export interface HostLook {
  /** Name and number of the user who does everything there, as `id` prints them. */
  readonly user: string;
  readonly uid?: number;
  /** What `uname -a` prints. */
  readonly system: string;
  /** Programs that the scripts need and that are not found. */
  readonly lacking: readonly string[];
  /** `~/.reconcile` of that user; where it is missing, the home folder that it would be made in. */
  readonly state?: PathRights;
  readonly paths: readonly PathRights[];
  readonly space: readonly FreeSpace[];
}

/** Looks at how a host is set up; changes nothing. */
export interface HostExaminer {
  look(question: HostQuestion): Promise<HostLook>;
}

/** What a restart left on the host once the service was proved to run: what its processes read when they started. */
export interface StartRecord {
  /** `started` in milliseconds since 1970, to the second or so; `same` where the host itself can tell whether the number is still that process. */
  readonly processes: readonly { readonly pid: number; readonly started: number; readonly same?: boolean }[];
  /** Whether a file has what it had when they read it; nothing where the record does not name it. */
  holds(file: FileReading): boolean | undefined;
}

/** How a file is to be replaced. */
export interface FileReplacement {
  /** As `FileReading.path`. */
  readonly path: string;
  /** The content that was read and decided upon; the write is refused when the file differs. `absent`: there must be none. */
  readonly expected: Buffer | 'absent';
  /** `absent`: the file is removed. */
  readonly content: Buffer | 'absent';
  /** A new file gets owner and mode of this one. */
  readonly like?: string;
}

/** Who holds a lock. All of it is text from the host: whoever could write there may have made it up. */
export interface LockHolder {
  /** The name of the run. */
  readonly run: string;
  /** `user@machine` that started it, and which process of it that is. */
  readonly by: string;
  /** Names this holder and no other; empty where it died before it had signed. */
  readonly identity: string;
  /** `writing`: one of its commands is at work on the host; `ended`: only its watchdog is, and removes the lock when it is done. */
  readonly state: 'idle' | 'writing' | 'ended';
  /** Milliseconds since the holder was last heard of, by the host's own clock. */
  readonly silent: number;
}

/** Who takes the locks of a run. */
export interface Claim {
  readonly run: string;
  readonly by: string;
  /** Whether a holder is known to have died, without waiting for its silence. */
  isDead(holder: LockHolder): boolean;
}

/** A watchdog that is going to put a host back, or does so now. */
export interface WaitingWatchdog {
  readonly name: string;
  readonly state: 'waiting' | 'acting';
  /** Milliseconds since 1970 by the host's own clock; a little later where the host sleeps. */
  readonly until?: number;
}

/** What a watchdog did that acted, as it recorded it. */
export interface WatchdogDeed {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Who is at work on a host, and what is going to change it later. */
export interface HostGuard {
  readonly holder?: LockHolder;
  readonly watchdogs: readonly WaitingWatchdog[];
  /** Since the last apply. */
  readonly acted: readonly WatchdogDeed[];
}

/** What became of taking a lock away. `busy`: a command of its holder is at work; `acting`: a watchdog is; `changed`: another run has it. */
export type BrokenLock =
  | { readonly state: 'broken'; readonly calledOff: number }
  | { readonly state: 'busy'; readonly processes: readonly string[] }
  | { readonly state: 'acting' | 'changed' };

/** A lock that is held: what is written to the host from now on is written only while it is. */
export interface HostLock {
  /** Says that the holder is alive; throws TargetProblem `host.lock-lost` when somebody else has the lock by now. */
  renew(): Promise<void>;
  /** Calls off the watchdogs of this run and gives the lock back; harmless when it is no longer ours. */
  release(): Promise<void>;
}

/** A file that a run wrote: what was there before, the backup that has it, and what the run wrote. */
export interface WatchedFile {
  readonly path: string;
  readonly backup: string;
  readonly before: Buffer;
  readonly written: Buffer;
}

/** What tells that a service runs. */
export interface ServiceSigns {
  /** Names of programs; one of them is enough. */
  readonly processes: readonly string[];
  /** Folders that the programs are below, where they show a path; empty: anywhere. */
  readonly below: readonly string[];
  /** Ends with 0 while the service runs, and decides alone. */
  readonly status?: Command;
  /** Files that hold the number of its process. */
  readonly pidFiles: readonly string[];
}

/** What brings a host back when nobody says that all is well. */
export interface Watch {
  /** What is watched, in words that stand in a file name: `cs6-service`. */
  readonly name: string;
  /** Files to restore, each only while it still has the content that the run wrote. */
  readonly files: readonly WatchedFile[];
  /** Commands that make the service run with the restored files, in order; run after all files. */
  readonly commands: readonly Command[];
  /** Where no file was restored, a service that runs is not restarted. */
  readonly alive?: ServiceSigns;
  /** Milliseconds until it acts. */
  readonly patience: number;
}

/** A watchdog that is running on the host, also when the connection is gone. */
export interface Watchdog {
  /**
   * All is well: it ends and leaves nothing behind. Throws TargetProblem `host.watchdog-acted` when it was too late. Tried over
   * new connections when an answer is lost; any other problem means that it may still be waiting.
   */
  confirm(): Promise<void>;
  /** When it acts, in milliseconds since 1970 by the clock of this machine. */
  readonly until: number;
}

/** A restart of a service that runs. */
export interface ServiceRestart {
  readonly stop: Command;
  readonly start: Command;
  /** The numbers of all its processes. */
  readonly processes: readonly number[];
  /** Names of its programs: what has one of them and was started meanwhile has to go too. */
  readonly names: readonly string[];
  /** The numbers of processes of these names that are not its own. */
  readonly beside: readonly number[];
  /** Ends with 0 while the service runs, and decides alone. */
  readonly status?: Command;
  /** Milliseconds that the end of the processes is waited for: after a stop that ended with 0, and after any other. */
  readonly patience: { readonly stopped: number; readonly failed: number };
}

/** `start` is absent where the host did not show that all of it was gone: then it was not started. */
export interface RestartOutcome {
  readonly stop: CommandResult;
  readonly start?: CommandResult;
}

/** One host, for writing. */
export interface HostWriter extends HostReader {
  /**
   * Takes the lock of this host, which all logins of one user share, and calls off every watchdog there. One whose holder was
   * silent for longer than `expiry` milliseconds, or is known to be dead, is taken over by exactly one of those who try.
   */
  lock(claim: {
    readonly run: string;
    readonly by: string;
    readonly expiry: number;
    isDead(holder: LockHolder): boolean;
  }): Promise<
    | { readonly state: 'held'; readonly lock: HostLock; readonly calledOff: number }
    | { readonly state: 'taken'; readonly holder: LockHolder }
  >;
  /** Takes the lock away from that holder and calls its watchdogs off; never while one of its commands is at work. */
  breakLock(identity: string): Promise<BrokenLock>;
  /** Puts the records of what watchdogs did aside, once they were reported. */
  acknowledge(): Promise<void>;
  /** Starts a watchdog, detached from the connection. */
  watch(watch: Watch): Promise<Watchdog>;
  /** Records that these processes of a service read these files when they started; throws TargetProblem when it cannot be written. */
  keepStart(service: string, processes: StartRecord['processes'], files: readonly FileReading[]): Promise<void>;
  /**
   * Replaces a file by rename, or removes it, with owner and mode kept and a backup beside it; at every moment the file is
   * whole, old or new.
   * Returns the path of the backup, or nothing when there was no file.
   * Throws TargetProblem with `host.file-changed` when the file is no longer `expected`.
   */
  replace(replacement: FileReplacement): Promise<string | undefined>;
  /** Runs a command that changes something. */
  run(command: Command): Promise<CommandResult>;
  /**
   * Stops a service, and starts it as soon as its processes are gone, in one trip. A connection that is lost after the stop began
   * keeps the host from neither.
   */
  restart(restart: ServiceRestart): Promise<RestartOutcome>;
}
