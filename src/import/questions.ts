import { dirname, isAbsolute, relative } from 'node:path';
import { sendsClearText } from '../core/connection.ts';
import type { SecretReference } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { OpenChoice } from '../core/import-report.ts';
import { printableLine } from '../core/printable.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import type { Side } from '../estate/own-settings.ts';
import { nameProblem } from '../ldap/distinguished-name.ts';
import type { Choice } from './fact.ts';
import { type HostWord, hostNamed, type NamedHost, readHostWords } from './host-words.ts';
import { keyText, readSetting, valueText } from './set-key.ts';

/** What an answer comes to. */
export interface Answer {
  readonly hosts?: readonly { readonly side: Side; readonly words: readonly HostWord[] }[];
  readonly edits?: readonly EstateEdit[];
}

/** Something that a person decides: at the terminal, or with words of a command line. */
export interface Question {
  readonly key: string;
  readonly text: string;
  /** What was looked at and found; printable lines. */
  readonly detail: string;
  /** Answers that are possible, the likeliest first: Enter takes that one. */
  readonly candidates: readonly string[];
  /** What stands for an answer that nobody can suggest, in capitals. */
  readonly placeholder: string;
  /** The words of a command line that give an answer. */
  readonly words: (answer: string) => readonly string[];
  /** What an answer comes to; or why it cannot be right, as sentences. A secret is not repeated. */
  readonly read: (answer: string) => Answer | string;
}

/** A question as a report has it, for those who are not asked. */
export function openChoice({ key, text, detail, candidates, placeholder, words }: Question): OpenChoice {
  return { key, question: text, detail, candidates, words: words(candidates[0] ?? placeholder) };
}

/** What was typed, as an answer: a number names a candidate, nothing the first one. */
export function typedAnswer({ candidates }: Pick<Question, 'candidates'>, typed: string): string {
  const text = typed.trim();
  if (text === '') return candidates[0] ?? '';
  return (/^\d{1,3}$/.test(text) && candidates[Number(text) - 1]) || text;
}

const sideNames = { cs6: 'Calendar Server 6.3', cs7: 'Calendar Server 7' } as const;

/** Which hosts a side has. */
export function hostsQuestion(side: Side): Question {
  return {
    key: `${side}.hosts`,
    text: `Which hosts run ${sideNames[side]}?`,
    detail: 'Names as ~/.ssh/config has them, or user@host:port. Separate several with commas.',
    candidates: [],
    placeholder: `${side.toUpperCase()}-HOST`,
    words: answer => [`--${side}`, answer],
    read: answer => {
      const read = readHostWords(answer);
      if (typeof read === 'string') return read;
      return read.length === 0 ? `At least one host runs ${sideNames[side]}.` : { hosts: [{ side, words: read }] };
    },
  };
}

/** What the directory is; `suggested` are URLs that hosts name. */
export function directoryQuestion(suggested: readonly string[]): Question {
  return {
    key: 'directory.url',
    text: 'Which LDAP server is the directory of both calendar servers?',
    detail: 'Its URL: ldaps://host:636, or ldap://host:389, which is then encrypted with StartTLS.',
    candidates: suggested,
    placeholder: 'ldaps://LDAP-HOST:636',
    words: answer => listed(answer).flatMap(url => ['--ldap', url]),
    read: answer => readUrls(listed(answer)),
  };
}

