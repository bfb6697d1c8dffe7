import type { Command, CommandResult } from '../../src/ports/host.ts';
import { fileOf, type HostData, type ModelProcess, places } from './host-data.ts';

/** What a command prints that changes nothing. */
export function answer(data: HostData, now: number, { words, directories, find }: Command): CommandResult {
  const [program = ''] = words;
  const { sbin, bin, home } = places(data);
  const folders = [sbin, bin, `${home}/sbin`].filter(folder => folder !== '/sbin');
  const directory = directories?.find(folder => folders.includes(folder));
  if (directories && directory === undefined) return { state: 'absent' };
  const ran = (output: string, code = 0): CommandResult => ({
    state: 'ran',
    code,
    output,
    ...(directory !== undefined && { directory }),
  });
  if (find) return knows(data, program) ? ran(`${directory}\n`) : { state: 'absent' };
  const line = words.join(' ');
  if (program === 'ps') return processRows(data, now, line, ran);
  if (program === 'zonename')
    return data.dialect.zones && data.product === 'cs6' ? ran('global\n') : { state: 'absent' };
  if (program === 'showrev') return ran('Patch: 121657-54 Obsoletes: Requires: Incompatibles: Packages: SUNWics5\n');
  if (program === './start-cal') return ran(data.processes.map(one => `${one.name} is running\n`).join(''));
  if (program === './asadmin') return ran(domains(data));
  if (program === './davadmin' && words[1] === 'version') return ran('Calendar Server 7.0.4.14.0 (built 2012)\n');
  if (program === './davadmin') return options(data, words, ran);
  return { state: 'absent' };
}

function knows({ product }: HostData, program: string): boolean {
  return (product === 'cs6' ? ['./start-cal', './stop-cal', './cscal'] : ['./asadmin', './davadmin']).includes(program);
}

type Ran = (output: string, code?: number) => CommandResult;

function processRows(data: HostData, now: number, line: string, ran: Ran): CommandResult {
  const { dialect, processes } = data;
  if (line.endsWith('zone') && !dialect.zones) return ran('ps: unknown output format: -o zone\n', 1);
  const column = (one: ModelProcess): string => {
    if (line.endsWith('zone')) return 'global';
    if (line.endsWith('ppid')) return String(one.parent ?? 1);
    return `${elapsed(now - one.started)} ${one.words}`;
  };
  const system: ModelProcess = { pid: 1, name: 'init', words: '/sbin/init', started: now - 90_000_000, read: {} };
  const all = [system, ...processes];
  const rows = (dialect.reversedLists ? all.toReversed() : all).map(
    one => `${String(one.pid).padStart(6)} ${column(one)}`,
  );
  return ran(['   PID     ELAPSED COMMAND', ...rows, ''].join('\n'));
}

/** `[[dd-]hh:]mm:ss`, as ps has it. */
function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24];
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (days > 0) return `${two(days)}-${two(hours)}:${rest}`;
  return hours > 0 ? `${two(hours)}:${rest}` : rest;
}

function domains({ processes, dialect }: HostData): string {
  const runs = processes.some(({ name }) => name === 'java');
  if (dialect.domains === 'long')
    return `Name: domain1 Status: ${runs ? 'Running' : 'Not Running'}\nCommand list-domains executed successfully.\n`;
  return `domain1 ${runs ? 'running' : 'not running'}\nCommand list-domains executed successfully.\n`;
}

/** `davadmin config`, of all options or of one; it asks the server. */
function options(data: HostData, words: readonly string[], ran: Ran): CommandResult {
  const { dialect } = data;
  if (!data.processes.some(({ name }) => name === 'java')) return ran('Connection refused to localhost:8686\n', 1);
  const known = propertyLines(fileOf(data, 'options')).filter(([name]) => !name.includes('password'));
  const at = words.indexOf('-o');
  const asked = at < 0 ? undefined : words[at + 1]?.toLowerCase();
  const own = asked === undefined ? known : known.filter(([name]) => name.toLowerCase() === asked);
  const banner = dialect.davadmin === 'banner' ? ['log4j:WARN No appenders could be found.'] : [];
  if (asked !== undefined && own.length === 0) {
    return ran(dialect.unset === 'name' ? `${asked}:\n` : [...banner, ''].join('\n'));
  }
  const rows = own.map(([name, value]) => {
    if (dialect.davadmin === 'equals') return `${name}=${value}`;
    return `${dialect.davadmin === 'indented' ? '    ' : ''}${name}: ${value}`;
  });
  return ran([...banner, ...(dialect.reversedLists ? rows.toReversed() : rows), ''].join('\n'));
}

/** Names and values of a properties file, the last of each name. */
export function propertyLines(text: string): readonly (readonly [string, string])[] {
  const found = text.split('\n').flatMap(line => {
    const [, name, value] = /^\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.replaceAll('\\', ''), (value ?? '').replaceAll('\\', '')] as const];
  });
  return [...new Map(found)];
}
