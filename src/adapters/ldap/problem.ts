import { TargetProblem } from '../../core/finding.ts';

const SUMMARIES = {
  'directory.url-invalid': 'The URL is not one of a directory',
  'directory.clear-text': 'The password would cross the network in clear',
  'directory.ca-unreadable': 'The authority file cannot be used',
  'directory.unreachable': 'The directory cannot be reached',
  'directory.login-refused': 'The directory refuses the login',
  'directory.password-expired': 'The password for the directory has to be changed',
  'directory.identity-lost': 'The directory no longer knows who is asking',
  'directory.connection-lost': 'The connection to the directory is lost',
  'directory.other-server': 'Another server answers in the place of the directory',
  'directory.write-missing': 'The last confirmed change is no longer in the directory',
  'directory.outcome-unknown': 'It is not known whether a change took effect',
  'directory.filter-invalid': 'The filter is not an LDAP filter',
  'directory.base-missing': 'The base of a search does not exist',
  'directory.referral': 'The directory refers to another server',
  'directory.search-incomplete': 'A search ended before it was complete',
  'directory.schema-unreadable': 'The directory does not show its schema',
} as const;

/** Every code this adapter throws. */
export type DirectoryProblemCode = keyof typeof SUMMARIES;

/** A problem with the directory; the lines become its detail. What they hold from outside is already printable. */
export function directoryProblem(code: DirectoryProblemCode, ...lines: readonly string[]): TargetProblem {
  return new TargetProblem({
    severity: 'error',
    code,
    summary: SUMMARIES[code],
    detail: lines.join('\n'),
    target: 'directory',
  });
}
