import type { DesiredDirectory } from '../../core/desired.ts';
import { type Finding, TargetProblem } from '../../core/finding.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { type LiveAccount, liveAccount, modifyAccounts, schemaFindings } from '../common/ldap-account.ts';
import type { ResourceKind } from '../kind.ts';

/** An account and the value its unique id would get. */
interface LiveIdentity extends LiveAccount {
  readonly copy: string | undefined;
}

/**
 * Every user, group and resource carries the unique id (chapter 10, "Calendar Coexistence Overview"; no step of the
 * chapter adds it). It is added where it is missing and never changed: CS7 files data under it.
 */
export const ldapUniqueId: ResourceKind<DesiredDirectory, LiveIdentity> = {
  name: 'ldap-unique-id',
  stage: 'identity',
  wishes: state => [{ target: 'directory', desired: state.directory }],
  inspect: (directory, ports) =>
    schemaFindings(ports.directory(), directory.uniqueId.attribute, directory.uniqueId.objectClass),
  read: (directory, ports) => readIdentities(directory, ports),
  item: live => live.dn,
  diff(directory, live) {
    if (live.values.length > 0 || live.copy === undefined) return [];
    const reason = live.hasClass ? {} : { reason: `with object class ${directory.uniqueId.objectClass}` };
    return [
      {
        action: 'create',
        item: live.dn,
        key: directory.uniqueId.attribute,
        after: live.copy,
        ...reason,
        source: directory.source,
      },
    ];
  },
  check: (directory, live) =>
    live.values.length === 0 && live.copy === undefined ? [nothingToCopy(directory, live)] : [],
  apply: (directory, work, ports) => modifyAccounts(ports.directory(), work, directory.uniqueId.objectClass),
};

function nothingToCopy(directory: DesiredDirectory, live: LiveIdentity): Finding {
  const { attribute, copyFrom } = directory.uniqueId;
  return {
    severity: 'warning',
    code: 'identity.nothing-to-copy',
    summary: 'An account without a unique id, and none to copy',
    detail: `${live.dn} has neither ${attribute} nor ${copyFrom}.\nCS7 cannot tell it apart from others. Give it a value, or name the attribute to copy in directory.uniqueId.copyFrom.`,
  };
}

async function* readIdentities(directory: DesiredDirectory, ports: ReadPorts): AsyncIterable<LiveIdentity> {
  const { attribute, copyFrom, objectClass } = directory.uniqueId;
  const seen = new Set<string>();
  for (const accounts of [directory.users, directory.groups, directory.resources]) {
    const query = { base: accounts.base, filter: accounts.filter, attributes: [attribute, copyFrom, 'objectClass'] };
    for await (const entry of ports.directory().search(query)) {
      if (seen.has(entry.dn)) continue;
      seen.add(entry.dn);
      yield { ...liveAccount(entry, attribute, objectClass), copy: entry.attributes.get(copyFrom.toLowerCase())?.[0] };
    }
  }
  if (seen.size === 0) throw noAccounts(directory);
}

function noAccounts(directory: DesiredDirectory): TargetProblem {
  return new TargetProblem({
    severity: 'error',
    code: 'directory.no-accounts',
    summary: 'The directory has no accounts',
    detail: `No entry below ${directory.base} matches directory.accounts, as ${directory.bindDn} sees it.\nA reading of nothing is never trusted. Check the base, the filters and what this identity may read.`,
    target: 'directory',
    where: directory.source,
  });
}
