import { hasFault } from '../fault.ts';
import { compiledProgram, prefixOfWrapper } from '../host-tree.ts';
import { startDaemon, stopDaemon } from '../lab-daemon.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import { CONTAINER_TITLE, containerPid, DOMAIN, forgetContainer, GLASSFISH_HOME } from './lab-container.ts';

const LOCATION = `${GLASSFISH_HOME}/glassfish/domains/${DOMAIN}`;

// The three commands of GlassFish 3's asadmin that a restart needs; texts after the public product.
async function asadmin(prefix: string, words: readonly string[]): Promise<Outcome> {
  const [command = '', domain = DOMAIN, ...rest] = words;
  if (rest.length > 0 || domain.startsWith('-'))
    return failed(command, `Invalid number of operands. Usage: ${command} [domain]`);
  if (command === 'list-domains')
    return succeeded(command, `${DOMAIN} ${containerPid(prefix) ? 'running' : 'not running'}`);
  if (domain !== DOMAIN)
    return failed(command, `There is no such domain directory: ${GLASSFISH_HOME}/glassfish/domains/${domain}`);
  if (command === 'start-domain') return await startDomain(prefix);
  if (command === 'stop-domain') return await stopDomain(prefix);
  return failed(command, `Command ${command} not found.`);
}

async function startDomain(prefix: string): Promise<Outcome> {
  if (containerPid(prefix) !== undefined)
    return failed('start-domain', `There is more than likely another ${DOMAIN} using the admin port 4848.`);
  if (hasFault(prefix, 'asadmin.start-fail'))
    return failed('start-domain', 'JVM failed to start: Could not reserve enough space');
  const problem = await startDaemon(compiledProgram('cs7/java'));
  if (problem !== undefined) return failed('start-domain', problem);
  return succeeded(
    'start-domain',
    `Waiting for ${DOMAIN} to start .......`,
    `Successfully started the domain : ${DOMAIN}`,
    `domain  Location: ${LOCATION}`,
    `Log File: ${LOCATION}/logs/server.log`,
    'Admin Port: 4848',
  );
}

async function stopDomain(prefix: string): Promise<Outcome> {
  if (hasFault(prefix, 'asadmin.stop-fail'))
    return failed('stop-domain', 'Timed out (60 seconds) waiting for the domain to stop.');
  const pid = containerPid(prefix);
  if (pid === undefined)
    return succeeded('stop-domain', `CLI306: Warning - The server located at ${LOCATION} is not running.`);
  const gone = await stopDaemon(pid, CONTAINER_TITLE, 'SIGTERM');
  if (!gone) return failed('stop-domain', 'Timed out waiting for the domain to stop.');
  forgetContainer(prefix);
  return succeeded('stop-domain', 'Waiting for the domain to stop ....');
}

function succeeded(command: string, ...lines: readonly string[]): Outcome {
  return { code: 0, stdout: text(...lines, `Command ${command} executed successfully.`) };
}

function failed(command: string, problem: string): Outcome {
  return { code: 1, stderr: text(problem, `Command ${command} failed.`) };
}

finish(await asadmin(prefixOfWrapper(), process.argv.slice(2)));
