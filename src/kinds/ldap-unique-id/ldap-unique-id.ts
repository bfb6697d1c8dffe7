import { type Account, foldValue, hasClass, valuesOf } from '../../accounts/account.ts';
import { schemaFindings } from '../../accounts/directory-findings.ts';
import { modifyAccounts } from '../../accounts/modify-accounts.ts';
import type { Declared } from '../../core/declared.ts';
import { chapter } from '../../core/declared.ts';
import type { DesiredDirectory } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { KeyPlaces, PackedRows } from '../../core/packed-rows.ts';
import { finding } from '../../findings/catalogue.ts';
import { not, present } from '../../ldap/filter.ts';
import type { AccountKind } from '../shared/account-kind.ts';

/**
 * Every user, group and resource carries the unique id (chapter 10, "Calendar Coexistence Overview"; no step of the
 * chapter adds it). It is added where it is missing and never changed: CS7 files data under it.
 */
export const ldapUniqueId: AccountKind = {
  name: 'ldap-unique-id',
  title: 'Accounts are to get a unique id',
  stage: 'identity',
  attribute: ({ directory }) => directory.uniqueId.attribute,
  declares: ({ directory }) => [declareId(directory), declareClasses(directory)],
  attributes: ({ directory: { uniqueId, localUser } }) => [uniqueId.attribute, uniqueId.copyFrom, localUser.attribute],
  deviation: ({ directory }) => not(present(directory.uniqueId.attribute)),
  inspect: ({ directory: { uniqueId } }, ports) =>
    schemaFindings(ports.directory(), uniqueId.attribute, uniqueId.objectClass, 'uniqueId'),
  diff({ directory }, account) {
    const { attribute, copyFrom } = directory.uniqueId;
    const [copy] = valuesOf(account, copyFrom);
    if (valuesOf(account, attribute).length > 0 || copy === undefined) return [];
    const { objectClass } = directory.uniqueId;
    const reason = hasClass(account, objectClass) ? {} : { reason: `with object class ${objectClass}` };
    const group = account.cohort.name;
    return [
      { action: 'create', item: account.dn, key: attribute, after: copy, ...reason, group, source: directory.source },
    ];
  },
  check: ({ directory: { uniqueId } }, account) => {
    const known = [uniqueId.attribute, uniqueId.copyFrom].some(name => valuesOf(account, name).length > 0);
    return known ? [] : [nothingToCopy(account, uniqueId.attribute, uniqueId.copyFrom)];
  },
  together: state => findShared(state.directory),
  apply: ({ directory }, work, ports) => modifyAccounts(ports, work, directory.uniqueId.objectClass),
};

function declareId({ uniqueId: { attribute, copyFrom }, source }: DesiredDirectory): Declared {
  return {
    key: attribute,
    label: `unique id ${attribute}`,
    value: `present on every user, group and resource; copied from ${copyFrom} if it is missing, never changed`,
    because: 'CS7 uses it to identify accounts of both sides.',
    chapter: chapter.overview,
    source,
  };
}

function declareClasses({ uniqueId, localUser, source }: DesiredDirectory): Declared {
  const classes = [...new Set([uniqueId.objectClass, localUser.objectClass])].join(' and ');
  return {
    key: 'objectClass',
    label: `object class ${classes}`,
    value: `${classes} is added with the first attribute that needs it`,
    because: `It allows ${uniqueId.attribute} and ${localUser.attribute}. Without it, the directory refuses them.`,
    chapter: chapter.accounts,
    source,
    unchanged: true,
  };
}

function nothingToCopy({ dn }: Account, attribute: string, copyFrom: string): Finding {
  return finding('identity.nothing-to-copy', {
    detail: `The account has neither ${attribute} nor ${copyFrom}, so CS7 cannot identify it.\nAdd a value, or set directory.uniqueId.copyFrom to the attribute to copy.`,
    about: { count: 1, names: [dn] },
  });
}

/**
 * Finds accounts that have, or are to get, one unique id, whatever its case. Only accounts that are read anyway are looked at;
 * an audit looks at all.
 */
function findShared(directory: DesiredDirectory): (account: Account) => readonly Finding[] {
  const { uniqueId, localUser } = directory;
  // There may be a million: by the place of a value stands who has it.
  const values = new KeyPlaces();
  const holders = new PackedRows<Holder>();
  return account => {
    const own = valuesOf(account, uniqueId.attribute);
    const held = own.length > 0 ? own : valuesOf(account, uniqueId.copyFrom).slice(0, 1);
    const moves = account.store !== undefined && valuesOf(account, localUser.attribute).length === 0;
    const holder = { dn: account.dn, moves };
    return held.flatMap(value => {
      const place = values.add(foldValue(value), holders.length);
      const other = place === undefined ? undefined : holders.at(place);
      if (place === undefined) holders.add(holder);
      return other && other.dn !== holder.dn ? [shared([other, holder], uniqueId.attribute)] : [];
    });
  };
}

interface Holder {
  readonly dn: string;
  /** Whether it is to come to CS7. */
  readonly moves: boolean;
}

function shared(holders: readonly Holder[], attribute: string): Finding {
  const moves = holders.some(one => one.moves);
  const advice = moves
    ? 'One of them would move to CS7. First set another value on one of them, or remove it from the cohort.'
    : 'Set another value on one of them, but not on one that has data on CS7.';
  return finding('identity.duplicate', {
    severity: moves ? 'error' : 'warning',
    detail: `Two accounts have the same ${attribute}, or would get it. CS7 stores data under it, so they would share calendars.\n${advice}`,
    about: { count: 1, names: [holders.map(({ dn }) => dn).join(' and ')] },
  });
}
