import type { Cs6Platform } from '../../core/desired.ts';
import { text } from '../outcome.ts';

const CORE_PATCH = { 'solaris-sparc': '121657', 'solaris-x86': '121658' } as const;
const OBSOLETED = { 'solaris-sparc': '116577-42', 'solaris-x86': '116578-42' } as const;
const EARLIER = [17, 9, 37];

/** Patches of the platform's calendar server by number: 121657 on SPARC, 121658 on x86 (chapter 10, "Configuring the Calendar Server 6 Environment"). */
export type SolarisPlatform = Exclude<Cs6Platform, 'redhat'>;

/**
 * Output of `showrev -p` and `patchadd -p`. Made to catch a careless reader: the newest revision comes first, one of the
 * earlier ones is greater when read as a word (`-9`), and two other patches name revisions that are not installed.
 */
export function renderPatches(platform: SolarisPlatform, patch: number | undefined): string {
  const core = CORE_PATCH[platform];
  const revisions = patch === undefined ? [] : [patch, ...EARLIER.filter(revision => revision < patch)];
  return text(
    line('118833-36', { obsoletes: '118822-30', packages: 'SUNWcsu, SUNWcsr' }),
    line('119254-92', { packages: 'SUNWinstall-patch-utils-root, SUNWpkgcmdsu' }),
    ...revisions.map(revision =>
      line(`${core}-${revision}`, { obsoletes: OBSOLETED[platform], packages: 'SUNWics5, SUNWica5' }),
    ),
    line('121581-20', { incompatibles: `${core}-99`, packages: 'SUNWdsvr' }),
    line('122793-09', { obsoletes: `${core}-98`, packages: 'SUNWics-l10n' }),
    line('125358-13', { requires: '118833-36', packages: 'SUNWnspr, SUNWtls' }),
  );
}

/** Packages as `rpm -qa` prints them. Patch 121659 is a set of packages: its revision stands in none of the names. */
export function renderPackages(): string {
  return text(
    'glibc-2.5-123',
    'sun-calendar-api-6.3-11.01',
    'sun-calendar-core-6.3-11.01',
    'sun-calendar-server-6.3-11.01',
  );
}

/** Body of `showrev` over the stored listing. */
export function showrevScript(listing: string): string {
  return `case "$*" in
  -p) exec cat ${listing} ;;
  '') echo 'Hostname: '\`hostname\`; echo 'Release: 5.10'; echo 'Kernel version: SunOS' ;;
  *) echo 'usage: showrev [-a] [-p] [-w] [-c command] [-s server]' >&2; exit 1 ;;
esac
`;
}

/** Body of `patchadd`, of which only the listing is there. */
export function patchaddScript(listing: string): string {
  return `if [ "$*" = '-p' ]; then exec cat ${listing}; fi
echo 'patchadd: only -p is part of the rehearsal' >&2
exit 1
`;
}

/** Body of `rpm`, of which only the queries are there. */
export function rpmScript(listing: string): string {
  return `if [ "$*" = '-qa' ]; then exec cat ${listing}; fi
if [ $# -ne 2 ] || [ "$1" != '-q' ]; then echo 'rpm: only -q package and -qa are part of the rehearsal' >&2; exit 1; fi
grep "^$2-[0-9]" ${listing} && exit 0
echo "package $2 is not installed"
exit 1
`;
}

interface PatchLine {
  readonly obsoletes?: string;
  readonly requires?: string;
  readonly incompatibles?: string;
  readonly packages: string;
}

function line(id: string, { obsoletes = '', requires = '', incompatibles = '', packages }: PatchLine): string {
  return `Patch: ${id} Obsoletes: ${obsoletes} Requires: ${requires} Incompatibles: ${incompatibles} Packages: ${packages}`;
}
