import { chooseSpec, chooseWorld, type EstateSpec, estateFile, uids, yamlOf } from './estates.ts';
import type { HostData } from './host-data.ts';
import { places } from './host-data.ts';
import { setOption } from './host-effects.ts';
import type { ModelEntry } from './model-directory.ts';
import { servedFiles } from './model-host.ts';
import type { Fault, FaultKind, ModelProgram, PortCall } from './model-program.ts';
import { disagreements, isAccount, provisioningHosts } from './oracle.ts';
import { managedState, touched, undeclared } from './untouched.ts';
import { type ProgramRequest, World } from './world.ts';

/** A fault as a story tells it: `share` chooses among the calls of a reference run at which it can happen. */
export interface ToldFault {
  readonly kind: FaultKind;
  readonly share: number;
  readonly amount: number;
  /** Only calls that write. */
  readonly atWrites: boolean;
}

/** What a person does by hand, and where: `n` chooses. */
export interface ByHand {
  readonly what: (typeof handiwork)[number];
  readonly n: number;
}

/** What people do by hand. */
export const handiwork = [
  ...([
    'ics-value',
    'ics-other',
    'ics-delete',
    'ics-append',
    'ics-old-time',
    'stop',
    'restart',
    'option',
    'route',
  ] as const),
  ...(['store-away', 'store-put', 'store-other', 'id-away', 'other-attribute'] as const),
] as const;

/** What changes in the estate file. */
export const edits = ['pilot', 'department', 'setting6', 'setting7', 'redirect', 'route'] as const;

/** What happens in a story. */
export type Step =
  | { readonly do: 'edit'; readonly what: (typeof edits)[number]; readonly n: number }
  | { readonly do: 'check' | 'drift' | 'status'; readonly lags?: boolean; readonly fault?: ToldFault }
  | { readonly do: 'plan' }
  | {
      readonly do: 'apply' | 'apply-saved' | 'undo';
      readonly machine: 'a' | 'b';
      readonly fault?: ToldFault;
      readonly meanwhile?: ByHand;
      readonly share?: number;
      /** Minutes that pass after it. */
      readonly later?: number;
    }
  | { readonly do: 'two'; readonly second: 'apply' | 'undo' | 'check' | 'lock-break'; readonly share: number }
  | { readonly do: 'lock-break'; readonly n: number }
  | { readonly do: 'by-hand'; readonly hand: ByHand }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'clock'; readonly n: number; readonly seconds: number }
  | { readonly do: 'down' | 'up'; readonly n: number }
  | { readonly do: 'replica-stops' | 'replica-goes-on' };

/** A whole story: it happens in the same way each time. */
export interface Story {
  readonly seed: number;
  /** The estate begins as the file asks for. */
  readonly inOrder: boolean;
  readonly steps: readonly Step[];
}

/** How often something happened, for a model that exercises nothing is no proof. */
export type Tally = Map<string, number>;

/** A law that a story broke. */
export class BrokenLaw extends Error {}

/** What is known of the last run that wrote, for its undo. */
interface LastRun {
  readonly name: string;
  readonly before: readonly string[];
  /** Nobody else has changed anything since it began. */
  undisturbed: boolean;
}

const allowances = ['--allow-moves-back', '99'];

/** Plays a story in memory, and looks after each step whether the laws hold. */
export class Player {
  readonly spec: EstateSpec;
  readonly world: World;
  readonly #tally: Tally;
  #undeclared: Readonly<Record<string, string>>;
  #last: LastRun | undefined;
  /** The files as they were when a plan was saved: what was edited since is not written by it. */
  #saved: ReadonlyMap<string, string> | undefined;
  /** Somebody changed something by hand while a program ran. */
  #handAtWork = false;
  readonly #heldAt = new Map<number, number>();

  private constructor(spec: EstateSpec, world: World, tally: Tally) {
    this.spec = spec;
    this.world = world;
    this.#tally = tally;
    this.#undeclared = undeclared(world.data);
    world.wrote = ({ program, before, after }) => this.#wrote(program, before, after);
  }

