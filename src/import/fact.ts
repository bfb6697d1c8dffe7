import type { ProductId } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { DocumentPath } from '../estate/document.ts';
import type { EstateEdit, FileValue } from '../estate/edit-estate.ts';

/** A key of the estate file whose value was found on a server. What is the default is no fact. */
export type Found = EstateEdit & { readonly value: FileValue };

/** A key of the estate file that a person has to decide: nothing was found for it, or several things were. */
export interface Choice {
  /** The key; `--set KEY=VALUE` takes it with dots between its parts. */
  readonly path: DocumentPath;
  /** One sentence that asks for it: `Which CS7 host does CS6 refer to?` */
  readonly question: string;
  /** What was looked at and what was found; lines of printable text. */
  readonly detail: string;
  /** Values that are possible, the likeliest first; empty where any may be right. */
  readonly candidates: readonly FileValue[];
}

/** What was found, what is left to decide, and what is to be said about it. */
export interface Facts {
  readonly found: readonly Found[];
  readonly choices: readonly Choice[];
  readonly findings: readonly Finding[];
}

/** What was found on a host. All texts are the host's words: print them with `printable`. */
export interface HostFacts extends Facts {
  readonly name: string;
  readonly product: ProductId;
  /**
   * Every setting that is live there, in the order of the host: the keys of ics.conf that decide with their values, or the
   * options that davadmin lists. Secrets are in it by name, with an empty value.
   */
  readonly settings: ReadonlyMap<string, string>;
  /** Settings among them whose value is not proved, and why: they cannot be taken into the file. */
  readonly unclear?: ReadonlyMap<string, string>;
  /** The lines of ischeduledomainmap.properties, domain -> URL; empty on a host of Calendar Server 6. */
  readonly domainMap: ReadonlyMap<string, string>;
  /** Where its calendar server answers, as far as its configuration says; absent on a back end. */
  readonly http?: string;
  /** What its configuration says of the directory: suggestions, never more. */
  readonly directory: {
    readonly url?: string;
    readonly bindDn?: string;
    readonly base?: string;
    readonly localUser?: string;
    readonly uniqueId?: string;
  };
}

/** What one question about a host gave. */
export type FactPart = Partial<Facts>;

/** What an action gives. A problem of its target costs only that: it becomes a finding. */
export async function orFinding<T>(
  action: Promise<T>,
): Promise<{ readonly value?: T; readonly findings: readonly Finding[] }> {
  try {
    return { value: await action, findings: [] };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { findings: [problem.finding] };
  }
}

/** All that several questions gave. */
export function together(parts: readonly FactPart[]): Facts {
  return {
    found: parts.flatMap(({ found = [] }) => found),
    choices: parts.flatMap(({ choices = [] }) => choices),
    findings: parts.flatMap(({ findings = [] }) => findings),
  };
}

/** A host as it was read, before it is known what the others say of it. */
export interface LookedHost extends HostFacts {
  /** Host names and addresses that others may know it by, in lower case. */
  readonly names: readonly string[];
  /** Where its configuration says that it listens, as `http://host:port`; several where that is not one address. */
  readonly listens: readonly string[];
  /** Where that was read: `service.http.port in /etc/…/ics.conf`. */
  readonly listensBy: string;
  /** Its configuration leaves the port out, so it is only the default. */
  readonly assumed?: true;
  /** It is a pure back end, which answers no requests. */
  readonly silent?: true;
  /** It could not be read, so what it is has to be left open. */
  readonly unread?: true;
}

/** A file that the estate file names, to be written beside it. */
export interface NamedFile {
  /** Relative to the estate file: `cohorts/defaultbackend.csv`. */
  readonly path: string;
  readonly content: string;
}

/** What was found in the directory. */
export interface DirectoryFacts extends Facts {
  /** How many accounts there are, and how many of them carry the local-user attribute, by store. */
  readonly accounts: number;
  readonly stores: ReadonlyMap<string, number>;
  /** Mail domain in lower case -> how many accounts of CS6 have an address in it; of all accounts where none is left on CS6. */
  readonly mailDomains: ReadonlyMap<string, number>;
  readonly files: readonly NamedFile[];
}
