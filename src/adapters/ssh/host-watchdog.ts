import { shellLine } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import type { Watch } from '../../ports/host.ts';
import type { Fence } from './fence-script.ts';
import { bodyLines, createNonce, type Frame } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Send } from './state-folder.ts';
import { confirmScript, startScript } from './watchdog-script.ts';

/** Lines of a record that a message shows. */
const SHOWN_LINES = 40;

/** Starts a watchdog on a host. `confirm` is given a way to send that tries again when an answer is lost. */
export async function startWatchdog(
  watch: Watch,
  fence: Fence,
  send: Send,
): Promise<{ confirm(send: Send): Promise<void> }> {
  checkWatch(watch);
  const own = createNonce();
  const refusal = (reason: string, errors: string) => startFault(watch, reason, errors);
  const frames = await send({ ...startScript(watch, own, fence), refusal });
  if (frames.length !== 1 || frames[0]?.word !== 'started') {
    throw oddAnswer(watch.name, frames);
  }
  return { confirm: insistent => confirm(watch.name, own, insistent) };
}

function checkWatch({ name, patience, alive }: Watch): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) {
    throw new HostFault('host.words-refused', `${JSON.stringify(name)} cannot be the name of a watchdog.`);
  }
  if ((alive?.processes ?? []).some(process => !/^[A-Za-z0-9_-]+$/.test(process))) {
    throw new HostFault('host.words-refused', 'the name of a process that is looked for has odd characters.');
  }
  if (!Number.isFinite(patience) || patience < 0) {
    throw new HostFault('host.words-refused', `${patience} ms cannot be the patience of a watchdog.`);
  }
}

function startFault(watch: Watch, reason: string, errors: string): HostFault | undefined {
  const [word, ...rest] = reason.split(' ');
  switch (word) {
    case 'running':
      return runningFault(watch.name, rest.join(' '));
    case 'backup':
      return notStarted(
        watch.name,
        `the backup ${backupOf(watch, rest[0])} cannot be kept for it, or is no longer what the run replaced.`,
        errors,
      );
    case 'session':
      return sessionFault(watch.name, printable(rest.join(' ')));
    case 'silent':
      return notStarted(watch.name, 'its process did not answer.', errors);
    default:
      return undefined;
  }
}

function backupOf(watch: Watch, index: string | undefined): string {
  return printable(watch.files[Number(index)]?.backup ?? '');
}

function notStarted(name: string, why: string, errors: string): HostFault {
  const said = errors === '' ? '' : `\n${quoteHost(errors)}`;
  const detail = `the watchdog ${name}: ${why}\nWithout it, nothing would restore the host, so nothing was changed.${said}`;
  return new HostFault('host.watchdog-not-started', detail);
}

function sessionFault(name: string, user: string): HostFault {
  const lines = [
    `the watchdog ${name} would end with the connection: systemd-logind there ends the processes of ${user} with the session (KillUserProcesses).`,
    'Without it, nothing would restore the host, so nothing was changed.',
    `Add ${user} to KillExcludeUsers in /etc/systemd/logind.conf, beside root. Then, as root:`,
    '    systemctl restart systemd-logind',
  ];
  return new HostFault('host.watchdog-not-started', lines.join('\n'));
}

function runningFault(name: string, folder: string): HostFault {
  const lines = [
    `a watchdog ${name} of an earlier run is waiting; unless that run confirms, it will put its files back.`,
    'Wait until it has done so, then plan again. If the host is well as it is, end the watchdog there:',
    `    ${shellLine(['rm', '-r', printable(folder)])}`,
  ];
  return new HostFault('host.watchdog-running', lines.join('\n'));
}

async function confirm(name: string, own: string, send: Send): Promise<void> {
  const frames = await send(confirmScript(name, own));
  const [frame] = frames;
  switch (frames.length === 1 && frame?.word) {
    case 'confirmed':
    case 'gone':
    case 'none':
      return;
    case 'acting':
      throw actedFault(name, bodyLines(frame), 'It is still working.');
    case 'record': {
      const lines = bodyLines(frame);
      // The record of an earlier one of that name: this one had nothing to do.
      if (lines[0]?.startsWith(`watch ${own} `)) {
        throw actedFault(name, lines, 'Plan again: the host is no longer as this run left it.');
      }
      return;
    }
    default:
      throw oddAnswer(name, frames);
  }
}

function actedFault(name: string, lines: readonly string[], outlook: string): HostFault {
  const said = lines.slice(0, SHOWN_LINES).map(line => `  > ${printable(line).slice(0, 300)}`);
  const detail = [
    `the watchdog ${name} got no confirmation in time that the host is well, and acted:`,
    ...said,
    outlook,
  ];
  return new HostFault('host.watchdog-acted', detail.join('\n'));
}

function oddAnswer(name: string, frames: readonly Frame[]): HostFault {
  const said = quoteHost(frames.map(frame => `${frame.word} ${frame.rest}\n${frame.body}`).join('\n'));
  return new HostFault('host.unexpected-output', `the watchdog ${name} gave an answer that cannot be read.\n${said}`);
}
