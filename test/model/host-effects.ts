import type { CommandResult } from '../../src/ports/host.ts';
import { propertyLines } from './host-answers.ts';
import { type HostData, type ModelProcess, type PendingEffect, places, readAtStart } from './host-data.ts';

/** Lets a host do something later. */
export function schedule(data: HostData, effect: PendingEffect): void {
  data.pending.push(effect);
}

/** Does what a host was to do by itself until some moment, in order. */
export function passTime(data: HostData, until: number): void {
  for (;;) {
    const due = data.pending.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
    if (!due) return;
    data.pending.splice(data.pending.indexOf(due), 1);
    if (due.what === 'appear') start(data, due.at);
    else if (due.what === 'vanish') data.processes = [];
    else if (due.what === 'bark') bark(data, due);
    else rest(data, due);
  }
}

/** The server reads its files, and its processes are there. */
function start(data: HostData, at: number): void {
  if (data.processes.length > 0) return;
  const read = Object.fromEntries(
    readAtStart(data).flatMap(path => {
      const file = data.files[path];
      return file ? [[path, file.text]] : [];
    }),
  );
  const { sbin, pid: pidFile } = places(data);
  if (data.product === 'cs7') {
    const pid = data.nextPid++;
    const words = '/usr/bin/java -cp asmain.jar ASMain -domaindir /opt/glassfish3/glassfish/domains/domain1';
    data.processes = [{ pid, name: 'java', words, started: at, read }];
    const time = at + data.skew;
    data.files[pidFile] = { text: `${pid}\n`, modified: time, changed: time };
    return;
  }
  const folder = data.dialect.processesWithPath ? `${sbin.slice(0, -'sbin'.length)}bin/` : './';
  const names = ['csstored', 'csnotifyd', 'csadmind', ...(data.http === undefined ? ['csdwpd'] : ['cshttpd'])];
  const processes = names.map(
    (name): ModelProcess => ({ pid: data.nextPid++, name, words: `${folder}${name} -d 3`, started: at, read }),
  );
  const [parent] = processes.filter(({ name }) => name === 'cshttpd');
  const child = parent && { ...parent, pid: data.nextPid++, parent: parent.pid };
  data.processes = [...processes, ...(child && data.dialect.childProcesses ? [child] : [])];
}

/** Nobody said that all is well: what the run wrote is put back, and the server started with that. */
function bark(data: HostData, { id, at }: PendingEffect): void {
  const dog = data.watchdogs.find(one => one.id === id);
  if (!dog) return;
  dog.state = 'acting';
  let restored = false;
  for (const { path, before, written } of dog.watch.files) {
    const old = Buffer.from(before).toString('latin1');
    const file = data.files[path];
    if (file?.text !== Buffer.from(written).toString('latin1')) continue;
    data.files[path] = { text: old, modified: at + data.skew, changed: at + data.skew };
    restored = true;
    dog.lines.push(`${path}: restored`);
  }
  if (restored || data.processes.length === 0) {
    data.processes = [];
    schedule(data, { at: at + 3_000, what: 'appear', id });
  }
  schedule(data, { at: at + 5_000, what: 'rest', id });
}

/** A watchdog that has acted is gone, and so is the lock of its run. */
function rest(data: HostData, { id }: PendingEffect): void {
  const dog = data.watchdogs.find(one => one.id === id);
  if (!dog) return;
  data.watchdogs = data.watchdogs.filter(one => one !== dog);
  data.deeds.push({ name: dog.watch.name, lines: [`watch ${id}`, ...dog.lines, 'it has done all of this'] });
  if (data.lock?.identity === dog.owner) data.lock = undefined;
}

/** A service that is stopped, and started as soon as it is gone, whether anybody still listens or not. */
export function restart(data: HostData, start: readonly string[], now: number) {
  const { stopTakes, startTakes, oddExit } = data.dialect;
  const said: CommandResult = { state: 'ran', code: oddExit ? 1 : 0, output: '' };
  const begun = start.some(word => /^\.\/(start-cal|asadmin)$/.test(word));
  schedule(data, { at: now + stopTakes, what: 'vanish', id: '' });
  if (begun) schedule(data, { at: now + stopTakes + startTakes, what: 'appear', id: '' });
  passTime(data, now);
  return { said: { stop: said, ...(begun && { start: said }) }, takes: stopTakes + 100 };
}

/** A command that changes something. What it starts or stops comes a little later. */
export function perform(data: HostData, words: readonly string[], now: number): CommandResult {
  const { dialect } = data;
  const [program, verb] = words;
  const ended: CommandResult = { state: 'ran', code: dialect.oddExit ? 1 : 0, output: '' };
  if (program === './stop-cal' || (program === './asadmin' && verb === 'stop-domain')) {
    schedule(data, { at: now + dialect.stopTakes, what: 'vanish', id: '' });
    passTime(data, now);
    return ended;
  }
  if (program === './start-cal' || (program === './asadmin' && verb === 'start-domain')) {
    schedule(data, { at: now + dialect.startTakes, what: 'appear', id: '' });
    passTime(data, now);
    return ended;
  }
  if (program === './davadmin' && words[2] === 'modify') return modifyOption(data, words, now);
  return { state: 'absent' };
}

function modifyOption(data: HostData, words: readonly string[], now: number): CommandResult {
  if (data.processes.length === 0) return { state: 'ran', code: 1, output: 'Connection refused\n' };
  const name = words[words.indexOf('-o') + 1] ?? '';
  const value = words[words.indexOf('-v') + 1] ?? '';
  setOption(data, name, value === '' ? undefined : value, now);
  return { state: 'ran', code: 0, output: data.dialect.davadmin === 'banner' ? 'Done.\n' : '' };
}

/** Writes an option into the file as the server does; nothing: it is taken out. */
export function setOption(data: HostData, name: string, value: string | undefined, now: number): void {
  const path = places(data).options;
  const text = data.files[path]?.text ?? '';
  const has = propertyLines(text).some(([known]) => known.toLowerCase() === name.toLowerCase());
  const lines = text.split('\n').flatMap(line => {
    if (line.split('=')[0]?.trim().toLowerCase() !== name.toLowerCase()) return [line];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  const next = has || value === undefined ? lines.join('\n') : `${text}${name}=${value}\n`;
  data.files[path] = { text: next, modified: now + data.skew, changed: now + data.skew };
}
