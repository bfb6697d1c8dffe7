import { count } from '../../core/count.ts';
import type { TargetProblem } from '../../core/finding.ts';
import type { DirectoryQuery } from '../../ports/directory.ts';
import type { Endpoint } from './endpoint.ts';
import type { Response } from './exchange.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';
import { ResultCode, resultWords } from './result-code.ts';
import type { WireLost } from './wire-lost.ts';

/** The problem of a search that the server ended with anything but success. */
export function incomplete(
  endpoint: Endpoint,
  query: DirectoryQuery,
  entries: number,
  answer: Response,
): TargetProblem {
  const words = resultWords(answer);
  if (answer.status === ResultCode.referral) {
    return refersElsewhere(endpoint, query, [words]);
  }
  if (answer.status === ResultCode.noSuchObject) {
    const nearest = answer.matchedDN === '' ? [] : [`The nearest entry there is: ${printableLine(answer.matchedDN)}`];
    return directoryProblem(
      'directory.base-missing',
      ...searched(endpoint, query),
      ...nearest,
      'Correct the base, or let the bind entry see it: some servers deny what they hide.',
    );
  }
  return directoryProblem(
    'directory.search-incomplete',
    ...searched(endpoint, query),
    `It ended after ${count(entries, 'entry', 'entries')} with ${words}.`,
    'The entries that are missing cannot be told from entries that do not exist, so that none is used.',
    ...remedy(endpoint, answer.status),
  );
}

/** The problem of a search that ended because the connection did. */
export function lost(endpoint: Endpoint, query: DirectoryQuery, entries: number, error: WireLost): TargetProblem {
  return directoryProblem(
    'directory.connection-lost',
    ...searched(endpoint, query),
    `${error.message} ${count(entries, 'entry was', 'entries were')} received before that; none is used.`,
    'Nothing was changed by it. Start again when the server answers.',
  );
}

/** The problem of a search whose answer is partly on other servers. */
export function refersElsewhere(endpoint: Endpoint, query: DirectoryQuery, urls: readonly string[]): TargetProblem {
  return directoryProblem(
    'directory.referral',
    ...searched(endpoint, query),
    ...urls.slice(0, 5).map(url => `It refers to: ${printableLine(url)}`),
    'Referrals are not followed: the password would be handed to a server nobody named.',
    'Name a server that holds the whole base, or a base that this one holds.',
  );
}

function searched(endpoint: Endpoint, query: DirectoryQuery): readonly string[] {
  return [endpoint.name, `base ${printableLine(query.base)}`, `filter ${printableLine(query.filter)}`];
}

function remedy(endpoint: Endpoint, status: number): readonly string[] {
  const who = printableLine(endpoint.bindDn);
  switch (status) {
    case ResultCode.timeLimit:
    case ResultCode.sizeLimit:
    case ResultCode.adminLimit:
      return [
        'Lift the limits of the bind entry. Sun Directory Server and 389, attributes of that entry:',
        '    nsSizeLimit: -1',
        '    nsLookThroughLimit: -1',
        '    nsTimeLimit: -1',
        'OpenLDAP, slapd.conf (olcLimits in cn=config):',
        `    limits dn.exact="${who}" size=unlimited time=unlimited`,
      ];
    case ResultCode.unwilling:
      return [
        'Servers that demand an index (nsslapd-require-index) refuse filters that no index answers, or whose index entry',
        'is longer than the all-ids threshold: index the attributes of the filter, or raise the threshold.',
      ];
    case ResultCode.insufficientAccess:
      return [`Let ${who} read and search below the base.`];
    default:
      return ['Look into the server’s log for its reason.'];
  }
}
