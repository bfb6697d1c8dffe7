import type { SecretReference } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import type { Side } from '../estate/own-settings.ts';
import { finding } from '../findings/catalogue.ts';
import { hostNamed, type NamedHost, readHostWords } from './host-words.ts';
import { type Answer, bindDnQuestion, passwordEdit, readUrls, referenceProblem } from './questions.ts';
import { readSetting } from './set-key.ts';

/** What the command line says of hosts, directory and keys of the file; texts as they were given. */
export interface GivenOptions {
  /** The estate file. */
  readonly file: string;
  readonly cs6: readonly string[];
  readonly cs7: readonly string[];
  readonly ldap: readonly string[];
  readonly bindDn?: string | undefined;
  /** Where the password of the directory comes from. */
  readonly password?: SecretReference | undefined;
  /** A path on the CS7 hosts. */
  readonly davadminFile?: string | undefined;
  /** The CS7 host that CS6 refers to. */
  readonly redirect?: string | undefined;
  /** `DOMAIN=HOST` */
  readonly maps: readonly string[];
  /** `KEY=VALUE` */
  readonly sets: readonly string[];
}

/** Everything that is wrong with what was given. */
interface Wrong {
  readonly wrong: readonly Finding[];
}

/** What the command line gives of hosts, directory and keys; or everything that is wrong with it. */
export function readRequest(
  options: GivenOptions,
  schema: object,
  variables: Readonly<Record<string, string | undefined>>,
): Answer | Wrong {
  const { ldap, bindDn, password, davadminFile } = options;
  const read: readonly (Answer | string | Finding)[] = [
    ...(['cs6', 'cs7'] as const).map(side => readHosts(side, options[side])),
    ...(ldap.length > 0 ? [readUrls(ldap)] : []),
    ...(bindDn === undefined ? [] : [bindDnQuestion([]).read(bindDn)]),
    ...(password === undefined
      ? []
      : [referenceProblem(password, variables) ?? { edits: [passwordEdit(password, options.file)] }]),
    ...(davadminFile === undefined ? [] : [readDavadminFile(davadminFile)]),
    ...options.sets.map(text => asAnswer(readSetting(text, schema))),
  ];
  const wrong = read.flatMap(one => (typeof one === 'string' ? [unusable(one)] : 'code' in one ? [one] : []));
  if (wrong.length > 0) return { wrong };
  const answers = read.flatMap(one => (typeof one === 'string' || 'code' in one ? [] : [one]));
  return {
    hosts: answers.flatMap(({ hosts = [] }) => hosts),
    edits: answers.flatMap(({ edits = [] }) => edits),
  };
}

function unusable(detail: string): Finding {
  return finding('import.option-unusable', { detail });
}

function readHosts(side: Side, words: readonly string[]): Answer | string {
  const read = readHostWords(words.join(','));
  return typeof read === 'string' ? `--${side}: ${read}` : { hosts: [{ side, words: read }] };
}

function readDavadminFile(path: string): Answer | string {
  if (!/^\/[^\0-\x1f]*$/.test(path)) return '--davadmin-file takes an absolute path on the CS7 hosts.';
  return { edits: [{ path: ['cs7', 'davadmin', 'passwordFile'], value: path }] };
}

function asAnswer(read: EstateEdit | Finding): Answer | Finding {
  return 'code' in read ? read : { edits: [read] };
}

/** The redirect and the domain map that were given. Hosts are called as in the command line, or as in the file. */
export function givenRoutes(
  { redirect, maps }: Pick<GivenOptions, 'redirect' | 'maps'>,
  hosts: readonly NamedHost[],
): Answer | Wrong {
  const routes = [
    ...(redirect === undefined ? [] : [routeOf('--redirect', ['freeBusyRedirect'], redirect, 'cs7', hosts)]),
    ...maps.map(map => {
      const [, domain = '', host] = /^([^=\s]+)=(\S+)$/.exec(map) ?? [];
      if (host === undefined) return unusable(`--map takes DOMAIN=HOST, such as example.com=cs6-fe1.`);
      return routeOf('--map', ['domains', domain.toLowerCase(), 'cs6'], host, 'cs6', hosts);
    }),
  ];
  const wrong = routes.flatMap(one => ('code' in one ? [one] : []));
  return wrong.length > 0 ? { wrong } : { edits: routes.flatMap(one => ('code' in one ? [] : [one])) };
}

function routeOf(
  option: string,
  path: readonly string[],
  word: string,
  side: Side,
  hosts: readonly NamedHost[],
): EstateEdit | Finding {
  const named = hostNamed(word, side, hosts);
  return typeof named === 'string' ? unusable(`${option}: ${named}`) : { path, value: named.name };
}
