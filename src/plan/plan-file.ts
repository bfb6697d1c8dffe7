import { Ajv2020 } from 'ajv/dist/2020.js';
import { canonicalJson, sha256 } from '../core/canonical.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';

/** A plan as the text of a file. */
export function renderPlanFile(plan: Plan): string {
  return `${JSON.stringify(plan, null, 1)}\n`;
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
  if (value === undefined) return problem('plan.not-json', `${file} is not JSON: it may have been cut short.`);
  if (isPart(value))
    return problem('plan.is-part', `${file} was made with --shard: "merge" makes the plan of all parts.`);
  const validate = new Ajv2020({ strict: true }).compile<Plan>(schema);
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
