import type { DesiredCs6Host, DesiredCs7Host } from '../core/desired.ts';
import type { LookUpFailure } from '../ports/free-busy.ts';
import { cs6Keys } from '../products/cs6.ts';

/**
 * What may be known to be wrong: the account's entry in the directory, the settings of chapter 10, a server that does not run
 * with its files or whose files were not read, and what CS6 said to the question that CS7 puts to it.
 */
export type KnownCause = 'account' | 'settings' | 'server' | 'route';

/** What a failure points to by itself. */
export interface OwnCause {
  /** The host that was asked, unless told. */
  readonly target?: 'directory';
  readonly key: string;
  readonly why: string;
}

/** What is asked, where it failed. */
export interface FailedQuestion {
  /** Who said it, or did not answer. */
  readonly host: DesiredCs6Host | DesiredCs7Host;
  readonly to: 'cs6' | 'cs7';
  readonly mail: string;
  /** `, and the file on the host has it right` where it was read. */
  readonly right: string;
}

/** What a failure can come from: which known causes it may have, and what is named where none of them is known. */
interface FailureRow {
  readonly known: readonly KnownCause[];
  /** `said`: the failure and its code. */
  own(question: FailedQuestion, said: string): OwnCause;
}

const all: readonly KnownCause[] = ['account', 'settings', 'server', 'route'];

const address = (why: string): FailureRow => ({ known: ['server'], own: () => ({ key: 'http', why }) });

const notACalendar = address('the answer is not that of a calendar server: are address and port right?');

const login: FailureRow = {
  known: [],
  own: ({ host }, said) => ({
    key: host.product === 'cs6' ? cs6Keys.anonymous : 'http',
    why: `it asks for a login (${said.replace('http-status', 'HTTP')}): free/busy must work without one.`,
  }),
};

const ownLog = (what: string): FailureRow => ({
  known: all,
  own: (_, said) => ({
    key: 'log',
    why: `${what.replace('%', said.replace(/^\S+ /, ''))}: the log of the calendar server says what failed.`,
  }),
});

const failures: Readonly<Record<LookUpFailure, FailureRow>> = {
  'no-address': {
    known: [],
    own: ({ mail }) => ({
      target: 'directory',
      key: `mail of ${mail}`,
      why: 'it is not a mail address, so nothing was asked.',
    }),
  },
  unreachable: address(
    'no server answers at this address and port from here: are they right, is a firewall in between?',
  ),
  'timed-out': address(
    'this address and port did not answer in time from here: is a firewall in between, is the server overloaded?',
  ),
  'cut-short': address('it closed the connection before its answer was complete: its log says why.'),
  tls: {
    known: [],
    own: () => ({ key: 'http', why: 'check that NODE_EXTRA_CA_CERTS names the authority of its certificate.' }),
  },
  'too-large': notACalendar,
  packed: notACalendar,
  'wrong-type': notACalendar,
  unreadable: notACalendar,
  'http-status': notACalendar,
  'led-astray': {
    known: ['settings', 'server'],
    own: ({ right }) => ({
      key: cs6Keys.redirect,
      why: `the redirect leads to another address than the file says${right}: is a proxy in between?`,
    }),
  },
  errno: ownLog('errno %'),
  'schedule-status': { ...ownLog('request-status %'), known: ['account', 'server'] },
};

/**
 * Numbers and statuses that say more (Calendar Server WCAP guide): 1 no session, 2 a calendar was just made, 28 access denied,
 * 29 no such calendar, 39 "failed for any reason". CS6 has no iSchedule handler without its parameter: 404.
 */
const byCode: Readonly<Record<string, FailureRow>> = {
  'errno 1': login,
  'errno 2': {
    known: [],
    own: ({ host }) => ({
      key: host.product === 'cs6' ? cs6Keys.autoprovision : 'davcore.autocreate.enableautocreate',
      why: 'errno 2 means that the server has just created a calendar for the account.',
    }),
  },
  'errno 28': {
    known: [],
    own: ({ mail }) => ({
      key: `access to the calendar of ${mail}`,
      why: 'the calendar exists, but its access rights do not let all users see when it is busy (errno 28).',
    }),
  },
  'errno 29': {
    known: all,
    own: ({ host, to, right, mail }) =>
      host.product === 'cs6' && to === 'cs7'
        ? {
            key: cs6Keys.redirect,
            why: `without it CS6 does not refer to CS7${right}: is the patch level high enough?`,
          }
        : { key: `calendar of ${mail}`, why: 'the server has no calendar for the account (errno 29).' },
  },
  'errno 39': ownLog('servers return errno % for every failure'),
  'http-status 401': login,
  'http-status 403': login,
};

const noHandler: FailureRow = {
  known: ['settings', 'server'],
  own: ({ right }) => ({
    key: cs6Keys.schedule,
    why: `CS6 answers 404 without it${right}: is the patch level high enough, is a proxy in between?`,
  }),
};

/** The row of a failure. */
export function rowOf(failure: LookUpFailure, code: string | undefined, way: 'wcap' | 'ischedule'): FailureRow {
  if (way === 'ischedule' && failure === 'http-status' && code === '404') return noHandler;
  return byCode[`${failure} ${code ?? ''}`] ?? failures[failure];
}

/** The known causes that a cell may have; all of them where a server did answer with times. */
export function knownCausesOf(row: FailureRow | undefined): ReadonlySet<KnownCause> {
  return new Set(row?.known ?? all);
}
