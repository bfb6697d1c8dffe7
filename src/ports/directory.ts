import type { DirectorySchema } from '../ldap/schema.ts';

/** Which entries and which of their attributes to read. `filter` is RFC 4515 text, built by `ldap/filter`. */
export interface DirectoryQuery {
  readonly base: string;
  readonly filter: string;
  /** Only the entry at the base, only those right below it, or all of its subtree, as usual. */
  readonly scope?: 'base' | 'one';
  readonly attributes: readonly string[];
  /** Only attributes that the server makes up by itself (class of service); a server that has none yields no entry. */
  readonly virtualOnly?: true;
  /**
   * Yields, besides what the filter finds, an entry without a name for each place where the server refers to another one:
   * the URLs are its `ref`. An entry that refers elsewhere is one like any other to a server that knows ManageDsaIT.
   */
  readonly referrals?: true;
}

/** An entry; the attributes' names are in lower case, an attribute without values is left out. */
export interface DirectoryEntry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** What the server said about the password when it was used; nothing where it said nothing. */
export interface PasswordState {
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  /** It has expired, and was accepted nevertheless. */
  readonly expired?: boolean;
  /** How often an expired password will still be accepted. */
  readonly graceLogins?: number;
  /** An administrator has set it, and its owner has to change it. */
  readonly mustChange?: boolean;
  readonly locked?: boolean;
}

/** The server that a run uses for all that it reads and writes. */
export interface DirectoryServer {
  /** `ldaps://ds2.example.com:636`, printable. */
  readonly url: string;
  /** Who the server says we are, as a DN where it has one; absent where it does not say. */
  readonly identity?: string;
  /** Other servers of the list that were asked, and why they are not used. */
  readonly passedOver: readonly PassedOver[];
}

/** A server that is not used; `detail` is printable and may have several lines. */
export interface PassedOver {
  readonly url: string;
  readonly why: 'unreachable' | 'takes-no-changes';
  readonly detail: string;
}

/** The directory, for reading. */
export interface DirectoryReader {
  /** The server that answers, which is the same for the whole run; a reading that was kept has none. */
  server(): Promise<DirectoryServer | undefined>;
  /** What the server said about the password at the last login; a reading that was kept has nothing to say. */
  password(): Promise<PasswordState>;
  schema(): Promise<DirectorySchema>;
  /**
   * Streams whole subtrees. Throws TargetProblem when the search ended early (limit, dropped connection, identity lost) or
   * all of it is elsewhere (referral): what was yielded until then is never to be taken for the whole. What lies behind an
   * entry that refers to another server is left out; a query with `referrals` finds these.
   */
  search(query: DirectoryQuery): AsyncIterable<DirectoryEntry>;
}

/** One part of a modify. Deleting names the exact values, so that the server refuses when they are no longer there. */
export interface Modification {
  readonly operation: 'add' | 'delete';
  readonly attribute: string;
  readonly values: readonly string[];
}

/** `conflict`: somebody else was faster, read again; `refused`: the server will not have it. */
export type ModifyResult =
  | { readonly state: 'done' }
  | { readonly state: 'conflict' | 'refused'; readonly detail: string };

/** The directory, for writing. */
export interface DirectoryWriter extends DirectoryReader {
  /** All parts take effect together or none. Throws TargetProblem when the outcome is not known. */
  modify(dn: string, modifications: readonly Modification[]): Promise<ModifyResult>;
  /**
   * Whether the server would take changes of these attributes of an entry, found out without changing anything. `unknown`:
   * the answer says neither. Throws TargetProblem when there is no answer.
   */
  wouldModify(dn: string, attributes: readonly string[]): Promise<WouldModify>;
}

/** `elsewhere`: this server only passes on where to write; `refused`: it takes no change, or none of this identity. */
export type WouldModify =
  | { readonly state: 'takes' }
  | { readonly state: 'elsewhere'; readonly urls: readonly string[]; readonly detail: string }
  | { readonly state: 'refused'; readonly why: 'read-only' | 'rights' | 'other'; readonly detail: string }
  | { readonly state: 'unknown'; readonly detail: string };

/** How a connection is encrypted, and whom the server's certificate is for. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly version: string;
  /** As IANA calls it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The names in the certificate, printable: `DNS:ds1.example.com`. */
  readonly names: string;
  /** When the certificate ends; milliseconds since 1970. */
  readonly endsAt: number;
}

/**
 * One server of the directory, asked about itself. Each function gives one fact, logs in where it has to (once for all), and
 * throws TargetProblem where the fact cannot be had; no other depends on it. Nothing is changed. `server` is the login.
 */
export interface DirectoryProbe extends DirectoryReader {
  /** As the estate file has it, without a login; printable. */
  readonly url: string;
  /** Connects without a login. `tls` is absent where the connection is not encrypted. */
  reach(): Promise<{ readonly address: string; readonly tls?: TlsFacts }>;
  /** Whether the server takes changes of an entry at all; `refused` for lack of `rights` says that it does, from others. */
  takesChanges(dn: string): Promise<WouldModify>;
  close(): Promise<void>;
}
