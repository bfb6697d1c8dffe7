import { spawn } from 'node:child_process';
import { hasFault } from '../fault.ts';
import { onHost, prefixOfWrapper, readCs6Facts } from '../host-tree.ts';
import { endCompanions, stopDaemon } from '../lab-daemon.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import { COMPONENTS, type Component, parseServiceWords, processOf, type ServiceWords } from './cs6-layout.ts';
import {
  attempt,
  CLUSTER,
  type Cs6Running,
  FAILED,
  forgetRunning,
  isCluster,
  readCs6Running,
  recordComponents,
  refusedByCluster,
  refusedUser,
  type Tool,
  withCode,
} from './tool.ts';

// Options and components are documented (Administration Guide, appendix D); the texts are not, and are made up.
const USAGE = text(
  'Usage: stop-cal [options...] [components...]',
  '  options:    -? | --help, -d, -f',
  `  components: ${COMPONENTS.join(' ')}`,
);

async function stopCal(tool: Tool, words: readonly string[]): Promise<Outcome> {
  const parsed = parseServiceWords(words, ['-?', '--help', '-d', '-f']);
  if (parsed === undefined) return { code: FAILED, stderr: USAGE };
  if (parsed.options.some(option => option === '-?' || option === '--help')) return { code: 0, stdout: USAGE };
  const refused = refusedUser(tool);
  if (refused !== undefined) return { code: FAILED, stderr: text(refused) };
  if (hasFault(tool.prefix, 'stop-cal.fail')) return { code: FAILED, stderr: text('stop-cal: cannot stop cshttpd') };
  return refusedByCluster(tool) ?? withCode(await stopServer(tool, parsed), tool.facts.dialect.stopCode);
}

async function stopServer(tool: Tool, parsed: ServiceWords): Promise<Outcome> {
  const running = readCs6Running(tool.prefix, tool.facts);
  if (running === undefined) return { code: 0, stdout: text('Calendar Server is not running') };
  const components = parsed.components.length === 0 ? running.components : parsed.components;
  if (hasFault(tool.prefix, 'stop-cal.ignore')) return { code: 0, stdout: stopped(components) };
  return await stopComponents(tool, running, components, parsed.options.includes('-f') ? 'SIGKILL' : 'SIGTERM');
}

// One process stands for all components: it ends with its http part, or with its last one.
async function stopComponents(
  tool: Tool,
  running: Cs6Running,
  components: readonly Component[],
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<Outcome> {
  const left = running.components.filter(component => !components.includes(component));
  if (left.length > 0 && !components.includes('http')) {
    recordComponents(tool.prefix, tool.facts, running, left);
    return { code: 0, stdout: stopped(components) };
  }
  const gone = await stopDaemon(running.pid, running.title, signal);
  if (!gone) return { code: FAILED, stderr: text('stop-cal: cshttpd does not end') };
  if (signal === 'SIGKILL') endCompanions(tool.prefix, running.companions);
  forgetRunning(tool.prefix, tool.facts, running);
  if (tool.facts.dialect.cluster === 'fights' && !isCluster()) startAgain(tool);
  return { code: 0, stdout: stopped(components) };
}

// Sun Cluster takes a resource that is gone for one that has failed.
function startAgain({ prefix, facts }: Tool): void {
  const words = ['-c', 'sleep 0.2; exec "$0"', onHost(prefix, `${facts.sbin}/start-cal`)];
  const env = { ...process.env, [CLUSTER]: 'yes' };
  spawn('/bin/sh', words, { cwd: '/', detached: true, stdio: 'ignore', env }).unref();
}

function stopped(components: readonly Component[]): string {
  const lines = components.toReversed().map(component => `# Stopping ${processOf(component)} ...`);
  return text(...lines, 'Calendar service(s) were stopped');
}

const prefix = prefixOfWrapper();
const tool: Tool = { name: 'stop-cal', prefix, facts: readCs6Facts(prefix) };
void finish(attempt(tool, () => stopCal(tool, process.argv.slice(2))));
