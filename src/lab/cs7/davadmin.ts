import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { hasFault } from '../fault.ts';
import { type Cs7Facts, onHost, prefixOfWrapper, readCs7Facts } from '../host-tree.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import {
  type DavadminWords,
  davadminUsage,
  findCredentials,
  isAdministrator,
  listBackends,
  listOptions,
  modifyOptions,
  parseDavadminWords,
} from './davadmin-words.ts';
import { DAVADMIN_CALLS, readContainer } from './lab-container.ts';

const JMX_PORT = '8686';

async function davadmin(prefix: string, facts: Cs7Facts, line: readonly string[]): Promise<Outcome> {
  noteCall(prefix, line);
  await pause(facts.dialect.davadminStart);
  const words = parseDavadminWords(line, facts.dialect);
  if (words === undefined) return failed(davadminUsage(facts.dialect));
  if (words.operation === 'help') return { code: 0, stdout: davadminUsage(facts.dialect) };
  if (words.operation === 'version') return version(facts, words);
  return (await refused(prefix, facts, words)) ?? (await carryOut(prefix, facts, words));
}

function version({ version: level, dialect }: Cs7Facts, words: DavadminWords): Outcome {
  if (words.values.has('u') && !dialect.versionTakesUser) return failed(davadminUsage(dialect));
  const usual = `Oracle Communications Calendar Server version: ${level}`;
  return { code: dialect.versionCode, stdout: text(dialect.versionText === '' ? usual : dialect.versionText) };
}

async function carryOut(prefix: string, facts: Cs7Facts, words: DavadminWords): Promise<Outcome> {
  if (words.operation === 'backend') return listBackends(prefix, facts);
  return words.action === 'modify' ? await modifyOptions(prefix, facts, words) : listOptions(prefix, facts, words);
}

// Each call is a Java machine on a real host: a test counts them.
function noteCall(prefix: string, line: readonly string[]): void {
  try {
    appendFileSync(onHost(prefix, DAVADMIN_CALLS), `${line.join(' ')}\n`);
  } catch {
    // A user who may not write there is counted nowhere.
  }
}

// The password comes first, then the connection to the running server, which alone can tell whether it is right.
async function refused(prefix: string, facts: Cs7Facts, words: DavadminWords): Promise<Outcome | undefined> {
  let credentials: Awaited<ReturnType<typeof findCredentials>>;
  try {
    credentials = await findCredentials(prefix, words);
  } catch {
    return failed(text('Unable to read the password file.'));
  }
  if (credentials === undefined) return failed(text('No password given.'));
  const server = `${words.values.get('H') ?? 'localhost'}:${words.values.get('p') ?? JMX_PORT}`;
  if (!isReachable(prefix, server)) return failed(text(`Unable to connect to ${server}`));
  if (!isAdministrator(prefix, facts.home, credentials))
    return failed(text('Authentication failed. Invalid user or password.'));
  return undefined;
}

function isReachable(prefix: string, server: string): boolean {
  const local = [`localhost:${JMX_PORT}`, `127.0.0.1:${JMX_PORT}`].includes(server);
  return local && readContainer(prefix) !== undefined && !hasFault(prefix, 'davadmin.fail');
}

function failed(problem: string): Outcome {
  return { code: 1, stderr: problem };
}

const prefix = prefixOfWrapper();
void finish(davadmin(prefix, readCs7Facts(prefix), process.argv.slice(2)));
