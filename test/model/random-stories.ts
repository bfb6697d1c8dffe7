import fc from 'fast-check';
import { faultKinds } from './model-program.ts';
import { type ByHand, edits, handiwork, Player, type Step, type Story, type Tally, type ToldFault } from './story.ts';

const share = fc.nat(999).map(thousandths => thousandths / 1000);

const faults: fc.Arbitrary<ToldFault> = fc.record({
  kind: fc.constantFrom(...faultKinds, 'kill-before', 'kill-after', 'kill-after', 'frozen'),
  share,
  amount: share,
  atWrites: fc.boolean(),
});

const hands: fc.Arbitrary<ByHand> = fc.record({ what: fc.constantFrom(...handiwork), n: share });

const machine = fc.constantFrom('a' as const, 'b' as const);

/** A step without what is not there. */
function step(arbitrary: fc.Arbitrary<object>): fc.Arbitrary<Step> {
  return arbitrary.map(
    made => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)) as Step,
  );
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const writing = step(
  fc.record({
    do: fc.constantFrom('apply', 'apply', 'apply-saved', 'undo'),
    machine,
    fault: fc.oneof({ weight: 3, arbitrary: faults }, { weight: 1, arbitrary: fc.constant(undefined) }),
    meanwhile: fc.oneof({ weight: 1, arbitrary: hands }, { weight: 4, arbitrary: fc.constant(undefined) }),
    share,
    later: fc.constantFrom(undefined, undefined, 16),
  }),
);
const reading = step(
  fc.record({
    do: fc.constantFrom('check', 'check', 'drift', 'status'),
    lags: maybe(fc.boolean()),
    fault: maybe(faults),
  }),
);
const planning = fc.constant<Step>({ do: 'plan' });
const editing = step(fc.record({ do: fc.constant('edit'), what: fc.constantFrom(...edits), n: share }));
const handling = step(fc.record({ do: fc.constant('by-hand'), hand: hands }));
const both = step(
  fc.record({ do: fc.constant('two'), second: fc.constantFrom('apply', 'undo', 'check', 'lock-break'), share }),
);
const passing = step(fc.record({ do: fc.constant('wait'), minutes: fc.constantFrom(1, 14, 16, 60) }));
const clocks = step(fc.record({ do: fc.constant('clock'), n: share, seconds: fc.constantFrom(-7200, -90, 90, 7200) }));
const others = step(
  fc.record({ do: fc.constantFrom('down', 'up', 'lock-break', 'replica-stops', 'replica-goes-on'), n: share }),
);

/** A step of a story as a command of fast-check. */
class StepCommand implements fc.AsyncCommand<object, Playing> {
  readonly step: Step;

  constructor(told: Step) {
    this.step = told;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, playing: Playing): Promise<void> {
    playing.story.push(this.step);
    await playing.player.play(this.step);
  }

  toString(): string {
    return inWords(this.step);
  }
}

/** A story that is being played. */
export interface Playing {
  readonly player: Player;
  /** What has happened in it. */
  readonly story: Step[];
}

/** A step in words. */
export function inWords(told: Step): string {
  const { do: verb, ...more } = told;
  const said = Object.entries(more).map(
    ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  return [verb, ...said].join(' ');
}

const arbitraries: readonly (readonly [number, fc.Arbitrary<Step>])[] = [
  [8, writing],
  [1, reading],
  [1, planning],
  [4, editing],
  [2, handling],
  [1, both],
  [1, passing],
  [1, clocks],
  [1, others],
];

/** Stories by chance: an estate, a live state, and what happens. */
export function stories(maxCommands: number, replayPath?: string) {
  const commands = fc.commands(
    arbitraries.flatMap(([weight, one]) =>
      Array.from({ length: weight }, () => one.map(told => new StepCommand(told))),
    ),
    { maxCommands, size: '+1', ...(replayPath !== undefined && { replayPath }) },
  );
  return fc.tuple(
    fc.nat(1_000_000),
    fc.integer({ min: 0, max: 3 }).map(n => n > 0),
    commands,
  );
}

/** What was found when stories were played: how many, and the short form of one that broke a law. */
export interface Played {
  readonly stories: number;
  readonly tally: Tally;
  readonly failed?: { readonly story: Story; readonly why: string; readonly replay: string };
}

/** A story that broke a law, for people, and as a line to keep. */
export function describeFailure({ story, why, replay }: NonNullable<Played['failed']>): string {
  const line = JSON.stringify({ why: '', story });
  return [`estate ${story.seed}`, ...story.steps.map(inWords), '', why, '', replay, line].join('\n');
}

/** Plays stories by chance, and makes one that breaks a law as short as it goes. */
export async function playStories({
  runs,
  seed,
  most = 5,
  shortest = true,
}: {
  readonly runs: number;
  readonly seed: number;
  readonly most?: number;
  /** Whether a story that breaks a law is made as short as it goes. */
  readonly shortest?: boolean;
}): Promise<Played> {
  const tally: Tally = new Map();
  let last: Story | undefined;
  const property = fc.asyncProperty(stories(most), async ([estate, inOrder, commands]) => {
    const played: Step[] = [];
    try {
      const player = await Player.begin({ seed: estate, inOrder }, tally);
      await fc.asyncModelRun(() => ({ model: {}, real: { player, story: played } }), commands);
      await player.settle();
    } catch (problem) {
      last = { seed: estate, inOrder, steps: played };
      throw problem;
    }
  });
  const checked = await fc.check(property, { numRuns: runs, seed, endOnFailure: !shortest });
  if (!checked.failed || !last) return { stories: checked.numRuns, tally };
  const why = checked.errorInstance instanceof Error ? checked.errorInstance.message : String(checked.errorInstance);
  const replay = `seed ${checked.seed}, path ${checked.counterexamplePath}`;
  // Each failure on the way to the shortest story is shorter than the one before it.
  return { stories: checked.numRuns, tally, failed: { story: last, why, replay } };
}
