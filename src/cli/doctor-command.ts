import { type DoctorRequest, examineEstate, printKeyLine, trustHost } from '../app/doctor.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import type { OfferedKey } from '../ports/ports.ts';
import { prose } from '../report/text/layout.ts';
import { examineContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printReport, reportingOn, styleOn } from './output.ts';

/** The options of `doctor`. */
export interface DoctorOptions extends CommonOptions {
  /** A host whose key is to be trusted; nothing is examined then. */
  readonly trust?: string;
  /** Keys that were compared beforehand. */
  readonly fingerprint?: readonly string[];
}

/** `doctor`: looks step by step whether targets are set up as this program needs them; changes nothing on any of them. */
export async function doctorCommand(
  request: DoctorRequest,
  given: DoctorOptions,
  environment: Environment,
): Promise<number> {
  const { files } = request;
  const options = reportingOn(given, 'doctor', files);
  if (given.trust !== undefined) return trustCommand(given.trust, files, options, environment);
  const report = await examineEstate(request, examineContext(environment, options));
  return 'failed' in report ? printFailure(report, options, environment) : printReport(report, options, environment);
}

/** `doctor --trust HOST`: shows the key of a host that nobody knows yet, asks, and adds it to known_hosts. */
async function trustCommand(
  host: string,
  files: readonly string[],
  options: DoctorOptions,
  environment: Environment,
): Promise<number> {
  const ask = asker(options, environment);
  const request = { files, host, fingerprints: options.fingerprint ?? [], ...(ask && { ask }) };
  const trusted = await trustHost(request, examineContext(environment, options));
  if ('failed' in trusted) return printFailure(trusted, options, environment);
  const { key, added } = trusted;
  const { stdout } = environment.terminal;
  if (options.format === 'json') {
    stdout(`${JSON.stringify({ host, key: shownKey(key), added: added.map(shownKey) }, null, 2)}\n`);
    return exitCodes.done;
  }
  const lines = [...added.map(one => `${keyText(one)}: added to ${one.file}.`), `${host}: the host key is known.`];
  const style = styleOn('stdout', options, environment);
  stdout(`${lines.flatMap(line => prose(printable(line), style)).join('\n')}\n`);
  return exitCodes.done;
}

function shownKey({ server, type, fingerprint, file }: OfferedKey): object {
  return { server, type, fingerprint, file };
}

function keyText({ server, type, fingerprint }: OfferedKey): string {
  return `${server}: ${type} ${fingerprint}`;
}

function asker(options: DoctorOptions, { terminal, ...environment }: Environment) {
  const { ask, stderr } = terminal;
  if (!ask) return undefined;
  const style = styleOn('stderr', options, { terminal, ...environment });
  return async (key: OfferedKey) => {
    const lines = [
      ...prose(printable(`${key.server} shows a key that is in no known_hosts file:`), style),
      `    ${printable(key.type)} ${key.fingerprint}`,
      'Compare it with what this prints on the console of that host:',
      `    ${printKeyLine(key.type)}`,
    ];
    stderr(`${lines.join('\n')}\n`);
    return (await ask(printable(`Are they equal? Type "yes" to add the key to ${key.file}: `))).trim() === 'yes';
  };
}
