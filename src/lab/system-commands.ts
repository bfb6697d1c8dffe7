import { dirname } from 'node:path';
import type { Cs6Platform } from '../core/desired.ts';
import type { Cs7Dialect } from './dialect.ts';
import { type Cs6Facts, type HostTree, LAB_BIN, LAB_FOLDER, layFile, layScript, quote } from './host-tree.ts';
import { text } from './outcome.ts';

/* Stand-ins for the commands of the operating system, as far as a calendar server's administrator needs them. */

const CORE_PATCH = { 'solaris-sparc': '121657', 'solaris-x86': '121658' } as const;

const OBSOLETED = { 'solaris-sparc': '116577-42', 'solaris-x86': '116578-42' } as const;

const EARLIER = [17, 9, 37];

/** Patches of the platform's calendar server by number: 121657 on SPARC, 121658 on x86 (chapter 10, "Configuring the Calendar Server 6 Environment"). */
type SolarisPlatform = Exclude<Cs6Platform, 'redhat'>;

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
function renderPackages(): string {
  return text(
    'glibc-2.5-123',
    'sun-calendar-api-6.3-11.01',
    'sun-calendar-core-6.3-11.01',
    'sun-calendar-server-6.3-11.01',
  );
}

/** Body of `showrev` over the stored listing. */
function showrevScript(listing: string, { showrev, showrevDelay }: Cs6Facts['dialect']): string {
  return `${showrev === 'slow' ? `sleep ${showrevDelay}\n` : ''}case "$*" in
  -p) exec cat ${listing} ;;
  '') echo 'Hostname: '\`hostname\`; echo 'Release: 5.10'; echo 'Kernel version: SunOS' ;;
  *) echo 'usage: showrev [-a] [-p] [-w] [-c command] [-s server]' >&2; exit 1 ;;
esac
`;
}

/** Body of `patchadd`, of which only the listing is there. */
function patchaddScript(listing: string, { patchadd }: Cs6Facts['dialect']): string {
  if (patchadd === 'not-root') return "echo 'patchadd: You must be root to execute this program' >&2\nexit 1\n";
  return `if [ "$*" = '-p' ]; then exec cat ${listing}; fi
echo 'patchadd: only -p is part of the rehearsal' >&2
exit 1
`;
}

/** Body of `rpm`, of which only queries are there. */
function rpmScript(listing: string, installPrefix: string): string {
  return `if [ "$*" = '-qa' ]; then exec cat ${listing}; fi
if [ $# -eq 4 ] && [ "$1 $2 $3" = '-q --queryformat %{INSTALLPREFIX}' ]; then
  if grep "^$4-[0-9]" ${listing} > /dev/null; then printf %s ${quote(installPrefix)}; exit 0; fi
  set -- -q "$4"
fi
if [ $# -ne 2 ] || [ "$1" != '-q' ]; then echo 'rpm: only -q package and -qa are part of the rehearsal' >&2; exit 1; fi
grep "^$2-[0-9]" ${listing} && exit 0
echo "package $2 is not installed"
exit 1
`;
}

/** Body of `pkginfo`, of which only the question for a package's root is there. */
function pkginfoScript(name: string, root: string): string {
  return `if [ "$*" = '-r ${name}' ]; then echo ${quote(root)}; exit 0; fi
if [ $# -ne 2 ] || [ "$1" != '-r' ]; then echo 'pkginfo: only -r package is part of the rehearsal' >&2; exit 1; fi
echo "ERROR: information for \\"$2\\" was not found" >&2
exit 1
`;
}

/** What `uname -a` prints behind the name of the host. */
const SYSTEMS: Readonly<Record<Cs6Platform, readonly [before: string, behind: string]>> = {
  'solaris-sparc': ['SunOS', '5.10 Generic_147440-27 sun4v sparc SUNW,T5240'],
  'solaris-x86': ['SunOS', '5.10 Generic_147441-27 i86pc i386 i86pc'],
  redhat: ['Linux', '2.6.18-398.el5 #1 SMP Tue Aug 12 06:26:17 EDT 2014 x86_64 x86_64 x86_64 GNU/Linux'],
};

/** `uname -a` of a platform; with other options it is the machine's own. */
export async function layUname(host: HostTree, platform: Cs6Platform): Promise<void> {
  const [before, behind] = SYSTEMS[platform];
  const script = `if [ "$*" != -a ]; then exec /bin/uname "$@"; fi\necho '${before} '\`/bin/uname -n\`' ${behind}'\n`;
  await layScript(host, `${LAB_BIN}/uname`, script);
}

/**
 * `ps` of a host that shares its processes with this machine: shows the host's own servers, those of strangers and itself,
 * whatever was selected. A host with a process namespace needs one for zones only.
 */
