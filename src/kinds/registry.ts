import type { DesiredState } from '../core/desired.ts';
import { bindAccounts } from './common/bind-accounts.ts';
import { cs6Calendar } from './cs6-calendar/kind.ts';
import { cs6IcsConf } from './cs6-ics-conf/kind.ts';
import { cs6Service } from './cs6-service/kind.ts';
import { cs7Davadmin } from './cs7-davadmin/kind.ts';
import { cs7DomainMap } from './cs7-domain-map/kind.ts';
import { cs7Service } from './cs7-service/kind.ts';
import { type Bindable, type BoundTarget, bindable } from './kind.ts';
import { ldapCohort } from './ldap-cohort/kind.ts';
import { ldapLogin } from './ldap-login/kind.ts';
import { ldapUniqueId } from './ldap-unique-id/kind.ts';
import { softwareVersion } from './software-version/kind.ts';

/** Every managed kind. A new one is a folder beside the others and a line here. */
const registry: readonly Bindable[] = [
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
export function targetsOf(state: DesiredState): readonly BoundTarget[] {
  return registry.flatMap(bind => bind(state));
}
