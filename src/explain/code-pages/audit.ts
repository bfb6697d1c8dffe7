import type { CodePage } from '../code-page.ts';

/** Audits of all accounts. */
export const auditPages: readonly CodePage[] = [
  {
    code: 'audit.listing-uncounted',
    means:
      'The command `cscal list` ended well on a host, and its last line does not say how many calendars there are.',
    why: 'What the command prints besides the calendars is documented nowhere. With a count, a list that broke off is refused; without one only the exit of the command shows that it is whole, and an account whose calendar is missing from the list would count as in limbo.',
    remedy: 'Compare with a list that is made on the host by hand, before accounts in limbo are acted upon.',
  },
];