export async function layProcessList(host: HostTree, zones = false): Promise<void> {
  if (zones) await layScript(host, `${LAB_BIN}/zonename`, `echo ${OWN_ZONE}\n`);
  if (host.prefix === '' && !zones) return;
  const folders = ['daemons', 'strangers'].map(name => `${quote(`${host.prefix}${LAB_FOLDER}/${name}`)}/*`);
  const all = host.prefix === '' ? '`/bin/ps -e -o pid=`' : '$$';
  const script = `${collectPids(folders.join(' '), all)}${readOptions(zones ? ZONE_OPTIONS : '')}`;
  await layScript(
    host,
    `${LAB_BIN}/ps`,
    zones ? `${script}${ZONE_LISTING}` : `${script}exec /bin/ps "$@" -p "$pids"\n`,
  );
}

/** Each file has a process number, what `ps` shows, and the zone where it is another. */
function collectPids(files: string, all: string): string {
  return `pids=
zones=
for pid in ${all}; do pids="$pids\${pids:+,}$pid"; done
for f in ${files}; do
  zone=
  if [ -f "$f" ] && { read pid; read title; read zone || :; } < "$f"; then
    pids="$pids\${pid:+,}$pid"
    zones="$zones $pid=\${zone:-${OWN_ZONE}}"
  fi
done
`;
}

/** Takes away what selects processes, as they are selected by number. */
function readOptions(more: string): string {
  return `column=0
columns=0
only=
left=$#
while [ "$left" -gt 0 ]; do
  case "$1" in
    -e|-A) ;;
    -ef) set -- "$@" -f ;;
${more}    *) set -- "$@" "$1" ;;
  esac
  shift
  left=\`expr "$left" - 1\`
done
`;
}

/** The zone that a host with zones is. */
const OWN_ZONE = 'global';

// `-z` selects and `-o zone` shows a zone, for which the process number stands in until it is known.
const ZONE_OPTIONS = `    -z) only=$2; shift; left=\`expr "$left" - 1\` ;;
    -o)
      list=
      for one in \`echo "$2" | tr , ' '\`; do
        columns=\`expr "$columns" + 1\`
        if [ "$one" = zone ]; then column=$columns; one=pid; fi
        list="$list\${list:+,}$one"
      done
      set -- "$@" -o "$list"
      shift
      left=\`expr "$left" - 1\` ;;
`;

const ZONE_LISTING = `if [ -n "$only" ]; then
  chosen=$$
  for pid in \`echo "$pids" | tr , ' '\`; do
    zone=${OWN_ZONE}
    for one in $zones; do if [ "\${one%%=*}" = "$pid" ]; then zone=\${one#*=}; fi; done
    if [ "$zone" = "$only" ]; then chosen="$chosen,$pid"; fi
  done
  pids=$chosen
fi
/bin/ps "$@" -p "$pids" | awk -v column="$column" -v zones="$zones" '
  BEGIN { n = split(zones, pairs, " "); for (i = 1; i <= n; i++) { split(pairs[i], pair, "="); zoneOf[pair[1]] = pair[2] } }
  column == 0 { print; next }
  {
    rest = $0; done = ""
    for (i = 1; i <= column; i++) {
      match(rest, /^ *[^ ]+/)
      field = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
      if (i == column) field = sprintf("%s%8s", i == 1 ? "" : " ", NR == 1 ? "ZONE" : $i in zoneOf ? zoneOf[$i] : "${OWN_ZONE}")
      done = done field
    }
    print done rest
  }'
`;

/** Lays what tells which software a Calendar Server 6.3 host has, and where. */
export async function layCs6Software(host: HostTree, facts: Cs6Facts, patch: number | undefined): Promise<void> {
  const { platform, dialect } = facts;
  const path = `${LAB_FOLDER}/${platform === 'redhat' ? 'packages' : 'patches'}`;
  const listing = quote(`${host.prefix}${path}`);
  const root = installRoot(facts);
  if (platform === 'redhat') {
    await layFile(host, path, renderPackages());
    if (dialect.rpm === 'present') await layScript(host, `${LAB_BIN}/rpm`, rpmScript(listing, root ?? '(none)'));
    return;
  }
  await layFile(host, path, renderPatches(platform, patch));
  if (dialect.showrev !== 'absent') await layScript(host, `${LAB_BIN}/showrev`, showrevScript(listing, dialect));
  if (dialect.patchadd !== 'absent') await layScript(host, `${LAB_BIN}/patchadd`, patchaddScript(listing, dialect));
  if (root !== undefined) await layScript(host, `${LAB_BIN}/pkginfo`, pkginfoScript('SUNWics5', root));
}

function installRoot({ sbin, platform, dialect }: Cs6Facts): string | undefined {
  const home = dirname(sbin);
  if (dialect.installRoot === 'absent') return undefined;
  if (dialect.installRoot === 'home') return home;
  return home.slice(0, -(platform === 'redhat' ? '/sun/calendar' : '/SUNWics5/cal').length);
}

/** Name of the cluster's resource that is the calendar server. */
export const CLUSTER_RESOURCE = 'cal';

