import type { ProductId } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
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
  /** Mail domain in lower case -> how many accounts of CS6 have an address in it. */
  readonly mailDomains: ReadonlyMap<string, number>;
  readonly files: readonly NamedFile[];
}
