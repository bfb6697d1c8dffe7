import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { servicePassword, writeLdif } from './directory-server.ts';

/** The suffix that an instance is made with. */
export const ds389Suffix = 'o=isp';

/** The entry that the product logs in as. */
export const ds389Service = `cn=reconcile,ou=Services,${ds389Suffix}`;

/** What is loaded; the rehearsal directory with 20 users, 5 groups and 3 resources unless told. */
export interface Ds389Content {
  /** Entries to load, below `o=isp`. */
  readonly entries?: Iterable<LabEntry>;
  /** For the service entry: none unless told; `ordinary` are the server's own, 2000 entries, 5000 looked through. */
  readonly limits?: 'none' | 'ordinary';
  /** Further access rules (`aci`) of the suffix entry. */
  readonly aci?: readonly string[];
}

/** Writes the content as LDIF, with what this server keeps in entries: access rules and the limits of a person. */
export function writeDs389Content(path: string, content: Ds389Content): void {
  const ordinary = { suffix: ds389Suffix, domain: 'example.com', users: 20, groups: 5, resources: 3, servicePassword };
  writeLdif(path, withRights(content.entries ?? directoryEntries(ordinary), content));
}

function* withRights(entries: Iterable<LabEntry>, content: Ds389Content): Iterable<LabEntry> {
  const unlimited = { nsSizeLimit: ['-1'], nsLookThroughLimit: ['-1'], nsTimeLimit: ['-1'] };
  for (const { dn, attributes } of entries) {
    if (dn === ds389Suffix) {
      yield { dn, attributes: { ...attributes, aci: [...rights, ...(content.aci ?? [])] } };
    } else if (dn === ds389Service && content.limits !== 'ordinary') {
      yield { dn, attributes: { ...attributes, ...unlimited } };
    } else {
      yield { dn, attributes };
    }
  }
}

/** As the rules of the OpenLDAP beside it. */
const rights = [
  '(targetattr!="userPassword")(version 3.0; acl "all read"; allow (read,search,compare) userdn="ldap:///anyone";)',
  `(targetattr="*")(version 3.0; acl "the service writes"; allow (all) userdn="ldap:///${ds389Service}";)`,
];
