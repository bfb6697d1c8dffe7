import type { Findings } from './finding-entry.ts';

/** Drift, notifications of it, and the measurements. */
export const drift = {
  'drift.broke-down': {
    severity: 'error',
    summary: 'Something broke down',
    means: 'A look of `reconcile drift`, or telling of it, broke down for a reason that this program does not know.',
    why: 'Nothing is known of the estate from such a look, and an answer that is missing must not pass for one that is good.',
    remedy:
      'With `--every` the next look begins anew. Report what the message says: this is a mistake of reconcile itself.',
  },
  'notify.webhook-address': {
    severity: 'error',
    summary: 'A webhook cannot be used',
    means: 'The address of `--webhook` cannot be used: it is no https:// URL, or has a password in it.',
    why: 'The message names accounts and settings, and everything in an address ends up in logs.',
    remedy:
      'Give an https:// URL; http:// is accepted for this machine only. Where the address itself is a secret, say `--webhook env:NAME` or `file:PATH`, and let `--webhook-secret` sign what is sent.',
  },
  'notify.webhook-failed': {
    severity: 'error',
    summary: 'A webhook did not take the message',
    means: 'A webhook did not accept what was sent, after four tries where trying again made sense.',
    why: 'The people who rely on the notification did not get it. The check itself succeeded and is not affected.',
    remedy:
      'The message has the answer of the server, or why there was none. The notification is sent again after the next check; with `--state` also by the next call.',
  },
  'notify.mail-failed': {
    severity: 'error',
    summary: 'A mail could not be handed over',
    means: 'The local mail program did not accept a mail, or could not be run.',
    why: 'The people who rely on the notification did not get it. The check itself succeeded and is not affected.',
    remedy:
      'Try `sendmail -t -i` by hand, or name another program with `--sendmail`. The notification is sent again after the next check; with `--state` also by the next call.',
  },
  'metrics.listen': {
    severity: 'error',
    summary: 'The measurements cannot be served',
    means: 'The measurements cannot be served at the address of `--metrics-listen`.',
    why: 'A collector would find no server at that address, or another program.',
    remedy: 'Choose a port that is free and an address of this machine, such as `127.0.0.1:9464`.',
  },
  'metrics.file': {
    severity: 'error',
    summary: 'The measurements cannot be written',
    means: 'The file of `--metrics-file` could not be written.',
    why: 'The measurements in it are older than a collector assumes; the time of the last check in the file shows it.',
    remedy:
      'Check that the folder exists and that you may write to it. The file is written next to its place and renamed.',
  },
} satisfies Findings<'drift' | 'notify' | 'metrics'>;
