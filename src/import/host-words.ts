import type { EstateEdit } from '../estate/edit-estate.ts';
import { type Side, suggestion } from '../estate/own-settings.ts';

/** A host as a person names it: `cs6-fe1`, `root@cs6server.example.com:2222`. */
export interface HostWord {
  readonly user?: string;
  readonly address: string;
  readonly port?: number;
}

/** A host of a side with the name that it gets in the file. */
export interface NamedHost extends HostWord {
  readonly side: Side;
  readonly name: string;
}

/** The hosts in a command line or an answer, separated by commas or blanks; or why one is none, as a sentence. */
export function readHostWords(text: string): readonly HostWord[] | string {
  const read = text
    .split(/[\s,]+/)
    .filter(word => word !== '')
    .map(readHostWord);
  return read.find(one => typeof one === 'string') ?? read.filter(one => typeof one !== 'string');
}

function readHostWord(text: string): HostWord | string {
  const [, user, bracketed, plain, digits] =
    /^(?:([A-Za-z_][\w.-]*)@)?(?:\[([0-9A-Fa-f:.]+)\]|([^\s:@[\]]+|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/.exec(
      text,
    ) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined || !/^[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9_])?$/.test(address))
    return `"${text}" is not a host. Write a name of ~/.ssh/config, or user@host:port.`;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return `${port} is not a port: it must be from 1 to 65535.`;
  return { address, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}

/**
 * The hosts of both sides, each once, with short names: the first part of a host name where no other host has it. An address of
 * numbers has no name, and is called by its side.
 */
export function nameHosts(words: Readonly<Record<Side, readonly HostWord[]>>): readonly NamedHost[] {
  const sides = (['cs6', 'cs7'] as const).flatMap(side => distinct(words[side]).map(word => ({ side, word })));
  const shorts = sides.map(({ word }) => shortName(word.address));
  const taken = new Set(['directory']);
  return sides.map(({ side, word }, i) => {
    const own = shorts.filter(short => short === shorts[i]).length === 1 ? shorts[i] : undefined;
    const candidates = [
      own,
      nameOf(word.address),
      shorts[i] && `${shorts[i]}-${side}`,
      ...numbered(side, sides.length),
    ];
    const name = candidates.find(one => one !== undefined && !taken.has(one)) ?? side;
    taken.add(name);
    return { ...word, side, name };
  });
}

/** What the file says of the hosts. A user that all of them share is said once. */
export function hostEdits(hosts: readonly NamedHost[]): readonly EstateEdit[] {
  const users = new Set(hosts.map(({ user }) => user));
  const [shared] = users.size === 1 ? users : [];
  return [
    ...(shared === undefined ? [] : [{ path: ['ssh', 'user'], value: shared }]),
    ...hosts.map(({ side, name, address, port, user }) => ({
      path: [side, 'hosts', name],
      value: {
        ...(address !== name && { address }),
        ...(port !== undefined && { port }),
        ...(user !== undefined && shared === undefined && { ssh: { user } }),
      },
    })),
  ];
}

/** The host of a side that a word means, by its name in the file or its address; or why there is none, as sentences. */
export function hostNamed(word: string, side: Side, hosts: readonly NamedHost[]): NamedHost | string {
  const own = hosts.filter(host => host.side === side);
  const [host, ...more] = own.filter(({ name, address }) => [name, address.toLowerCase()].includes(word.toLowerCase()));
  if (host && more.length === 0) return host;
  return `"${word}" is not a host of ${side}.${suggestion(
    word,
    own.map(({ name }) => name),
  )}`;
}

function distinct(words: readonly HostWord[]): readonly HostWord[] {
  const placeOf = ({ address, port = 22 }: HostWord) => `${address.toLowerCase()} ${port}`;
  return words.filter((word, i) => words.findIndex(other => placeOf(other) === placeOf(word)) === i);
}

const validName = /^[a-z]([a-z0-9._-]*[a-z0-9])?$/;

function nameOf(address: string): string | undefined {
  const name = address.toLowerCase();
  return validName.test(name) ? name : undefined;
}

function shortName(address: string): string | undefined {
  return nameOf(address.split('.')[0] ?? '');
}

function numbered(side: Side, most: number): readonly string[] {
  return Array.from({ length: most + 1 }, (_, i) => `${side}-${i + 1}`);
}
