import { canonicalJson, differingKeys, sha256 } from '../core/canonical.ts';
import { compileSchema } from '../core/compile-schema.ts';
import { plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { printable, printableJson } from '../core/printable.ts';
import { finding } from '../findings/catalogue.ts';
import { wantedDigest } from './build.ts';

/** How many keys a finding names. */
const named = 10;

/**
 * Why a saved plan is not of the files at hand: what it asks for is compared, and not what it says of itself. Afterwards
 * whatever guards it and orders it may be taken from either.
 */
export function boundRefusals(
  file: string,
  { desired, desiredSha256 }: Plan,
  state: DesiredState,
  estateFiles: readonly string[],
): readonly Finding[] {
  const here = plannedState(state);
  const digest = wantedDigest(here);
  if (digest === desiredSha256 && digest === wantedDigest(desired)) return [];
  const keys = differingKeys(desired, here);
  const shown = printable(keys.slice(0, named).join('\n    '));
  const more = keys.length > named ? `\n    and ${keys.length - named} more` : '';
  const where = keys.length === 0 ? ' the order of hosts or cohorts.' : `\n    ${shown}${more}`;
  const detail =
    `${file} does not ask for the same state as ${printable(estateFiles.join(', '))}. Differences:${where}\n` +
    'Apply a plan with the files that it was made from: they say how to reach each host. A wave that has advanced since is a difference too.\n' +
    'Name those files (-f FILE), or make a new plan from these:';
  return [finding('plan.other-files', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] })];
}

/** A plan as the text of a file. */
export function renderPlanFile(plan: Plan): string {
  return printableJson(plan, 1);
}

/** The text of a saved plan -> the plan, or why it cannot be carried out. */
export function parsePlanFile(
  file: string,
  text: string,
  schema: object,
): { readonly plan?: Plan; readonly findings: readonly Finding[] } {
  const problem = (
    code: 'plan.not-json' | 'plan.is-part' | 'plan.unknown-format' | 'plan.tampered',
    detail: string,
  ) => ({
    findings: [
      finding(code, {
        detail: `${detail}\nMake a new one:`,
        where: { file, line: 1 },
        next: [nextCommands.plan(file)],
      }),
    ],
  });
  const value = parseJson(text);
  if (value === undefined) return problem('plan.not-json', `${file} is not JSON. Perhaps it was cut off.`);
  if (isPart(value))
    return problem('plan.is-part', `${file} was made with --shard. "merge" joins all parts to a plan.`);
  const validate = compileSchema<Plan>(schema);
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    return problem('plan.unknown-format', `${file}${error?.instancePath ?? ''} ${error?.message ?? ''}.`);
  }
  const { digest, ...rest } = value;
  if (sha256(canonicalJson(rest)) !== digest) {
    return problem('plan.tampered', `${file} does not match its own digest ${digest.slice(0, 8)}.`);
  }
  return { plan: value, findings: [] };
}

function isPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === 'reconcile-part';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
