/**
 * What can be made to go wrong between the client and an embedded host; what goes wrong with its servers is in `fault.ts`.
 *
 * | fault | effect |
 * |---|---|
 * | slow | every command starts that many milliseconds later |
 * | drop-after | a connection is cut after that many bytes of answers, counted for each connection from now on |
 * | full-disk | an upload breaks off with "No space left on device" after its first bytes |
 * | changed-key | connections from now on are shown another host key of the same type |
 * | second-editor | `edit` runs after the next upload has ended and before any later command starts; used up by it |
 * | refuse | the host is down: nothing listens, and the connections that stood are cut |
 */
export type EmbeddedHostFault =
  | { readonly fault: 'slow'; readonly milliseconds: number }
  | { readonly fault: 'drop-after'; readonly bytes: number }
  | { readonly fault: 'full-disk' }
  | { readonly fault: 'changed-key' }
  /** Gets the folder that is the host's `/`. */
  | { readonly fault: 'second-editor'; readonly edit: (tree: string) => void | Promise<void> }
  | { readonly fault: 'refuse' };

type Named<Name extends EmbeddedHostFault['fault']> = Extract<EmbeddedHostFault, { readonly fault: Name }>;

/** The faults that are on; of each sort one. */
export interface HostFaults {
  set(fault: EmbeddedHostFault): void;
  get<Name extends EmbeddedHostFault['fault']>(name: Name): Named<Name> | undefined;
  /** The same, and turns it off. */
  take<Name extends EmbeddedHostFault['fault']>(name: Name): Named<Name> | undefined;
  clear(): void;
}

/** A host's faults; none is on. */
export function createHostFaults(): HostFaults {
  const faults = new Map<string, EmbeddedHostFault>();
  const get = <Name extends EmbeddedHostFault['fault']>(name: Name) => faults.get(name) as Named<Name> | undefined;
  return {
    set: fault => void faults.set(fault.fault, fault),
    get,
    take: name => {
      const fault = get(name);
      faults.delete(name);
      return fault;
    },
    clear: () => faults.clear(),
  };
}
