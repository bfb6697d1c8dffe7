import { chapter } from '../core/declared.ts';
import type { Findings } from './finding-entry.ts';

/** Reading a running estate into an estate file. */
export const importing = {
  'import.option-unusable': {
    severity: 'error',
    summary: 'An option of import cannot be used',
    means: 'A host, a URL, a key or a value on the command line cannot be right.',
    why: 'A value that is read in another way than you meant it would become part of the file. Nothing was looked at.',
    remedy:
      'Correct the option. `reconcile explain KEY` shows what a key of the file takes. In a shell, put `--set` values with blanks or brackets in single quotes.',
  },
  'import.literal-secret': {
    severity: 'error',
    summary: 'A secret in the command line',
    means: 'The command line contains a password. Only the place of a password may be there.',
    why: 'Every user of this machine can read a command line, shells keep it, and the file goes into git.',
    remedy:
      'Use `--password-env`, `--password-file` or `--password-command`, or a reference such as `{ env: LDAP_PASSWORD }`. Change the secret.',
  },
  'import.file-exists': {
    severity: 'error',
    summary: 'The file exists already',
    means:
      'The estate file of `import`, or a file with members that it names, exists, and it was not said that it may be replaced.',
    why: 'An estate file is work. An import never overwrites one unasked.',
    remedy: 'Name another file with `-o FILE`, or give `--overwrite`.',
  },
  'import.not-expressed': {
    severity: 'error',
    summary: 'The file would not say what is live',
    means:
      'What was found makes no sound estate file, or planning it would change something that was found and that coexistence does not need.',
    why: 'An apply of such a file would change what it was to describe. So no file is written.',
    remedy:
      'Look at what the message lists. State the value that you want with `--set KEY=VALUE`. If it is a mistake of reconcile, report it.',
  },
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