  static async begin({ seed, inOrder }: Pick<Story, 'seed' | 'inOrder'>, tally: Tally): Promise<Player> {
    const spec = chooseSpec(seed);
    const player = new Player(spec, new World(chooseWorld(seed, spec, inOrder)), tally);
    if (inOrder) player.#law(disagreements(player.world.data, yamlOf(spec)), 'the model itself: it begins in order');
    return player;
  }

  async play(step: Step): Promise<void> {
    if (step.do === 'undo' && !this.#last) await this.play({ do: 'apply', machine: step.machine });
    if (step.do === 'apply-saved' && !this.#saved) await this.play({ do: 'plan' });
    if (step.do === 'undo' && !this.#last) return;
    this.#count(`step ${step.do}`);
    switch (step.do) {
      case 'edit':
        return this.#edit(step.what, step.n);
      case 'by-hand':
        return this.#byHand(step.hand);
      case 'wait':
        return this.world.clock.advance(step.minutes * 60_000);
      case 'clock':
        return this.#stepClock(this.#host(step.n), step.seconds);
      case 'down':
      case 'up':
        this.#host(step.n).down = step.do === 'down';
        return;
      case 'replica-stops':
        this.world.data.directory.stale = structuredClone(this.world.data.directory.entries);
        return;
      case 'replica-goes-on':
        this.world.data.directory.stale = undefined;
        return;
      case 'lock-break':
        await this.#run({ words: ['lock', 'break', this.#host(step.n).name, '-f', estateFile] });
        return;
      case 'two':
        return this.#two(step.second, step.share);
      default:
        return this.#program(step);
    }
  }

  /** Faults are over: after a few applies all is as the file asks, and stays so. */
  async settle(): Promise<void> {
    const { world } = this;
    for (const host of world.data.hosts) host.down = false;
    world.data.directory.stale = undefined;
    const told: string[] = [];
    for (let tries = 1; ; tries++) {
      world.clock.advance(tries === 1 ? 0 : 20 * 60_000);
      const program = await this.#run({ words: ['apply', '--yes', ...allowances, '--format', 'json', estateFile] });
      if (program.code === 0) break;
      told.push(explain(program));
      this.#law(tries < 4 ? [] : told, 'it does not come to rest');
    }
    this.#law(disagreements(world.data, this.#yaml), 'an apply that ended with 0');
    const now = managedState(world.data);
    world.clock.advance(3 * 3_600_000);
    const later = managedState(world.data);
    this.#law(
      later.filter((one, i) => one !== now[i]),
      'what reverts later',
    );
    this.#law(disagreements(world.data, this.#yaml), 'three hours later');
  }

  get #yaml(): string {
    return yamlOf(this.spec);
  }

  #count(what: string): void {
    this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1);
  }

  #law(problems: readonly string[], when: string): void {
    if (problems.length > 0) throw new BrokenLaw(`${when}:\n  ${problems.join('\n  ')}`);
  }

  #host(n: number): HostData {
    const { hosts } = this.world.data;
    const found = hosts[Math.floor(n * hosts.length)];
    if (!found) throw new Error('no host');
    return found;
  }

  /**
   * A clock that is put forward after a file was changed and before the restart that it owes makes the start look later than the
   * change: `ps` counts back from now. Nothing on a host tells that, so it is a known limit and not played.
   */
  #stepClock(host: HostData, seconds: number): void {
    const isOwed = host.processes.some(({ read }) =>
      Object.keys({ ...read, ...servedFiles(host) }).some(path => read[path] !== host.files[path]?.text),
    );
    if (isOwed && seconds > 0) return;
    host.skew += seconds * 1000;
  }

  #edit(what: (typeof edits)[number], n: number): void {
    const { spec } = this;
    const uid = uids[Math.floor(n * 4)] ?? 'ann';
    const fronts = spec.cs6.filter(({ front }) => front);
    if (what === 'pilot')
      spec.pilot = spec.pilot.includes(uid) ? spec.pilot.filter(one => one !== uid) : [...spec.pilot, uid];
    if (what === 'department') spec.departments = spec.departments.length > 0 ? [] : ['42'];
    if (what === 'setting6')
      spec.settings.cs6['service.http.idletimeout'] = [null, '240', '300', '180'][Math.floor(n * 4)] ?? null;
    if (what === 'setting7') spec.settings.cs7['base.ldapinfo.cachettl'] = String(30 + Math.floor(n * 4));
    if (what === 'redirect') spec.redirect = spec.cs7[Math.floor(n * spec.cs7.length)] ?? spec.redirect;
    if (what === 'route')
      for (const domain of spec.domains) spec.routes[domain] = fronts[Math.floor(n * fronts.length)]?.name ?? '';
    for (const files of Object.values(this.world.data.machines)) files[estateFile] = this.#yaml;
  }

  #byHand(hand: ByHand): void {
    this.#count(`hand ${hand.what}`);
    if (this.#last) this.#last.undisturbed = false;
    this.#handAtWork = true;
    workByHand(hand, this.world, this.spec);
    this.#undeclared = undeclared(this.world.data);
  }

  async #program(
    step: Extract<Step, { readonly do: 'check' | 'drift' | 'status' | 'plan' | 'apply' | 'apply-saved' | 'undo' }>,
  ): Promise<void> {
    const request: ProgramRequest = {
      words: this.#words(step.do),
      ...('machine' in step && { machine: step.machine }),
      ...('lags' in step && step.lags !== undefined && { lags: step.lags }),
    };
    const fault = 'fault' in step ? step.fault : undefined;
    const meanwhile = 'meanwhile' in step ? step.meanwhile : undefined;
    const reference = fault || meanwhile ? await this.#reference(request) : [];
    const happens = meanwhile && {
      at: Math.floor(reference.length * ('share' in step ? (step.share ?? 0) : 0)),
      happen: () => this.#byHand(meanwhile),
    };
    const before = wholeFiles(this.world);
    await this.#run({
      ...request,
      ...(fault && { fault: this.#place(fault, reference) }),
      ...(happens && { interludes: [happens] }),
    });
    if (step.do === 'plan') this.#saved = wholeFiles(this.world);
    if (step.do === 'apply-saved' && !meanwhile) this.#keptEdited(before);
    if ('later' in step) this.world.clock.advance((step.later ?? 0) * 60_000);
  }

  #keptEdited(before: ReadonlyMap<string, string>): void {
    const after = wholeFiles(this.world);
    const written = [...before].filter(([path, text]) => text !== this.#saved?.get(path) && text !== after.get(path));
    // A watchdog of an earlier run may have put it back meanwhile.
    const kept = written.filter(
      ([path]) => !this.world.data.hosts.some(host => path.startsWith(host.name) && host.deeds.length > 0),
    );
    this.#law(
      kept.map(([path]) => path),
      'a saved plan wrote to what was edited since',
    );
  }

  #words(verb: string): readonly string[] {
    const json = ['--format', 'json'];
    switch (verb) {
      case 'apply':
        return ['apply', '--yes', ...allowances, ...json, estateFile];
      case 'apply-saved':
        return ['apply', '--yes', ...allowances, ...json, '/home/ops/plan.json', estateFile];
      case 'undo':
        return ['undo', this.#last?.name ?? '', '--yes', ...json, '-f', estateFile];
      case 'plan':
        return ['plan', ...json, '-o', '/home/ops/plan.json', estateFile];
      case 'status':
        return ['status', ...json, estateFile];
      default:
        return [verb, ...json, estateFile];
    }
  }

  /** The calls that a program makes when nothing goes wrong. */
  async #reference(request: ProgramRequest): Promise<readonly PortCall[]> {
    return (await this.world.copy().run(request)).calls;
  }

  #place({ kind, share, amount, atWrites }: ToldFault, calls: readonly PortCall[]): Fault | undefined {
    const possible = calls.flatMap((call, at) => (fits(kind, call, atWrites) ? [at] : []));
    const at = possible[Math.floor(share * possible.length)];
    return at === undefined ? undefined : { at, kind, amount };
  }

  async #two(second: 'apply' | 'undo' | 'check' | 'lock-break', share: number): Promise<void> {
    const first = { words: this.#words('apply') };
    const calls = await this.#reference(first);
    const at = Math.floor(share * calls.length);
    const words =
      second === 'lock-break'
        ? ['lock', 'break', this.#host(share).name, '-f', estateFile]
        : second === 'undo' && !this.#last
          ? this.#words('check')
          : this.#words(second);
    this.#count(`two ${second}`);
    const before = managedState(this.world.data);
    const programs = await this.world.runBoth(first, { words, machine: 'b' }, at);
    for (const program of programs) this.#judge(program, programs.length > 1);
    this.#after(programs, before, programs.length > 1);
  }

  async #run(request: ProgramRequest): Promise<ModelProgram> {
    this.#handAtWork = false;
    const before = managedState(this.world.data);
    const undoing = request.words[0] === 'undo' ? this.#last : undefined;
    const program = await this.world.run(request);
    for (const kind of program.met) this.#count(`fault ${kind}`);
    this.#judge(program, this.#handAtWork, request.lags === true);
    if (
      undoing?.undisturbed &&
      program.code === 0 &&
      !this.#handAtWork &&
      !/undo\.(moved-on|steps-unknown)/.test(program.stdout)
    ) {
      this.#count('undone');
      this.#sameAs(undoing.before, 'an undo that ended with 0 gives back what was');
    }
    this.#after([program], before, this.#handAtWork);
    return program;
  }

  #sameAs(before: readonly string[], when: string): void {
    const now = managedState(this.world.data);
    const differ = [
      ...before.filter(one => !now.includes(one)).map(one => `was ${one}`),
      ...now.filter(one => !before.includes(one)).map(one => `is  ${one}`),
    ];
    this.#law(differ, when);
  }

  /** What holds after each program, whatever happened to it. */
  #judge(program: ModelProgram, disturbed: boolean, lags = false): void {
    const { data } = this.world;
    const who = program.words.filter(word => !word.startsWith('/')).join(' ');
    if (program.crash)
      throw new BrokenLaw(
        `${who}: it broke down: ${program.crash instanceof Error ? program.crash.stack : String(program.crash)}`,
      );
    this.#law(this.world.broken.splice(0), who);
    this.#law(touched(this.#undeclared, undeclared(data)), `${who}: what nobody declared was touched`);
    if (program.code === undefined) {
      this.#count('died');
      return;
    }
    this.#count(`exit ${program.words[0]} ${program.code}`);
    if (data.hosts.some(({ deeds }) => deeds.length > 0)) this.#count('watchdog acted');
    this.#law([0, 1, 2, 3, 4].includes(program.code ?? -1) ? [] : [`it ended with ${program.code}`], who);
    this.#law(
      isExplained(program) ? [] : [program.stdout, program.stderr],
      `${who}: it ended with ${program.code} and does not say why`,
    );
    const [verb = ''] = program.words;
    if (program.code !== 0 || disturbed) return;
    const entries = lags ? (data.directory.stale ?? data.directory.entries) : data.directory.entries;
    const saved = program.words.includes('/home/ops/plan.json');
    if ((['check', 'apply'].includes(verb) && !saved) || verb === 'plan')
      this.#law(disagreements(data, this.#yaml, entries), `${who}: it ended with 0`);
    if (verb === 'apply')
      this.#law(
        data.hosts.flatMap(({ name, watchdogs }) => watchdogs.map(one => `${name}: ${one.watch.name}`)),
        `${who}: it ended with 0 and left watchdogs`,
      );
  }

  #after(programs: readonly ModelProgram[], before: readonly string[], disturbed: boolean): void {
    const records = Object.keys(this.world.data.machines['a'] ?? {});
    for (const program of programs) {
      if (program.words[0] === 'apply') {
        const names = [...records, ...Object.keys(this.world.data.machines['b'] ?? {})].flatMap(
          path => /\/([^/]+)\.jsonl$/.exec(path)?.[1] ?? [],
        );
        const name = names
          .filter(one => one > (this.#last?.name ?? ''))
          .toSorted()
          .at(-1);
        if (name !== undefined) this.#last = { name, before, undisturbed: !disturbed && programs.length === 1 };
      } else if (program.words[0] === 'undo' || program.words[0] === 'lock') {
        if (this.#last && program.words[0] === 'undo') this.#last.undisturbed = false;
      }
    }
  }

  /** What no write to an account may do. */
  #wrote(program: ModelProgram, before: ModelEntry, after: ModelEntry): void {
    const { data, clock, broken } = this.world;
    const was = (name: string) => before.attributes[name] ?? [];
    const is = (name: string) => after.attributes[name] ?? [];
    const about = `${after.dn} by ${program.words[0]}`;
    const holds = data.hosts.some(({ lock }) => lock?.by === `ops@${program.machine} process ${program.number}`);
    if (holds) this.#heldAt.set(program.number, clock.now);
    if (clock.now - (this.#heldAt.get(program.number) ?? Number.NEGATIVE_INFINITY) > 15_000)
      broken.push(`${about}: written without a lock`);
    if (!isAccount(after)) broken.push(`${about}: it is no account`);
    if (is('davstore').length > 1) broken.push(`${about}: on two stores`);
    if (is('davstore').length > 0 && is('davuniqueid').length === 0)
      broken.push(`${about}: on CS7 without a unique id`);
    if (was('davuniqueid').length > 0 && is('davuniqueid').length > 0 && was('davuniqueid')[0] !== is('davuniqueid')[0])
      broken.push(`${about}: its unique id changed`);
    if (was('davstore').length === 0 && is('davstore').length > 0 && !this.#handAtWork) {
      const hosts = provisioningHosts(data.hosts);
      if (hosts.length > 0) broken.push(`${about}: moved to CS7 while ${hosts.join(', ')} makes calendars by itself`);
    }
  }
}

/** The files of which a plan is bound to the whole text. */
function wholeFiles({ data }: World): ReadonlyMap<string, string> {
  return new Map(
    data.hosts.flatMap(host => {
      const { config, map } = places(host);
      return [config, map]
        .filter(path => path !== '')
        .map(path => [`${host.name}:${path}`, host.files[path]?.text ?? ''] as const);
    }),
  );
}

/** Whether a fault can happen at a call. */
function fits(kind: FaultKind, { target, asks, writes }: PortCall, atWrites: boolean): boolean {
  if (kind === 'garbage' || kind === 'cut-answer') return asks;
  if (kind === 'full') return writes && target !== 'directory';
  if (kind === 'kill-before' || kind === 'kill-after' || kind === 'interrupt') return !atWrites || writes;
  return target !== 'here' && (!atWrites || writes);
}

/** Whether a program that did not end with 0 says what is the matter, and what to do. */
function isExplained({ code, words, stdout, stderr }: ModelProgram): boolean {
  if (code === 0 || words[0] === 'lock') return true;
  return /"detail": ?"|"steps": ?\[\s*\{|"action"|"run": ?"|"runs": ?\[\s*\{/.test(stdout) || stderr.length > 0;
}

function explain({ code, stdout, stderr }: ModelProgram): string {
  const details = [...stdout.matchAll(/"(?:code|detail|state)": "[^"]*"/g)].map(([text]) => text);
  const telling = details.filter(
    text => !/software\.|records\.off|not-checked|"done"|"unchanged"|sets it, so/.test(text),
  );
  return `exit ${code}: ${[...new Set(telling)].join(' ').slice(0, 1500)} ${stderr.slice(0, 600)}`;
}

/** What a person does on a host or in the directory without this program. */
function workByHand({ what, n }: ByHand, world: World, spec: EstateSpec): void {
  const { data, clock } = world;
  const sides = {
    cs6: data.hosts.filter(one => one.product === 'cs6'),
    cs7: data.hosts.filter(one => one.product === 'cs7'),
  };
  const pick = <T>(from: readonly T[]): T => {
    const found = from[Math.floor(n * from.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  const cs6 = pick(sides.cs6);
  const cs7 = pick(sides.cs7);
  const rewrite = (host: HostData, path: string, change: (text: string) => string, modified?: number) => {
    const time = clock.now + host.skew;
    host.files[path] = { text: change(host.files[path]?.text ?? ''), modified: modified ?? time, changed: time };
  };
  const { config } = places(cs6);
  const lineEnd = (text: string) => (text === '' || text.endsWith('\n') ? '' : '\n');
  const accounts = data.directory.entries.filter(isAccount);
  const account = pick(accounts);
  const set = (name: string, values: readonly string[]) => {
    account.attributes = { ...account.attributes, [name]: values };
  };
  const withClass = () => {
    const classes = account.attributes['objectclass'] ?? [];
    if (!classes.includes('davEntity')) set('objectclass', [...classes, 'davEntity']);
  };
  const hosts: Readonly<Record<string, () => void>> = {
    'ics-value': () =>
      rewrite(cs6, config, text =>
        text.replace(
          /^(local\.autoprovision|service\.http\.caldavcompatible) *= *"[^"]*"/m,
          `$1 = "${n < 0.5 ? 'yes' : 'maybe'}"`,
        ),
      ),
    'ics-other': () =>
      rewrite(cs6, config, text => `${text}${lineEnd(text)}caldb.serveradmins = "${Math.floor(n * 90)}"\n`),
    'ics-delete': () => rewrite(cs6, config, text => text.replace(/^user\.invite\.autoprovision.*\n/m, '')),
    'ics-append': () => rewrite(cs6, config, text => `${text}${lineEnd(text)}local.autoprovision = "yes"\n`),
    'ics-old-time': () => {
      if (!cs6.dialect.changeTimes) return;
      rewrite(cs6, config, text => text.replace(/"no"/, '"yes"'), clock.now - 9 * 86_400_000);
    },
    stop: () => {
      pick(data.hosts).processes = [];
    },
    restart: () => {
      const host = pick(data.hosts);
      host.processes = [];
      host.pending.push({ at: clock.now, what: 'appear', id: '' });
      clock.passed(clock.now);
    },
    option: () =>
      setOption(
        cs7,
        pick(['davcore.scheduling.localuserattr', 'base.ldapinfo.cachettl', 'notification.dav.smtphost']),
        pick(['x', '77', '']) || undefined,
        clock.now,
      ),
    route: () =>
      rewrite(cs7, places(cs7).map, text =>
        n < 0.5
          ? text.replace(/^example\.com=.*$/m, 'example.com=http://wrong/ischedule/')
          : `${text}new${Math.floor(n * 9)}.org=http://x/\n`,
      ),
  };
  const entries: Readonly<Record<string, () => void>> = {
    'store-away': () => set('davstore', []),
    'store-put': () => {
      if ((account.attributes['davuniqueid'] ?? []).length === 0) return;
      withClass();
      set('davstore', [pick(['defaultbackend', 'store2'])]);
    },
    'store-other': () => {
      if ((account.attributes['davstore'] ?? []).length > 0) set('davstore', ['store2']);
    },
    'id-away': () => {
      set('davstore', []);
      set('davuniqueid', []);
    },
    'other-attribute': () => set('description', [`of ${spec.redirect} ${Math.floor(n * 99)}`]),
  };
  (hosts[what] ?? entries[what])?.();
}

/** Plays a story from its beginning to its end. */
export async function playStory(story: Story, tally: Tally = new Map()): Promise<void> {
  const player = await Player.begin(story, tally);
  for (const step of story.steps) await player.play(step);
  await player.settle();
}
