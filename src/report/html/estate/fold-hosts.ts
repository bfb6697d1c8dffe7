import { count } from '../../../core/count.ts';
import type { ShownHost } from './model.ts';

type Drawn = Pick<ShownHost, 'name' | 'state'>;

/** From so many hosts of a side on, those with nothing to say are drawn as one. */
const manyHosts = 12;

/** How many boxes a side has at most. */
const mostBoxes = 24;

/** The hosts that get a box of their own, those in `ends` first to stay; the others are counted in one box. */
export function fold(all: readonly ShownHost[], ends: ReadonlySet<string>): readonly Drawn[] {
  if (all.length <= manyHosts) return all;
  const idle = (host: ShownHost) => host.state.tone === 'idle' && !ends.has(host.name);
  const speaking = all.filter(host => !idle(host));
  const ranked = [...speaking.filter(({ name }) => ends.has(name)), ...speaking.filter(({ name }) => !ends.has(name))];
  const drawn = new Set(ranked.slice(0, mostBoxes - 2).map(({ name }) => name));
  const silent = all.filter(idle);
  const left = speaking.length - drawn.size;
  return [
    ...all.filter(({ name }) => drawn.has(name)),
    ...(left > 0 ? [counted(left, 'to do as well', 'update', 'note')] : []),
    ...(silent.length > 0 ? [counted(silent.length, 'in sync', 'good', 'idle')] : []),
  ];
}

function counted(n: number, words: string, mark: 'update' | 'good', tone: 'note' | 'idle'): Drawn {
  return { name: count(n, 'more host'), state: { mark, tone, words, changes: 0, restarts: false } };
}
