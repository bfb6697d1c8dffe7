import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Audits of all accounts, and verifications over HTTP. */
export const verify = {
  'verify.no-answer': {
    severity: 'error',
    summary: 'A look-up fails',
    means:
      'A server did not answer a request for busy times with times. It could not be reached, refused the request, failed, or referred to a place that the file does not name.',
    why: 'A user who looks up the account there sees nothing or an error.',
    remedy:
      'The message names the likely cause: a different setting, a restart that is due, or an entry in the directory. If reconcile manages it, `reconcile apply` fixes it. Calendar Server 7 returns errno 39 for every failure; its own log says more.',
    chapter: chapter.workflow7,
  },
  'verify.wrongly-free': {
    severity: 'error',
    summary: 'A busy account is shown as free',
    means: 'A server answered without some times at which the account is busy, according to its own server.',
    why: 'This failure looks like a normal answer, so users book meetings at busy times. Calendar Server 7 answers like this if it treats an account of Calendar Server 6 as its own.',
    remedy:
      'Follow the likely cause in the message. `davcore.scheduling.localuserattr` must be set, and only accounts of Calendar Server 7 may have the attribute that it names.',
    chapter: chapter.workflow7,
  },
  'verify.split-brain': {
    severity: 'error',
    summary: 'Calendar Server 6 answers for an account that has moved',
    means: 'Calendar Server 6 answers from a calendar of its own for an account that is on Calendar Server 7.',
    why: 'Users of Calendar Server 6 see old times or none, and invitations go into that calendar instead of reaching the account.',
    remedy:
      'Check that Calendar Server 7 has everything in that calendar. Then delete the calendar with `migrated.deleteCs6Calendars`, or with `cscal` by hand. `reconcile audit` lists all such accounts.',
    chapter: chapter.workflow6,
  },
  'verify.own-copy': {
    severity: 'error',
    summary: 'Calendar Server 7 answers for an account that has not moved',
    means:
      'Calendar Server 7 shows the times of an account of Calendar Server 6, but with its settings it cannot have asked Calendar Server 6.',
    why: 'It treats the account as its own and answers from a copy of its calendars, for example from a trial migration. New appointments on Calendar Server 6 are missing from that copy.',
    remedy:
      'Follow the likely cause in the message: `davcore.scheduling.localuserattr` is not set, or the account has the attribute that it names.',
    chapter: chapter.workflow7,
  },
  'verify.no-calendar': {
    severity: 'error',
    summary: 'An account of Calendar Server 6 has no calendar there',
    means:
      'No front end of Calendar Server 6 has a calendar for an account, and the account has no local-user attribute either.',
    why: 'Each side refers to the other, and autoprovisioning is off, so this does not resolve itself.',
    remedy:
      'Create a calendar for the account on Calendar Server 6, or move it to Calendar Server 7. If the account is not used, name another one in `verify.probes`.',
    chapter: chapter.overview,
  },
  'verify.not-asked': {
    severity: 'warning',
    summary: 'A look-up was skipped because it could do harm',
    means: 'reconcile did not ask about an account without a known calendar on Calendar Server 6.',
    why: 'With autoprovisioning on, Calendar Server 6 creates a calendar for any account in a request, and answers for that account from then on. `verify` must not cause that. It asks about all accounts only if ics.conf turns autoprovisioning off and the running server has provably read it. Otherwise it asks only about accounts with a calendar in `cscal list`.',
    remedy:
      'Apply the file, which turns autoprovisioning off and restarts the server. Or find out why the settings of the host cannot be read.',
    chapter: chapter.workflow6,
  },
  'verify.unproved': {
    severity: 'warning',
    summary: 'An answer proves nothing',
    means:
      'A server answered, but the answer proves nothing. Neither the answer nor the account has busy times, or there is no other server to compare it with.',
    why: 'A server that does not know the account would answer the same. Counting that as working would hide the worst possible failure.',
    remedy:
      'In `verify.probes`, name accounts with appointments in the coming weeks. Or create appointments for a test account.',
  },
  'verify.nobody-to-ask': {
    severity: 'warning',
    summary: 'No account of one side can be looked up',
    means: 'No user of one side qualifies: it needs a mail address, and its live side must be that of its cohort.',
    why: 'It is not known whether look-ups of that side work.',
    remedy: 'Apply first, or name accounts in `verify.probes`.',
  },
  'verify.probe-unusable': {
    severity: 'warning',
    summary: 'An account cannot be looked up',
    means: 'No account, or more than one, has a mail address that you named as a probe.',
    why: 'The servers look up accounts by mail address, and an unknown account proves nothing.',
    remedy: 'Correct the address in `verify.probes` or after `--probe`, or the entries in the directory.',
  },
  'verify.back-end': {
    severity: 'note',
    summary: 'A host without users was not asked',
    means: 'A CS6 host was not asked. It runs without its HTTP server, and the domain map does not lead to it.',
    why: 'Users of Calendar Server 6 use front ends. A back end without `cshttpd` does not answer over HTTP.',
    remedy:
      'If the host is a back end, you do not have to do anything. Otherwise start its HTTP server (`start-cal http`).',
  },
  'verify.gate-closed': {
    severity: 'error',
    summary: 'Free/busy fails during the apply, which was stopped',
    means:
      'During an apply, `verify.gates` checked free/busy. A look-up failed that had worked before, or that no later step would fix.',
    why: 'Going on would spread the failure to more hosts or users, so the rest of the plan was not started. With `onFailure: undo`, the batch of accounts or the configuration of the host was taken back.',
    remedy:
      'Run `reconcile verify` for the whole matrix, fix the cause that it names, and apply again. The apply continues where it stopped. If the answers are only late, raise `verify.gates.wait`. The record of the run keeps every query and answer.',
  },
} satisfies Findings<'audit' | 'verify'>;
