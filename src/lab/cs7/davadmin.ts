import { hasFault } from '../fault.ts';
import { type Cs7Facts, prefixOfWrapper, readCs7Facts } from '../host-tree.ts';
import { finish, type Outcome, text } from '../outcome.ts';
import {
  DAVADMIN_USAGE,
  type DavadminWords,
  findCredentials,
  isAdministrator,
  listOptions,
  modifyOption,
  parseDavadminWords,
} from './davadmin-words.ts';
import { containerPid } from './lab-container.ts';

const JMX_PORT = '8686';

async function davadmin(prefix: string, facts: Cs7Facts, line: readonly string[]): Promise<Outcome> {
  const words = parseDavadminWords(line);
  if (words === undefined) return failed(DAVADMIN_USAGE);
  if (words.operation === 'help') return { code: 0, stdout: DAVADMIN_USAGE };
  if (words.operation === 'version')
    return { code: 0, stdout: text(`Oracle Communications Calendar Server version: ${facts.version}`) };
  return (await refused(prefix, facts, words)) ?? (await config(prefix, facts, words));
}

async function config(prefix: string, facts: Cs7Facts, words: DavadminWords): Promise<Outcome> {
  return words.action === 'modify' ? await modifyOption(prefix, facts, words) : listOptions(prefix, facts, words);
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
  return local && containerPid(prefix) !== undefined && !hasFault(prefix, 'davadmin.fail');
}

function failed(problem: string): Outcome {
  return { code: 1, stderr: problem };
}

const prefix = prefixOfWrapper();
finish(await davadmin(prefix, readCs7Facts(prefix), process.argv.slice(2)));
