import { exitCodes } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';

/** Why a use case ended before it had a result of its own. */
export interface Failure {
  readonly failed: readonly Finding[];
  readonly exitCode: number;
  /** The name of the estate, where it is known. */
  readonly estate?: string | undefined;
}

/** The failure that these findings are: something is wrong with what was asked. */
export function failure(failed: readonly Finding[], estate?: string): Failure {
  return { failed, exitCode: exitCodes.error, estate };
}

/** The failure that these findings are: a guard refuses. */
export function refusal(failed: readonly Finding[], estate?: string): Failure {
  return { failed, exitCode: exitCodes.refused, estate };
}