/** The URLs of the directory as edits; StartTLS where the password would go over a network in clear text. */
export function readUrls(urls: readonly string[]): Answer | string {
  const [first] = urls;
  if (first === undefined) return 'A URL is needed.';
  const wrong = urls.find(url => !/^ldap[is]?:\/\/[^/?# ]+\/?$/.test(url) || !URL.canParse(url));
  if (wrong !== undefined)
    return `"${printableLine(wrong)}" is not the URL of an LDAP server, such as ldaps://ds1.example.com:636.`;
  const clear = urls.some(url => sendsClearText(new URL(url), false));
  return {
    edits: [
      { path: ['directory', 'url'], value: urls.length === 1 ? first : urls },
      ...(clear ? [{ path: ['directory', 'startTls'], value: true }] : []),
    ],
  };
}

/** Whom to log in as in the directory. */
export function bindDnQuestion(suggested: readonly string[]): Question {
  return {
    key: 'directory.bindDn',
    text: 'Which entry does reconcile log in with?',
    detail: 'A DN that may read all accounts. Later it also needs the right to change them.',
    candidates: suggested,
    placeholder: 'BIND-DN',
    words: answer => ['--bind-dn', answer],
    read: answer => {
      const problem = answer === '' ? { reason: 'it is empty.' } : nameProblem(answer);
      if (problem) return `The bind DN is not a DN, such as cn=reconcile,ou=Services,o=isp: ${problem.reason}`;
      return { edits: [{ path: ['directory', 'bindDn'], value: answer }] };
    },
  };
}

/** Where its password comes from. `env:LDAP_PASSWORD` is offered where that variable is set; `file` is the estate file. */
export function passwordQuestion(file: string, variables: Readonly<Record<string, string | undefined>>): Question {
  const usual = 'env:LDAP_PASSWORD';
  return {
    key: 'directory.password',
    text: 'Where does the password of this entry come from?',
    detail: 'env:NAME for a variable, file:PATH, or command:WORDS. Do not type the password itself.',
    candidates: variables['LDAP_PASSWORD'] ? [usual] : [],
    placeholder: usual,
    words: answer => {
      const [, where = '', rest = ''] = /^(env|file|command):(.*)$/.exec(answer) ?? [];
      return [`--password-${where}`, rest];
    },
    read: answer => {
      const [, where, rest = ''] = /^(env|file|command):\s*(.+)$/.exec(answer) ?? [];
      if (where === undefined) return 'Write env:NAME, file:PATH or command:WORDS. The password itself is never taken.';
      const reference = secretReference(where, rest.trim());
      const problem = referenceProblem(reference, variables);
      return problem ?? { edits: [passwordEdit(reference, file)] };
    },
  };
}

/** `env`, `file` or `command` and what follows it. The words of a command are separated by blanks. */
export function secretReference(where: string, rest: string): SecretReference {
  if (where === 'env') return { env: rest };
  return where === 'file' ? { file: rest } : { command: rest.split(/\s+/) };
}

/** What is said of a variable at once: it has no such name, or is not set. */
export function referenceProblem(
  reference: SecretReference,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (!('env' in reference)) return undefined;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(reference.env)) return 'This is not the name of an environment variable.';
  return variables[reference.env] ? undefined : `The environment variable ${reference.env} is not set in this shell.`;
}

/** The edit that names the password of the directory. A path from here becomes one from the folder of the estate file. */
export function passwordEdit(reference: SecretReference, file: string): EstateEdit {
  const isRelative = 'file' in reference && !isAbsolute(reference.file);
  const value = isRelative ? { file: relative(dirname(file), reference.file) } : { ...reference };
  return { path: ['directory', 'password'], value };
}

/** A choice that was found, as a question. The redirect and the domain map have options of their own. */
export function choiceQuestion(choice: Choice, schema: object, hosts: readonly NamedHost[]): Question {
  const { path, question: text, detail, candidates } = choice;
  const key = keyText(path);
  if (key === 'domains') return domainsQuestion(choice, hosts);
  const route = routeOf(path);
  const read = (answer: string): Answer | string => {
    if (answer === '') return 'An answer is needed.';
    if (route) return readRoute(path, answer, route.side, hosts);
    const edit = readSetting(`${key}=${answer}`, schema);
    return isFinding(edit) ? edit.detail : { edits: [edit] };
  };
  const words = (answer: string) => route?.words(answer) ?? wordsFor(path, answer);
  return { key, text, detail, candidates: candidates.map(valueText), placeholder: 'VALUE', words, read };
}

/** The side that a key names a host of, and the option for it. */
function routeOf(path: Choice['path']) {
  const [first, domain, side] = path.map(String);
  if (path.length === 1 && first === 'freeBusyRedirect')
    return { side: 'cs7', words: (answer: string) => ['--redirect', answer] } as const;
  if (path.length !== 3 || first !== 'domains' || side !== 'cs6') return undefined;
  return { side, words: (answer: string) => ['--map', `${domain}=${answer}`] } as const;
}

function readRoute(path: Choice['path'], word: string, side: Side, hosts: readonly NamedHost[]): Answer | string {
  const named = hostNamed(word, side, hosts);
  return typeof named === 'string' ? named : { edits: [{ path, value: named.name }] };
}

function wordsFor(path: Choice['path'], answer: string): readonly string[] {
  const key = keyText(path);
  return key === 'cs7.davadmin.passwordFile' ? ['--davadmin-file', answer] : ['--set', `${key}=${answer}`];
}

/** Where no mail domain was found, both halves of the map are asked for. */
function domainsQuestion(
  { question: text, detail }: Pick<Choice, 'question' | 'detail'>,
  hosts: readonly NamedHost[],
): Question {
  return {
    ...{ key: 'domains', text, detail: `${detail}\nWrite DOMAIN=HOST. Separate several with commas.`, candidates: [] },
    placeholder: 'DOMAIN=CS6-HOST',
    words: answer => listed(answer).flatMap(map => ['--map', map]),
    read: answer => {
      const read = listed(answer).map(map => {
        const [, domain, host] = /^([^=]+)=([^=]+)$/.exec(map) ?? [];
        if (domain === undefined || host === undefined) return 'Write DOMAIN=HOST, such as example.com=cs6-fe1.';
        return readRoute(['domains', domain.toLowerCase(), 'cs6'], host, 'cs6', hosts);
      });
      const wrong = read.find(one => typeof one === 'string');
      if (wrong !== undefined || read.length === 0) return wrong ?? 'An answer is needed.';
      return { edits: read.flatMap(one => (typeof one === 'string' ? [] : (one.edits ?? []))) };
    },
  };
}

function listed(answer: string): readonly string[] {
  return answer.split(/[\s,]+/).filter(word => word !== '');
}

function isFinding(read: EstateEdit | Finding): read is Finding {
  return 'code' in read;
}

/** Who is asked; `wrong` is why the answer before cannot be right. Gives what was typed. */
export interface Person {
  ask(question: Question, wrong?: string): Promise<string>;
}

/** More questions than these are not asked in one run: what is left is decided in the command line. */
export const mostQuestions = 8;

/** What was given in the command line and answered since, and what is left to decide. */
export class Interview {
  readonly #person: Person | undefined;
  readonly #given: EstateEdit[] = [];
  readonly #hosts: Record<Side, readonly HostWord[]> = { cs6: [], cs7: [] };
  readonly #words: string[] = [];
  readonly #open = new Map<string, OpenChoice>();
  #asked = 0;

  /** Without a person every question is left open. */
  constructor(person: Person | undefined) {
    this.#person = person;
  }

  /** What was given and answered; the last one counts. */
  get given(): readonly EstateEdit[] {
    return this.#given;
  }

  get hosts(): Readonly<Record<Side, readonly HostWord[]>> {
    return this.#hosts;
  }

  /** The words of a command line that give the same answers. */
  get words(): readonly string[] {
    return this.#words;
  }

  /** What nobody has decided. */
  get open(): readonly OpenChoice[] {
    return [...this.#open.values()];
  }

  get asked(): number {
    return this.#asked;
  }

  /** Takes what needs no question. */
  give({ edits = [], hosts = [] }: Answer): void {
    this.#given.push(...edits);
    for (const { side, words } of hosts) this.#hosts[side] = words;
  }

  /** Asks until an answer can be right, or leaves the question open; whether it was answered. */
  async decide(question: Question): Promise<boolean> {
    if (this.#open.has(question.key)) return false;
    if (!this.#person || this.#asked >= mostQuestions) {
      this.#open.set(question.key, openChoice(question));
      return false;
    }
    this.#asked++;
    const { answer, read } = await askUntilRight(question, this.#person);
    this.#words.push(...question.words(answer));
    this.give(read);
    return true;
  }
}

async function askUntilRight(question: Question, person: Person) {
  let wrong: string | undefined;
  for (;;) {
    const answer = typedAnswer(question, await person.ask(question, wrong));
    const read = question.read(answer);
    if (typeof read !== 'string') return { answer, read };
    wrong = read;
  }
}
