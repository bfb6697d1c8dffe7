import { type PlannedState, withoutConnections } from '../core/connection.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';

/** Everything that is managed by a wanted state, as the kinds declare it. */
export function managedTargets(desired: PlannedState): readonly BoundTarget[] {
  return targetsOf(withoutConnections(desired));
}
