import { importEstate } from '../app/import-estate.ts';
import type { ImportContext } from '../app/importing.ts';
import type { SecretReference } from '../core/desired.ts';
import { printable, printableJson } from '../core/printable.ts';
import { defaultFile } from '../ports/local-files.ts';
import { importJson, renderImport } from '../report/text/import-text.ts';
import { prose } from '../report/text/layout.ts';
import { examineContext, readContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, renderFacts, styleOn } from './output.ts';

/** The options of `import`. */
export interface ImportOptions extends CommonOptions {
  readonly cs6?: readonly string[];
  readonly cs7?: readonly string[];
  readonly ldap?: readonly string[];
  readonly bindDn?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly passwordCommand?: string;
  readonly davadminFile?: string;
  readonly redirect?: string;
  readonly map?: readonly string[];
  readonly set?: readonly string[];
  readonly adopt?: readonly string[];
  readonly coverage?: boolean;
  readonly overwrite?: boolean;
}

/** `import`: writes an estate file from what is live, and proves it before; changes nothing on any server. */
export async function importCommand(options: ImportOptions, environment: Environment): Promise<number> {
  const { cs6 = [], cs7 = [], ldap = [], bindDn, davadminFile, redirect, map: maps = [], set: sets = [] } = options;
  const { adopt = [], overwrite = false, output: file = defaultFile } = options;
  const request = {
    ...{ file, overwrite, cs6, cs7, ldap, bindDn, davadminFile, redirect, maps, sets },
    password: passwordOf(options),
    adopt: adopt.includes('all') ? ('all' as const) : adopt,
  };
  const report = await importEstate(request, importContext(options, environment));
  const { terminal } = environment;
  const facts = renderFacts(options, environment);
  if (options.format === 'json') terminal.stdout(printableJson(importJson(report, facts)));
  else {
    const lines = renderImport(
      report,
      { ...facts, coverage: options.coverage ?? false },
      styleOn('stdout', options, environment),
    );
    terminal.stdout(`${lines.join('\n')}\n`);
  }
  return report.exitCode;
}

function passwordOf({ passwordFile, passwordEnv, passwordCommand }: ImportOptions): SecretReference | undefined {
  if (passwordEnv !== undefined) return { env: passwordEnv };
  if (passwordFile !== undefined) return { file: passwordFile };
  return passwordCommand === undefined ? undefined : { command: passwordCommand.trim().split(/\s+/) };
}

function importContext(options: ImportOptions, environment: Environment): ImportContext {
  const context = readContext(environment, options);
  const connections = { ...context.connections, ...examineContext(environment, options).connections };
  const person = personAt(options, environment);
  return { ...context, connections, ...(person && { person }) };
}

/** The person at the terminal. With JSON on standard output questions go to standard error, as always. */
function personAt(options: ImportOptions, environment: Environment): ImportContext['person'] {
  const { ask, stderr } = environment.terminal;
  if (!ask) return undefined;
  const style = styleOn('stderr', options, environment);
  return {
    ask: async ({ text, detail, candidates }, wrong) => {
      const asked = [
        '',
        ...prose(printable(text), style, { paint: style.strong }),
        ...printable(detail)
          .split('\n')
          .flatMap(line => prose(line, style, { by: 2 })),
        ...candidates.map((one, i) => `  ${i + 1}  ${printable(one)}${i === 0 ? '  (Enter)' : ''}`),
      ];
      const lines = wrong === undefined ? asked : prose(printable(wrong), style, { by: 2, paint: style.warn });
      stderr(`${lines.join('\n')}\n`);
      return ask('> ');
    },
  };
}
