import type { Finding } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { mapScalars, type ScalarNode, type ValueNode } from './node.ts';
import { placeOf } from './source-text.ts';

/** Environment variables by name; handed in, because nothing here knows the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$\{env:([^}]*)\}?/g;

/** Whether a text anywhere in it asks for an environment variable. */
export function asksForEnvironment(part: ValueNode): boolean {
  if (part.form === 'list') return part.items.some(asksForEnvironment);
  if (part.form === 'map') return [...part.entries.values()].some(entry => asksForEnvironment(entry.part));
  return typeof part.value === 'string' && part.value.includes('${env:');
}

/** The variables that texts anywhere in a part ask for. */
export function variablesOf(part: ValueNode): readonly string[] {
  if (part.form === 'list') return part.items.flatMap(variablesOf);
  if (part.form === 'map') return [...part.entries.values()].flatMap(entry => variablesOf(entry.part));
  if (typeof part.value !== 'string') return [];
  return [...part.value.matchAll(reference)].flatMap(([, name]) => name ?? []);
}

/**
 * `${env:NAME}` replaced where `allowed` says that it may stand, and only by one of the `trusted` variables, where some are
 * named; elsewhere, and where the variable is not set, a finding.
 */
export function replaceEnvironment(
  root: ValueNode,
  allowed: ReadonlySet<ValueNode>,
  environment: Environment,
  trusted?: ReadonlySet<string>,
): { readonly part: ValueNode; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const part = mapScalars(root, scalar => {
    if (!asksForEnvironment(scalar)) return scalar;
    if (!allowed.has(scalar)) {
      findings.push(notAllowed(scalar));
      return scalar;
    }
    const value = String(scalar.value).replace(reference, (text, name: string) => {
      if (trusted && !trusted.has(name)) {
        findings.push(untrusted(scalar));
        return text;
      }
      const found = environment[name];
      if (found !== undefined && found !== '') return found;
      findings.push(
        /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && text.endsWith('}') ? unset(scalar, name) : wrongForm(scalar),
      );
      return text;
    });
    return { ...scalar, value };
  });
  return { part, findings };
}

function notAllowed(scalar: ScalarNode): Finding {
  return finding('estate.env-not-allowed', {
    detail:
      'A review must show what a file asks for. So ${env:NAME} is allowed only in name, address, http, url, bindDn and base.\nWrite out the value. For a secret, write { env: NAME }.',
    where: placeOf(scalar.span),
  });
}

function untrusted(scalar: ScalarNode): Finding {
  return finding('estate.env-untrusted', {
    detail:
      'With --connections-from, the file may use only variables that the trusted revision uses. The values of others would appear in the plan.\nFirst merge the use of this variable, or write out the value.',
    where: placeOf(scalar.span),
  });
}

function unset(scalar: ScalarNode, name: string): Finding {
  return finding('estate.env-unset', {
    detail: `${name} has no value here.\nSet it for this run:\n    export ${name}=…`,
    where: placeOf(scalar.span),
  });
}

function wrongForm(scalar: ScalarNode): Finding {
  return finding('estate.env-form', {
    detail: 'Write it as ${env:NAME}, with letters, digits and "_". Defaults are not supported.',
    where: placeOf(scalar.span),
  });
}
