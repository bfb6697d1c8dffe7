import { setTimeout as pause } from 'node:timers/promises';
import { printable } from '../../core/printable.ts';
import type { BrokenLock, HostGuard, HostLock, HostWriter, LockHolder } from '../../ports/host.ts';
import type { Frame } from './frames.ts';
import { createNonce } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import { deedsIn, type LockView, lockView, splitView, watchdogsIn } from './lock-report.ts';
import {
  acknowledgeScript,
  type ClaimWords,
  claimScript,
  clearScript,
  dropScript,
  LOOK_FRAGMENT,
  lookScript,
  renewScript,
  takeOverScript,
} from './lock-script.ts';
import type { Ask } from './run-script.ts';
import { plainWord } from './shell-words.ts';
import { folderRefusal, type Send, type StateScript } from './state-folder.ts';

type Claim = Parameters<HostWriter['lock']>[0];

/** What became of a claim; `own` is the identity of the holder. */
export type Taken =
  | { readonly state: 'held'; readonly own: string; readonly lock: HostLock; readonly calledOff: number }
  | { readonly state: 'taken'; readonly holder: LockHolder };

/** How often is looked again while somebody is taking the lock or giving it back, which takes a moment. */
const ATTEMPTS = 25;

/** Seconds that a script of the holder which is at work is waited for, where the holder gives the lock back, and an operator breaks it. */
const WAITS = { release: 20, break: 5 } as const;

/** Takes the lock of a host, also from a dead holder. `send` tries again by itself when an answer is lost. */
export async function takeLock(claim: Claim, send: Send): Promise<Taken> {
  const words = { own: createNonce(), run: plainWord(claim.run), by: plainWord(claim.by) };
  let script = claimScript(words);
  let view: LockView = { state: 'unclear' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const frames = await send(script);
    view = lockView(frames);
    if (view.state === 'held') {
      const calledOff = calledOffIn(frames);
      return { state: 'held', own: words.own, lock: heldLock(words.own, send), calledOff };
    }
    const next = nextScript(view, isActing(frames), words, claim);
    if (!next) {
      return { state: 'taken', holder: holderIn(view) ?? nobodyKnown(0) };
    }
    await moment(view);
    script = next;
  }
  return giveUp(view);
}

/** What to try after such a view; nothing when the holder lives, or a watchdog is at work. */
function nextScript(view: LockView, acting: boolean, words: ClaimWords, claim: Claim): StateScript | undefined {
  if (view.state === 'taken') {
    const { holder, file, time } = view;
    if (holder.identity === words.own && holder.state !== 'ended') {
      // Taken over at the first try, of which the answer was lost.
      return claimScript(words);
    }
    if (acting || holder.state === 'writing') {
      return undefined;
    }
    const dead = holder.state === 'ended' || holder.silent > claim.expiry || claim.isDead(holder);
    return dead ? takeOverScript(words, file, time) : undefined;
  }
  return view.state === 'between' && isLeft(view, claim) ? clearScript(view.time) : claimScript(words);
}

/** Whether nobody is going to take it or give it back any more. */
function isLeft({ silent, by }: Extract<LockView, { readonly state: 'between' }>, claim: Claim): boolean {
  return silent > claim.expiry || (by.length > 0 && by.every(holder => claim.isDead(holder)));
}

function isActing(frames: readonly Frame[]): boolean {
  return watchdogsIn(frames).some(({ state }) => state === 'acting');
}

function calledOffIn(frames: readonly Frame[]): number {
  return frames.filter(({ word }) => word === 'off').length;
}

/** Those who try at once should not do so in step for ever. */
function moment(view: LockView): Promise<void> {
  return pause(view.state === 'taken' ? 0 : 20 + Math.random() * 60);
}

function giveUp(view: LockView): Taken {
  const holder = holderIn(view);
  if (!holder) {
    throw unsettledFault();
  }
  return { state: 'taken', holder };
}

function unsettledFault(): HostFault {
  const remedy = 'Look at the folder "lock" below ~/.reconcile there.';
  return new HostFault('host.state-folder', `the lock was on its way at each of ${ATTEMPTS} looks.\n${remedy}`);
}

function heldLock(own: string, send: Send): HostLock {
  return {
    renew: async () => {
      const frames = await send(renewScript(own));
      if (lockView(frames).state !== 'held') {
        throw lostFault(frames);
      }
    },
    release: async () => {
      const view = lockView(await send(dropScript(own, WAITS.release)));
      if (view.state === 'busy') {
        const detail = 'the lock was not released, because a command of this run is still running there:';
        throw new HostFault('host.still-at-work', [detail, ...processLines(view)].join('\n'));
      }
    },
  };
}

