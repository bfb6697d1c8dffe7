import { type Command, InvalidArgumentError, Option } from 'commander';
import { type SnapshotAge, usualAge } from '../app/plan-source.ts';
import { parseDuration } from '../core/units.ts';
import { parseShard, type Shard } from '../plan/shard.ts';

/** Gives a command `--connections-from`. */
export function addTrustOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--connections-from <rev>',
      'for pull requests: connect only where and as this trusted revision says; what differs is not contacted',
    ),
  );
}

/** Gives a command the options to plan from a snapshot. */
export function addLiveOptions(command: Command): Command {
  return command
    .addOption(new Option('--live <file>', 'plan from a snapshot: opens no connection and needs no credentials'))
    .addOption(
      new Option('--max-age <age>', 'with --live: how old it may be, such as 12h or 7d')
        .argParser(ageOf)
        .default(usualAge, usualAge.text),
    );
}

function ageOf(text: string): SnapshotAge {
  const milliseconds = parseDuration(text);
  if (milliseconds) return { text, milliseconds };
  throw new InvalidArgumentError('It is a number with s, m, h or d behind it: 90m, 12h, 7d.');
}

/** The option that makes a plan one of several parts. */
export interface ShardOptions {
  readonly shard?: Shard;
}

/** Gives a command `--shard`. */
export function addShardOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--shard <i/n>',
      'look at one of n parts only, which `merge` joins; with -o the part is saved',
    ).argParser(shardOf),
  );
}

function shardOf(text: string): Shard {
  const shard = parseShard(text);
  if (shard) return shard;
  throw new InvalidArgumentError('It is a number, a slash and how many there are, 999 at most: 2/4.');
}
