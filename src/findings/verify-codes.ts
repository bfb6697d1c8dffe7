import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Audits of all accounts, and verifications over HTTP. */
export const verify = {
  'verify.no-answer': {
    severity: 'error',
    summary: 'A look-up gets no answer',
    means:
      'A server that was asked for busy times did not answer with times: it could not be reached, refused, failed, or referred to a place that the file does not name.',
    why: 'A user who looks the account up there sees nothing, or an error.',
    remedy:
      'The message names the likely cause: a setting that differs, a restart that is due, an entry in the directory. Where reconcile manages it, `reconcile apply` fixes it. Calendar Server 7 returns errno 39 for every failure; its own log says more.',
    chapter: chapter.workflow7,
  },
  'verify.wrongly-free': {
    severity: 'error',
    summary: 'Somebody who is busy is shown as free',
    means:
      'A server answered, and its answer lacks times at which the account is busy, as the server of the account itself says.',
    why: 'This failure looks like an answer: meetings are made at times that are taken. It is what Calendar Server 7 does when it takes an account of Calendar Server 6 for its own.',
    remedy:
      'See the likely cause. `davcore.scheduling.localuserattr` has to be set, and only accounts of Calendar Server 7 may have the attribute it names.',
    chapter: chapter.workflow7,
  },
  'verify.split-brain': {
    severity: 'error',
    summary: 'Calendar Server 6 answers for an account that has moved',
    means: 'Calendar Server 6 answers from a calendar of its own for an account that is on Calendar Server 7.',
    why: 'Users of Calendar Server 6 see old times or none, and invitations go into that calendar instead of to the account.',
    remedy:
      'See that what is in the calendar is on Calendar Server 7 too, then delete it there: `migrated.deleteCs6Calendars`, or `cscal` by hand. `reconcile audit` lists all such accounts.',
    chapter: chapter.workflow6,
  },
  'verify.own-copy': {
    severity: 'error',
    summary: 'Calendar Server 7 answers for an account that has not moved',
    means:
      'Calendar Server 7 shows the times that an account of Calendar Server 6 has there, and by its settings it cannot have asked for them.',
    why: 'It takes the account for its own and answers from a copy of its calendars, such as a trial of the migration left. What the account gets on Calendar Server 6 from now on is not in it.',
    remedy:
      'See the likely cause: `davcore.scheduling.localuserattr` is not set, or the account has the attribute it names.',
    chapter: chapter.workflow7,
  },
  'verify.no-calendar': {
    severity: 'error',
    summary: 'An account of Calendar Server 6 has no calendar there',
    means: 'No front end of Calendar Server 6 has a calendar of an account that has no local-user attribute either.',
    why: 'Each side refers to the other, and autoprovisioning is off, so that the account never gets out of it by itself.',
    remedy:
      'Make the account a calendar on Calendar Server 6, or move it to Calendar Server 7. An account that is not used need not be a probe: name another one in `verify.probes`.',
    chapter: chapter.overview,
  },
  'verify.not-asked': {
    severity: 'warning',
    summary: 'A question was not asked because it might do harm',
    means: 'A question about an account without a known calendar on Calendar Server 6 was not asked.',
    why: 'With autoprovisioning on, Calendar Server 6 makes a calendar for whomever it is asked about, and answers for them from then on. Verifying must not do that, so it asks only where autoprovisioning is off in the file and the running server is proved to have read the file; otherwise it asks only about accounts that `cscal list` shows a calendar of.',
    remedy:
      'Apply the file, which turns it off and restarts the server; or see why the settings of the host cannot be read.',
    chapter: chapter.workflow6,
  },
  'verify.unproved': {
    severity: 'warning',
    summary: 'An answer proves nothing',
    means:
      'A server answered, and the answer proves nothing: it has no busy times and neither has the account, or there is no other server to compare it with.',
    why: 'A server that knows nothing of an account would answer the same. Counting that as working would hide the worst failure there is.',
    remedy:
      'Name accounts with appointments in the coming weeks in `verify.probes`, or make some for an account that is kept for this.',
  },
  'verify.nobody-to-ask': {
    severity: 'warning',
    summary: 'No account of one side was found to ask about',
    means: 'No user of one side was found: with a mail address, and live where a cohort of that side has it.',
    why: 'Whether look-ups of that side work is not known then.',
    remedy: 'Apply first, or name accounts in `verify.probes`.',
  },
  'verify.probe-unusable': {
    severity: 'warning',
    summary: 'An account cannot be asked about',
    means: 'No account, or more than one, has a mail address that was named to be asked about.',
    why: 'The servers look accounts up by mail address, and nothing can be concluded from an account that is not found.',
    remedy: 'Correct the address in `verify.probes` or after `--probe`, or the entries in the directory.',
  },
  'verify.back-end': {
    severity: 'note',
    summary: 'A host that users do not talk to was not asked',
    means: 'A CS6 host was not asked: it runs without its HTTP server, and the domain map does not lead to it.',
    why: 'Users of Calendar Server 6 talk to front ends; a back end without `cshttpd` does not answer over HTTP.',
    remedy: 'Nothing, if it is a back end. Otherwise start its HTTP server (`start-cal http`).',
  },
  'verify.gate-closed': {
    severity: 'error',
    summary: 'Free/busy fails on the way, and nothing further was begun',
    means:
      'An apply asked for free/busy on its way, as `verify.gates` wants it, and something failed that had worked before, or that nothing in the rest of the plan would fix.',
    why: 'Going on would carry the failure to more hosts or more users. So nothing further of the plan was begun; with `onFailure: undo` the batch of accounts, or the configuration of the host, was taken back.',
    remedy:
      'Run `reconcile verify` for the whole matrix, fix the cause that is named, and apply again: it continues where it stopped. If the answers are only late, give `verify.gates.wait` more seconds. The record of the run keeps every query and answer.',
  },
} satisfies Findings<'audit' | 'verify'>;
