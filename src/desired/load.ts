import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { derive } from './derive.ts';
import { parseEstateDocument } from './document.ts';
import { checkRules } from './rules.ts';
import { checkSchema } from './schema-check.ts';

/** What became of a file: the wanted state, or every problem it has. */
export interface LoadedEstate {
  readonly state?: DesiredState;
  readonly findings: readonly Finding[];
}

/** Text of an estate file -> desired state. Pure: opens no file and no connection. */
export function loadEstate(file: string, text: string, schema: object): LoadedEstate {
  const { document, findings: syntax } = parseEstateDocument(file, text);
  if (!document) return { findings: syntax };
  const { estate, findings } = checkSchema(document, schema);
  if (!estate) return { findings: inFileOrder(findings) };
  const broken = checkRules(estate, document);
  if (broken.length > 0) return { findings: inFileOrder(broken) };
  return { state: derive(estate, document), findings: [] };
}

function inFileOrder(findings: readonly Finding[]): readonly Finding[] {
  const place = (f: Finding) => (f.where?.line ?? 0) * 10_000 + (f.where?.column ?? 0);
  return [...findings].sort((a, b) => place(a) - place(b));
}
