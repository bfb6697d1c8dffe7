import type { CodePage } from '../code-page.ts';

/** Looking for drift, and telling of it. */
export const driftPages: readonly CodePage[] = [
  {
    code: 'drift.broke-down',
    means: 'A look of `reconcile drift`, or telling of it, broke down for a reason that this program does not know.',
    why: 'Nothing is known of the estate from such a look, and an answer that is missing must not pass for one that is good.',
    remedy:
      'With `--every` the next look begins anew. Report what the message says: this is a mistake of reconcile itself.',
  },
];

/** Telling of drift elsewhere. */
export const notifyPages: readonly CodePage[] = [
  {
    code: 'notify.webhook-address',
    means: 'The address of `--webhook` cannot be used: it is no https:// URL, or has a password in it.',
    why: 'What is sent names accounts and settings, and whatever stands in an address ends up in logs.',
    remedy:
      'Give an https:// URL; http:// is accepted for this machine only. Where the address itself is a secret, say `--webhook env:NAME` or `file:PATH`, and let `--webhook-secret` sign what is sent.',
  },
  {
    code: 'notify.webhook-failed',
    means: 'A webhook did not accept what was sent, after four tries where trying again made sense.',
    why: 'Whoever relies on being told was not told. The look itself was good and is not affected.',
    remedy:
      'The message has the answer of the server, or why there was none. It is told again after the next look; with `--state` also by the next call.',
  },
  {
    code: 'notify.mail-failed',
    means: 'The local mail program did not accept a mail, or could not be run.',
    why: 'Whoever relies on being told was not told. The look itself was good and is not affected.',
    remedy:
      'Try `sendmail -t -i` by hand, or name another program with `--sendmail`. It is told again after the next look; with `--state` also by the next call.',
  },
];

/** Measurements. */
export const metricsPages: readonly CodePage[] = [
  {
    code: 'metrics.listen',
    means: 'The measurements cannot be served at the address of `--metrics-listen`.',
    why: 'Whoever collects them would find nobody there, or another program.',
    remedy: 'Choose a port that is free and an address of this machine, such as `127.0.0.1:9464`.',
  },
  {
    code: 'metrics.file',
    means: 'The file of `--metrics-file` could not be written.',
    why: 'What stands in it is older than whoever collects it believes; the time of the last look in it tells.',
    remedy:
      'See that the folder is there and that you may write in it. The file is written beside its place and renamed.',
  },
];
