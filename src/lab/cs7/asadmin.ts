import { spawn } from 'node:child_process';
import { hasFault } from '../fault.ts';
import { type Cs7Facts, compiledProgram, prefixOfWrapper, readCs7Facts } from '../host-tree.ts';
import { startDaemon, stopDaemon } from '../lab-daemon.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import { containerPlaces, containerTitle, DOMAIN, forgetContainer, readContainer } from './lab-container.ts';

const prefix = prefixOfWrapper();
const { dialect }: Cs7Facts = readCs7Facts(prefix);
const places = containerPlaces(dialect);

// Set where SMF or systemd runs the command, or a script of WebLogic's.
const FROM_SERVICE = 'LAB_SERVICE';

// The three commands of GlassFish's asadmin that a restart needs; texts after the public product.
async function asadmin(words: readonly string[]): Promise<Outcome> {
  const [command = '', domain = DOMAIN, ...rest] = words;
  if (rest.length > 0 || domain.startsWith('-'))
    return failed(command, `Invalid number of operands. Usage: ${command} [domain]`);
  if (command === 'list-domains') return succeeded(command, listDomain(readContainer(prefix) !== undefined));
  if (domain !== DOMAIN)
    return failed(command, `There is no such domain directory: ${places.domain.replace(/[^/]+$/, domain)}`);
  if (command === 'start-domain') return await startDomain();
  if (command === 'stop-domain') return await stopDomain();
  return failed(command, `Command ${command} not found.`);
}

// Of GlassFish 2 and 3.0, and of 3.1.2.
function listDomain(runs: boolean): string {
  const state = runs ? 'running' : 'not running';
  const line =
    dialect.domainList === 'words'
      ? `${DOMAIN} ${state}`
      : `Name: ${DOMAIN} Status: ${state.charAt(0).toUpperCase()}${state.slice(1)}`;
  return dialect.domainCase === 'upper' ? line.toUpperCase().replace(DOMAIN.toUpperCase(), DOMAIN) : line;
}

async function startDomain(): Promise<Outcome> {
  if (readContainer(prefix) !== undefined)
    return failed('start-domain', `There is more than likely another ${DOMAIN} using the admin port 4848.`);
  if (hasFault(prefix, 'asadmin.start-fail'))
    return failed('start-domain', 'JVM failed to start: Could not reserve enough space');
  const problem = await startDaemon(compiledProgram('cs7/java'), containerTitle(dialect));
  if (problem !== undefined) return failed('start-domain', problem);
  return succeeded(
    'start-domain',
    `Waiting for ${DOMAIN} to start .......`,
    `Successfully started the domain : ${DOMAIN}`,
    `domain  Location: ${places.domain}`,
    `Log File: ${places.domain}/logs/server.log`,
    'Admin Port: 4848',
  );
}

async function stopDomain(): Promise<Outcome> {
  if (hasFault(prefix, 'asadmin.stop-fail'))
    return failed('stop-domain', 'Timed out (60 seconds) waiting for the domain to stop.');
  const running = readContainer(prefix);
  if (running === undefined)
    return succeeded('stop-domain', `CLI306: Warning - The server located at ${places.domain} is not running.`);
  const gone = await stopDaemon(running.pid, running.title, 'SIGTERM');
  if (!gone) return failed('stop-domain', 'Timed out waiting for the domain to stop.');
  forgetContainer(prefix, running, places);
  if (dialect.watchedBy !== 'nobody' && process.env[FROM_SERVICE] === undefined) startAgain();
  return succeeded('stop-domain', 'Waiting for the domain to stop ....');
}

// SMF and systemd take a service that is gone for one that has failed.
function startAgain(): void {
  const words = ['-c', 'sleep 0.2; exec "$@"', 'sh', process.execPath, compiledProgram('cs7/asadmin'), 'start-domain'];
  const env = { ...process.env, [FROM_SERVICE]: dialect.watchedBy };
  spawn('/bin/sh', words, { cwd: '/', detached: true, stdio: 'ignore', env }).unref();
}

function succeeded(command: string, ...lines: readonly string[]): Outcome {
  return { code: 0, stdout: text(...lines, `Command ${command} executed successfully.`) };
}

function failed(command: string, problem: string): Outcome {
  return { code: 1, stderr: text(problem, `Command ${command} failed.`) };
}

void finish(asadmin(process.argv.slice(2)));
