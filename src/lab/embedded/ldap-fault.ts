/** One part of a change of an entry, as an administrator makes it by hand. */
export interface DirectoryEdit {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  /** None: the whole attribute, when it is deleted or replaced. */
  readonly values: readonly string[];
}

/**
 * What can be made to go wrong between the client and the embedded directory.
 *
 * | fault | effect |
 * |---|---|
 * | early-end | a search for more than one entry ends after that many, over all its pages, with that result code |
 * | out-of-order | answers to requests that come close together are given in reverse order |
 * | drop-after | a connection is cut after that many messages or bytes, counted for each connection from now on |
 * | slow | every request is looked at that many milliseconds later |
 * | second-editor | the next modify (of that entry, if one is named) finds the entry changed by somebody else a moment before; used up by it |
 */
export type EmbeddedDirectoryFault =
  /** 3 timeLimitExceeded, 4 sizeLimitExceeded, 11 adminLimitExceeded. */
  | { readonly fault: 'early-end'; readonly entries: number; readonly code: 3 | 4 | 11 }
  | { readonly fault: 'out-of-order' }
  | { readonly fault: 'drop-after'; readonly count: number; readonly unit: 'messages' | 'bytes' }
  | { readonly fault: 'slow'; readonly milliseconds: number }
  | { readonly fault: 'second-editor'; readonly dn?: string; readonly edits: readonly DirectoryEdit[] };

type Named<Name extends EmbeddedDirectoryFault['fault']> = Extract<EmbeddedDirectoryFault, { readonly fault: Name }>;

/** The faults that are on; of each sort one. */
export interface DirectoryFaults {
  set(fault: EmbeddedDirectoryFault): void;
  get<Name extends EmbeddedDirectoryFault['fault']>(name: Name): Named<Name> | undefined;
  unset(name: EmbeddedDirectoryFault['fault']): void;
  clear(): void;
}

/** A directory's faults; none is on. */
export function createDirectoryFaults(): DirectoryFaults {
  const faults = new Map<string, EmbeddedDirectoryFault>();
  return {
    set: fault => void faults.set(fault.fault, fault),
    get: <Name extends EmbeddedDirectoryFault['fault']>(name: Name) => faults.get(name) as Named<Name> | undefined,
    unset: name => void faults.delete(name),
    clear: () => faults.clear(),
  };
}