/** Lays the two commands of Sun Cluster that stop, start and show a resource: `scswitch -n -j cal`, `-e -j cal`, `scstat -g`. */
export async function layCluster(host: HostTree, sbin: string): Promise<void> {
  const command = (name: string) => quote(`${host.prefix}${sbin}/${name}`);
  const scswitch = `LAB_CLUSTER=yes; export LAB_CLUSTER
case "$*" in
  '-n -j ${CLUSTER_RESOURCE}') exec ${command('stop-cal')} > /dev/null ;;
  '-e -j ${CLUSTER_RESOURCE}') exec ${command('start-cal')} > /dev/null ;;
  *) echo 'scswitch: only -n -j ${CLUSTER_RESOURCE} and -e -j ${CLUSTER_RESOURCE} are part of the rehearsal' >&2; exit 1 ;;
esac
`;
  await layScript(host, `${LAB_BIN}/scswitch`, scswitch);
  await layScript(host, `${LAB_BIN}/scstat`, scstatScript(host));
}

function scstatScript({ prefix }: HostTree): string {
  return `if [ "$*" != -g ]; then echo 'scstat: only -g is part of the rehearsal' >&2; exit 1; fi
if ${quote(`${prefix}${RUNS}`)}; then state=Online; else state=Offline; fi
echo '-- Resources --'
echo '            Resource Name     Node Name     State     Status Message'
echo "  Resource: ${CLUSTER_RESOURCE}               node1         $state    $state"
`;
}

/** A site's own script on every host: ends with 0 while the host's calendar server runs, and with 1 otherwise. */
export const RUNS = `${LAB_BIN}/calendar-runs`;

/** Lays it. */
export async function layRuns(host: HostTree): Promise<void> {
  const script = `for f in ${quote(`${host.prefix}${LAB_FOLDER}/daemons`)}/[0-9]*; do
  if [ -f "$f" ] && read pid < "$f" && kill -0 "$pid" 2> /dev/null; then exit 0; fi
done
exit 1
`;
  await layScript(host, RUNS, script);
}

/** The service that SMF or systemd knows the container as. */
export const CONTAINER_SERVICE = { smf: 'svc:/application/glassfish:domain1', systemd: 'glassfish.service' } as const;

/** Lays `svcadm` and `svcs`, or `systemctl`, over the program that starts, stops and lists the container. */
export async function layServiceCommands(
  host: HostTree,
  keeper: keyof typeof CONTAINER_SERVICE,
  program: string,
): Promise<void> {
  const run = `LAB_SERVICE=${keeper}; export LAB_SERVICE\ncontainer=${quote(`${host.prefix}${program}`)}\n`;
  const service = CONTAINER_SERVICE[keeper];
  const runs = quote(`${host.prefix}${RUNS}`);
  if (keeper === 'systemd') {
    await layScript(host, `${LAB_BIN}/systemctl`, `${run}${systemctlScript(service, runs)}`);
    return;
  }
  const svcadm = `case "$*" in
  'disable -s ${service}'|'disable ${service}') exec "$container" stop-domain > /dev/null ;;
  'enable -s ${service}'|'enable ${service}') exec "$container" start-domain > /dev/null ;;
  *) echo "svcadm: Pattern '$*' doesn't match any instances" >&2; exit 1 ;;
esac
`;
  const svcs = `case "$*" in
  '-H -o state ${service}') if ${runs}; then echo online; else echo disabled; fi ;;
  *) echo "svcs: Pattern '$*' doesn't match any instances" >&2; exit 1 ;;
esac
`;
  await layScript(host, `${LAB_BIN}/svcadm`, `${run}${svcadm}`);
  await layScript(host, `${LAB_BIN}/svcs`, `${run}${svcs}`);
}

function systemctlScript(service: string, runs: string): string {
  return `case "\${2%.service}.service" in
  ${service}) ;;
  *) echo "Failed to get unit: Unit $2 not found." >&2; exit 5 ;;
esac
case "$1" in
  stop) exec "$container" stop-domain > /dev/null ;;
  start) if ${runs}; then exit 0; fi; exec "$container" start-domain > /dev/null ;;
  is-active) if ${runs}; then echo active; exit 0; fi; echo inactive; exit 3 ;;
  *) echo "Unknown operation $1." >&2; exit 1 ;;
esac
`;
}

/** Lays the scripts of a WebLogic domain. */
export async function layWeblogic(host: HostTree, bin: string, program: string): Promise<void> {
  const run = `LAB_SERVICE=weblogic\nexport LAB_SERVICE\nexec ${quote(`${host.prefix}${program}`)}`;
  await layScript(host, `${bin}/stopWebLogic.sh`, `${run} stop-domain > /dev/null\n`);
  await layScript(host, `${bin}/startWebLogic.sh`, `${run} start-domain > /dev/null\n`);
}

/** Lays what tells where a Calendar Server 7 is installed. */
export async function layCs7Software(host: HostTree, home: string, { packages }: Cs7Dialect): Promise<void> {
  if (packages === 'pkginfo') await layScript(host, `${LAB_BIN}/pkginfo`, pkginfoScript('SUNWdavserver', home));
  if (packages !== 'rpm') return;
  const path = `${LAB_FOLDER}/packages`;
  await layFile(host, path, text('glibc-2.5-123', 'sun-davserver-7.0-5.17'));
  await layScript(host, `${LAB_BIN}/rpm`, rpmScript(quote(`${host.prefix}${path}`), home));
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
