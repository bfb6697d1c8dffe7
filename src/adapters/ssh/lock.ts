import { setTimeout as pause } from 'node:timers/promises';
import { printable } from '../../core/printable.ts';
import type { HostLock, HostWriter, LockHolder } from '../../ports/host.ts';
import { HostFault } from './fault.ts';
import { type LockView, lockView } from './lock-report.ts';
import {
  type ClaimWords,
  claimScript,
  clearScript,
  dropScript,
  lookScript,
  renewScript,
  takeOverScript,
} from './lock-script.ts';
import { createNonce } from './nonce.ts';
import { plainWord } from './plain-words.ts';
import type { Send, StateScript } from './state-folder.ts';

type Claim = Parameters<HostWriter['lock']>[0];
type Taken = Awaited<ReturnType<HostWriter['lock']>>;

/** How often is looked again while somebody is taking the lock or giving it back, which takes a moment. */
const ATTEMPTS = 25;

/** Takes the lock of a host, also from a dead holder. */
export async function takeLock(claim: Claim, send: Send): Promise<Taken> {
  const words = { own: createNonce(), run: plainWord(claim.run), by: plainWord(claim.by) };
  let script = claimScript(words);
  let view: LockView = { state: 'unclear' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    view = lockView(await send(script));
    if (view.state === 'held') {
      return { state: 'held', lock: heldLock(words.own, send) };
    }
    const next = nextScript(view, words, claim.expiry);
    if (!next) {
      return { state: 'taken', holder: holderIn(view) ?? nobodyKnown(0) };
    }
    await moment(view);
    script = next;
  }
  return giveUp(view);
}

/** What to try after such a view; nothing when the holder lives. */
function nextScript(view: LockView, words: ClaimWords, expiry: number): StateScript | undefined {
  if (view.state === 'taken') {
    return view.holder.silent > expiry ? takeOverScript(words, view.identity, view.time) : undefined;
  }
  return view.state === 'between' && view.silent > expiry ? clearScript(view.time) : claimScript(words);
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
      const view = lockView(await send(renewScript(own)));
      if (view.state !== 'held') {
        throw lostFault(view);
      }
    },
    release: async () => {
      await drop(own, send);
    },
  };
}

/** True when that holder had the lock until now. */
async function drop(own: string, send: Send): Promise<boolean> {
  return lockView(await send(dropScript(own))).state === 'dropped';
}

function lostFault(view: LockView): HostFault {
  const holder = holderIn(view);
  const who = holder
    ? `${printable(holder.by)} has it for the run ${printable(holder.run)}.`
    : 'Nobody has it at the moment.';
  const why = 'Somebody took it away, or nothing was heard of this run for so long that it counted as dead.';
  return new HostFault('host.lock-lost', `the lock is no longer that of this run. ${who}\n${why}`);
}

/** Who holds the lock, if anybody does. */
export async function readHolder(send: Send): Promise<LockHolder | undefined> {
  return holderIn(await settledView(send));
}

/** Takes the lock away from a run. */
export async function breakLock(run: string, send: Send): Promise<boolean> {
  const view = await settledView(send);
  if (view.state === 'taken' && view.holder.run === run) {
    return drop(view.identity, send);
  }
  if (view.state === 'between' && run === '') {
    await send(clearScript(view.time));
    return lockView(await send(lookScript())).state === 'free';
  }
  return false;
}

/** Looks until nobody is about to take the lock or to give it back. */
async function settledView(send: Send): Promise<LockView> {
  let view: LockView = { state: 'unclear' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    view = lockView(await send(lookScript()));
    if (view.state !== 'unclear' && view.state !== 'between') {
      return view;
    }
    await moment(view);
  }
  if (view.state === 'unclear') {
    throw unsettledFault();
  }
  return view;
}

function holderIn(view: LockView): LockHolder | undefined {
  if (view.state === 'taken') {
    return view.holder;
  }
  return view.state === 'between' ? nobodyKnown(view.silent) : undefined;
}

/** Who died between making the lock and signing it left no name. */
function nobodyKnown(silent: number): LockHolder {
  return { run: '', by: '', silent };
}
