import type { DesiredState } from '../core/desired.ts';
import { cs6Calendar } from './cs6-calendar/cs6-calendar.ts';
import { cs6IcsConf } from './cs6-ics-conf/cs6-ics-conf.ts';
import { cs6Service } from './cs6-service/cs6-service.ts';
import { cs7Davadmin } from './cs7-davadmin/cs7-davadmin.ts';
import { cs7DomainMap } from './cs7-domain-map/cs7-domain-map.ts';
import { cs7Service } from './cs7-service/cs7-service.ts';
import { ldapCohort } from './ldap-cohort/ldap-cohort.ts';
import { ldapLogin } from './ldap-login/ldap-login.ts';
import { ldapUniqueId } from './ldap-unique-id/ldap-unique-id.ts';
import { type Bindable, type BoundTarget, bindable } from './managed-kind.ts';
import { bindAccounts } from './shared/account-kind.ts';
import { softwareVersion } from './software-version/software-version.ts';

/** Every managed kind. A new one is a folder beside the others and a line here. */
export const registry: readonly Bindable[] = [
  bindable(softwareVersion),
  bindAccounts([ldapUniqueId, ldapCohort, ldapLogin]),
  bindable(cs6IcsConf),
  bindable(cs6Service),
  bindable(cs7DomainMap),
  bindable(cs7Davadmin),
  bindable(cs7Service),
  bindable(cs6Calendar),
];

/** All that is managed of an estate: what each kind looks after on each of its targets. */
export function targetsOf(state: DesiredState, kinds = registry): readonly BoundTarget[] {
  return kinds.flatMap(bind => bind(state));
}
