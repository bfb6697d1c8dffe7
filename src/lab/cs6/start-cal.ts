import { readFileSync } from 'node:fs';
import { hasFault } from '../fault.ts';
import { compiledProgram, onHost, prefixOfWrapper, readCs6Facts } from '../host-tree.ts';
import { startDaemon } from '../lab-daemon.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import {
  COMPONENTS,
  type Component,
  enabledComponents,
  parseServiceWords,
  processOf,
  processTitle,
} from './cs6-layout.ts';
import { readIcsSettings } from './ics-settings.ts';
import {
  attempt,
  type Cs6Running,
  FAILED,
  readCs6Running,
  recordComponents,
  refusedByCluster,
  refusedUser,
  type Tool,
  withCode,
} from './tool.ts';

// Options and components are documented (Administration Guide, appendix D); the texts are not, and are made up.
const USAGE = text(
  'Usage: start-cal [options...] [components...]',
  '  options:    -? | --help, -d, -l, -L, -A',
  `  components: ${COMPONENTS.join(' ')}`,
);
const BANNER = 'Sun Java System Calendar Server 6.3 -- csservice';

async function startCal(tool: Tool, words: readonly string[]): Promise<Outcome> {
  const parsed = parseServiceWords(words, ['-?', '--help', '-d', '-l', '-L', '-A']);
  if (parsed === undefined) return { code: FAILED, stderr: USAGE };
  if (parsed.options.some(option => option === '-?' || option === '--help')) return { code: 0, stdout: USAGE };
  const refused = refusedUser(tool);
  if (refused !== undefined) return { code: FAILED, stderr: text(refused) };
  const listing = parsed.options.find(option => option !== '-d');
  if (listing === '-l') return listActive(tool);
  if (listing !== undefined) return { code: 0, stdout: text(BANNER, ...listed(tool, listing)) };
  return refusedByCluster(tool) ?? withCode(await startServer(tool, parsed.components), tool.facts.dialect.startCode);
}

// That the option lists what is active is documented; its form is not, nor its exit code.
function listActive({ prefix, facts }: Tool): Outcome {
  const components = readCs6Running(prefix, facts)?.components ?? [];
  const row = (one: Component) => `${processOf(one).padEnd(12)}${components.includes(one) ? 'up' : '-'}`;
  switch (facts.dialect.activeList) {
    case 'names':
      return { code: 0, stdout: text(BANNER, ...components) };
    case 'table':
      return { code: 0, stdout: text('Daemon      State', '-----------------', ...COMPONENTS.map(row)) };
    case 'nothing':
      return { code: 0 };
    case 'failure':
      return { code: 1, stderr: text('start-cal: cannot attach to shared memory') };
  }
}

function listed(tool: Tool, option: string): readonly string[] {
  if (option === '-A') return COMPONENTS;
  return enabledComponents(readIcsSettings(readFileSync(onHost(tool.prefix, tool.facts.icsConf), 'latin1')).settings);
}

async function startServer(tool: Tool, components: readonly Component[]): Promise<Outcome> {
  if (hasFault(tool.prefix, 'start-cal.fail')) return notStarted('cannot allocate shared memory segment');
  const running = readCs6Running(tool.prefix, tool.facts);
  if (running !== undefined) return { code: 0, stdout: alreadyUp(tool, running, components) };
  if (hasFault(tool.prefix, 'start-cal.silent')) return { code: 0, stdout: started(components) };
  const problem = await startDaemon(compiledProgram('cs6/cshttpd'), processTitle(tool.facts, 'cshttpd'), components);
  if (problem !== undefined) return notStarted(problem);
  return { code: 0, stdout: started(readCs6Running(tool.prefix, tool.facts)?.components ?? components) };
}

function alreadyUp(tool: Tool, running: Cs6Running, components: readonly Component[]): string {
  const up = COMPONENTS.filter(one => running.components.includes(one) || components.includes(one));
  recordComponents(tool.prefix, tool.facts, running, up);
  return text(BANNER, `Calendar Server is already running, cshttpd process ${running.pid}`);
}

function started(components: readonly Component[]): string {
  const lines = components.map(component => `# Starting ${processOf(component)} ...`);
  return text(
    BANNER,
    '### watcher: LD_LIBRARY_PATH set by csservice ###',
    ...lines,
    'Calendar service(s) were started',
  );
}

function notStarted(problem: string): Outcome {
  return {
    code: FAILED,
    stdout: text(BANNER),
    stderr: text(`start-cal: ${problem}`, 'Calendar service(s) were not started'),
  };
}

const prefix = prefixOfWrapper();
const tool: Tool = { name: 'start-cal', prefix, facts: readCs6Facts(prefix) };
void finish(attempt(tool, () => startCal(tool, process.argv.slice(2))));
