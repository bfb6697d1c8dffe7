/** A free/busy question that a user of the rehearsal asked, and what came of it. */
export interface LookUp {
  /** `a CS7 user looks up anna (CS6)` */
  readonly question: string;
  readonly worked: boolean;
  readonly answer: string;
}

/** A rehearsal estate that is up. */
export interface Rehearsal {
  readonly folder: string;
  /** The estate file, ready to use. */
  readonly file: string;
  /** Variables that the estate file refers to. */
  readonly environment: Readonly<Record<string, string>>;
  /** What was started: name, what it is, where it answers. */
  readonly servers: readonly { readonly name: string; readonly what: string; readonly where: string }[];
  /** What can be made to go wrong, with what it means. */
  readonly faults: Readonly<Record<string, string>>;
  /** Asks for free/busy across the two sides, both ways, over HTTP; before coexistence it does harm, and says so. */
  lookUp(when: 'before' | 'after'): Promise<readonly LookUp[]>;
  /** Deletes by hand the calendar that CS6 made when it was asked; says what was done, and by which command. */
  tidy(): Promise<readonly string[]>;
  /** Changes some things behind everybody's back; says what was done, and by which command. */
  meddle(): Promise<readonly string[]>;
  setFault(name: string): Promise<void>;
  clearFaults(): Promise<void>;
  /** Ends with the first interrupt. */
  untilInterrupted(): Promise<void>;
  /** Ends every process of the estate and removes its folder. */
  stop(): Promise<void>;
}

/** How large a rehearsal is to be. */
export interface RehearsalSize {
  /** CS6 and CS7 hosts together; two at least. */
  readonly hosts: number;
  readonly users: number;
}
