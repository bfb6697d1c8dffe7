import { sha256 } from '../core/canonical.ts';
import type { PlannedState } from '../core/connection.ts';
import { nameKey } from '../ldap/distinguished-name.ts';

/** One of several equal parts of an estate; numbers count from 1. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

/** More than this would be a slip: each part reads the directory. */
const mostShards = 999;

/** `2/4`; nothing where it is no such thing. */
export function parseShard(text: string): Shard | undefined {
  const [, number, of] = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text) ?? [];
  const shard = { number: Number(number), of: Number(of) };
  return shard.number <= shard.of && shard.of <= mostShards ? shard : undefined;
}

/** The hosts of a part: by their rank among all names in order, so that no part has two more than another. */
export function hostsOfShard({ hosts }: Pick<PlannedState, 'hosts'>, { number, of }: Shard): ReadonlySet<string> {
  const names = hosts.map(({ name }) => name).toSorted();
  return new Set(names.filter((_, rank) => rank % of === number - 1));
}

/** Whether an account belongs to a part: decided by its name alone, whoever asks and however the name is written. */
export function isInShard(dn: string, { number, of }: Shard): boolean {
  // Other digits than those that decide about waves: the accounts of a small wave would all be of one part.
  return Number.parseInt(sha256(nameKey(dn)).slice(8, 16), 16) % of === number - 1;
}
