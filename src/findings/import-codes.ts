import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Reading a running estate into an estate file. */
export const importing = {
  'import.points-elsewhere': {
    severity: 'warning',
    summary: 'A server refers to an address that no declared host has',
    means:
      'A redirect of Calendar Server 6, or a line of a domain map of Calendar Server 7, has a URL at which no declared host answers. Or more than one may.',
    why: 'The estate file names a host and derives the URL from its `http`. A line with another URL is a difference, and the plan replaces it.',
    remedy:
      'If the address belongs to a declared host, such as one behind a load balancer, set `http` of that host to it. If it belongs to another host, declare that host.',
    chapter: chapter.domainMap,
  },
  'import.back-end-asked': {
    severity: 'warning',
    summary: 'A server refers to a host that answers no requests',
    means:
      'A line of a domain map of Calendar Server 7 has the address of a CS6 host whose `service.http.enable` is "no".',
    why: 'Nothing answers there, so users of CS7 do not see when accounts of that domain on CS6 are busy.',
    remedy: 'Choose a front end for the domain. If the host does answer, set `http` of it.',
    chapter: chapter.domainMap,
  },
  'import.odd-domain': {
    severity: 'warning',
    summary: 'A mail domain cannot be written into the file',
    means:
      'The domain map of a Calendar Server 7 host, or the address of an account, has a domain that is no host name in lower case.',
    why: 'The estate file names mail domains in lower case, letter by letter as the domain map has them. This one stays unmanaged.',
    remedy: 'Correct the line or the address if it is a mistake.',
    chapter: chapter.domainMap,
  },
  'import.not-adopted': {
    severity: 'error',
    summary: 'A setting cannot be taken into the file',
    means: 'A key that `--adopt` names is not set on any host, or the estate file may not have it.',
    why: 'The estate file has no secrets, no settings that follow from the rest of it, and no values that its rules refuse.',
    remedy: 'Leave the key out, or correct its name or its live value as the message says.',
  },
} satisfies Findings<'import'>;