/** What a writer hears whose lock is gone. `frames` are those of a look. */
export function lostFault(frames: readonly Frame[]): HostFault {
  const holder = holderIn(lockView(frames));
  const who = holder
    ? `${printable(holder.by)} has it for the run ${printable(holder.run)}.`
    : 'No run has it at the moment.';
  const deeds = deedsIn(frames).map(({ name, lines }) => `The watchdog ${name} acted: ${lines.join('; ')}.`);
  const why =
    deeds.length > 0
      ? deeds
      : ['An operator broke the lock, or this run was silent for so long that it counted as dead.'];
  const lines = [`the lock is no longer that of this run. ${who}`, ...why, 'This run stops.'];
  return new HostFault('host.lock-lost', lines.join('\n'));
}

/**
 * Who has the lock, what watchdogs are going to do, and what they did. The first look goes with whatever else is asked in this turn:
 * a watchdog that it shows counts, though it may be gone by the time the lock is no longer on its way.
 */
export async function readGuard(ask: Ask, send: Send): Promise<HostGuard> {
  const first = await askLook(ask);
  const { view, frames } = isSettled(lockView(first))
    ? { view: lockView(first), frames: first }
    : await settledView(send);
  const holder = holderIn(view);
  const watchdogs = new Map([...watchdogsIn(first), ...watchdogsIn(frames)].map(one => [one.name, one]));
  return { ...(holder && { holder }), watchdogs: [...watchdogs.values()], acted: deedsIn(frames) };
}

async function askLook(ask: Ask): Promise<readonly Frame[]> {
  const doing = 'looking at the lock';
  const [answer] = await ask([{ text: LOOK_FRAGMENT, label: doing }]);
  const { frames = [], errors = '' } = answer ?? {};
  const stop = frames.find(({ word }) => word === 'stop');
  if (stop) {
    throw folderRefusal(stop, doing, errors);
  }
  if (frames.at(-1)?.word !== 'looked') {
    throw new HostFault(
      'host.unexpected-output',
      `${doing}: the host gave an incomplete answer.\n${quoteHost(errors)}`,
    );
  }
  return frames.slice(0, -1);
}

function isSettled({ state }: LockView): boolean {
  return state !== 'unclear' && state !== 'between';
}

/** Takes the lock away from the holder of that identity and calls its watchdogs off; an empty one means a lock without a holder. */
export async function breakLock(identity: string, send: Send): Promise<BrokenLock> {
  if (identity === '') {
    return clearUnsigned(send);
  }
  const frames = await send(dropScript(identity, WAITS.break));
  const view = lockView(frames);
  switch (view.state) {
    case 'dropped':
      return { state: 'broken', calledOff: calledOffIn(frames) };
    case 'acting':
      return { state: 'acting' };
    case 'busy':
      return { state: 'busy', processes: processLines(view) };
    default:
      return { state: 'changed' };
  }
}

async function clearUnsigned(send: Send): Promise<BrokenLock> {
  const { view } = await settledView(send);
  if (view.state !== 'between') {
    return { state: 'changed' };
  }
  await send(clearScript(view.time));
  const free = lockView(await send(lookScript())).state === 'free';
  return free ? { state: 'broken', calledOff: 0 } : { state: 'changed' };
}

/** The script that is at work and what it has started, as the host lists them. */
function processLines({ mark, table }: Extract<LockView, { readonly state: 'busy' }>): readonly string[] {
  const rows = table.split('\n').flatMap(line => {
    const [, pid, parent, words = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/s.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid, parent, words }];
  });
  const scripts = rows.filter(({ words }) => mark !== '' && words.includes(`reconcile-${mark}`));
  const own = new Set(scripts.map(({ pid }) => pid));
  const started = rows.filter(({ pid, parent }) => parent !== undefined && own.has(parent) && !own.has(pid));
  return [...started, ...scripts].slice(0, 10).map(({ pid, words }) => `    ${pid}  ${printable(words).slice(0, 200)}`);
}

/** Puts what watchdogs did on record aside. */
export async function acknowledge(send: Send): Promise<void> {
  await send(acknowledgeScript());
}

/** Looks until nobody is about to take the lock or to give it back. */
async function settledView(send: Send): Promise<{ readonly view: LockView; readonly frames: readonly Frame[] }> {
  for (let attempt = 1; ; attempt += 1) {
    const frames = await send(lookScript());
    const view = lockView(frames);
    if (isSettled(view) || (attempt === ATTEMPTS && view.state === 'between')) {
      return { view, frames: splitView(frames).watchdogs };
    }
    if (attempt === ATTEMPTS) {
      throw unsettledFault();
    }
    await moment(view);
  }
}

function holderIn(view: LockView): LockHolder | undefined {
  if (view.state === 'taken') {
    return view.holder;
  }
  return view.state === 'between' ? (view.by[0] ?? nobodyKnown(view.silent)) : undefined;
}

/** Who died between making the lock and signing it left no name. */
function nobodyKnown(silent: number): LockHolder {
  return { run: '', by: '', identity: '', state: 'idle', silent };
}
