import { quote } from './shell-words.ts';
import type { StateScript } from './state-folder.ts';

/*
 * The records of an estate's runs are files RUN.PART in the folder runs/ESTATE below that of the host. Each of them gets its name
 * when it is whole, by a rename. What is read is only what has such a name and is a plain file: whatever else lies there is left
 * alone, and neither opened nor followed. A login may want sizes in another unit (BLOCK_SIZE), or names in quotes.
 */

/** What the shell matches the name of a run with. */
const RUN = `${'[0-9]'.repeat(8)}T${'[0-9]'.repeat(9)}Z-${'[0-9a-f]'.repeat(8)}`;

/** Enters the folder of an estate; ends the subshell where it is missing. */
const SHELF = `rcl_run_form='${RUN}'
rcl_shelf() {
  rcl_none=
  rcl_place
  if test -z "$rcl_none"; then rcl_below "$rcl_s/runs" "$rcl_s/runs/$rcl_estate"; fi
  if test -n "$rcl_none"; then exit 0; fi
  cd "$rcl_s" || rcl_stop folder
}
`;

/**
 * `rcl_records ESTATE` lists the folder, and shows the first and the last line of each run. They are many small files: the sums
 * of them all have their lengths too, so that one `cat` shows them all. A head or an end with more than six figures of bytes is none.
 */
const LIST_RECORDS = `rcl_small() {
  LS_BLOCK_SIZE=1 QUOTING_STYLE=literal ls -lnd "$@" 2>/dev/null | while read rcl_l rcl_n rcl_o rcl_g rcl_z rcl_x; do
    case $rcl_l in
    -r*) case $rcl_z in ?|??|???|????|?????|??????) for rcl_y in $rcl_x; do :; done; echo "$rcl_y";; esac;;
    esac
  done
}
rcl_records() {
  rcl_estate=$1
  (
    rcl_make=
    rcl_shelf
    echo "$rcl_m $rcl_i list"
    LS_BLOCK_SIZE=1 QUOTING_STYLE=literal ls -ln .
    for rcl_w in head.json end.json; do
      rcl_a=\`rcl_small $rcl_run_form.$rcl_w\`
      if test -n "$rcl_a"; then
        echo "$rcl_m $rcl_i sums"
        cksum $rcl_a
        echo "$rcl_m $rcl_i data"
        cat $rcl_a
        echo ""
      fi
    done
    echo "$rcl_m $rcl_i listed"
  )
  echo "$rcl_m $rcl_i end"
}
`;

/** `rcl_record_part ESTATE FILE` shows one of the files. */
const SHOW_PART = `rcl_record_part() {
  rcl_estate=$1
  rcl_f=$2
  (
    rcl_make=
    rcl_shelf
    if test -h "$rcl_f"; then exit 0; fi
    if test -f "$rcl_f"; then :; else exit 0; fi
    echo "$rcl_m $rcl_i sum"
    cksum < "$rcl_f"
    echo "$rcl_m $rcl_i data"
    cat "$rcl_f"
    echo ""
  )
  echo "$rcl_m $rcl_i end"
}
`;

/** What reading records needs in a script, beside STATE_FOLDER. */
export const READ_RUNS: string = SHELF + LIST_RECORDS + SHOW_PART;

/** Asks for what is kept of the runs of an estate. `folder` is the name of its folder. */
export function runsFragment(folder: string): string {
  return `rcl_records ${quote(folder)}`;
}

/** Asks for one file of it. */
export function partFragment(folder: string, file: string): string {
  return `rcl_record_part ${quote(folder)} ${quote(file)}`;
}

/** Bytes of the blocks that `dd` cuts the parts out with: each part begins at a multiple. */
export const BLOCK = 4096;

/** One of the files that are sent as one text. `sum` is as `cksum` prints it. */
export interface SentPart {
  readonly name: string;
  /** The number of its first block. */
  readonly start: number;
  readonly length: number;
  readonly sum: string;
}

/**
 * `rcl_cut FILE START BLOCKS NEXT REST` takes a part out of what was sent: its whole blocks, and so many bytes of the next one.
 * To some `dd` a count of 0 means all. What a writer has under other names has the number of its process, so that the next one
 * clears away what a dead one left. `rcl_slim RUN` removes all of a record but the heads.
 */
const KEEP_FUNCTIONS = `rcl_c=
rcl_tidy() {
  if test -n "$rcl_c"; then rm -f "$rcl_c"*; fi
}
rcl_full() {
  echo "$rcl_x" >&2
  rcl_stop unwritable
}
rcl_cut() {
  : > "$rcl_c.$1" || rcl_stop unwritable
  if test "$3" -gt 0; then rcl_x=\`dd if="$rcl_c" of="$rcl_c.$1" bs=${BLOCK} skip=$2 count=$3 2>&1\` || rcl_full; fi
  if test "$5" -gt 0; then
    rcl_x=\`dd if="$rcl_c" bs=${BLOCK} skip=$4 count=1 2>/dev/null | dd bs=1 count=$5 2>&1 >> "$rcl_c.$1"\` || rcl_full
  fi
}
rcl_sweep() {
  for rcl_f in new-*-*; do
    rcl_ifs=$IFS; IFS=-
    set x $rcl_f
    IFS=$rcl_ifs
    case $3 in
    ''|*[!0-9]*) :;;
    *) kill -0 "$3" 2>/dev/null || rm -f "$rcl_f";;
    esac
  done
}
rcl_check() {
  rcl_x=\`cksum < "$rcl_c.$1"\`
  rcl_x=\`echo $rcl_x\`
  if test "x$rcl_x" = "x$2"; then :; else rcl_stop transfer; fi
  if test -d "$rcl_s/$rcl_run.$1"; then rcl_stop odd-part; fi
}
rcl_prune() {
  rcl_a=
  rcl_last=
  for rcl_f in $rcl_run_form.*; do
    rcl_ifs=$IFS; IFS=.
    set x $rcl_f
    IFS=$rcl_ifs
    if test "x$2" = "x$rcl_last"; then :; else rcl_last=$2; rcl_a="$rcl_a $2"; fi
  done
  set x $rcl_a
  shift
  while test $# -gt "$rcl_keep"; do
    if test "x$1" = "x$rcl_run"; then :; else rm -f "$1".*; fi
    shift
  done
}
rcl_slim() {
  for rcl_f in "$1".*; do
    case $rcl_f in
    *.head.json|*.desired.json|*.end.json) :;;
    *) rm -f "$rcl_f";;
    esac
  done
}
`;

/** Keeps parts of a record, in this order, then drops the oldest records but `keep`, and lists what is there. */
export function keepScript(
  folder: string,
  run: string,
  parts: readonly SentPart[],
  data: Buffer,
  keep: number,
): StateScript {
  const cuts = parts.map(({ name, start, length }) => {
    const blocks = Math.floor(length / BLOCK);
    return `rcl_cut ${name} ${start} ${blocks} ${start + blocks} ${length % BLOCK}`;
  });
  const checks = parts.map(({ name, sum }) => `rcl_check ${name} '${sum}'`);
  const moves = parts.map(({ name }) => `mv -f "$rcl_c.${name}" "$rcl_run.${name}" || rcl_stop unwritable`);
  const body = `rcl_shelf
rcl_sweep
rcl_c=$rcl_s/new-$$-$rcl_nonce
cat > "$rcl_c" || rcl_stop unwritable
${[...cuts, ...checks].join('\n')}
sync "$rcl_c".* 2>/dev/null || sync
${moves.join('\n')}
rcl_prune
echo "$rcl_m - kept"
LS_BLOCK_SIZE=1 QUOTING_STYLE=literal ls -ln .`;
  return { ...script(folder, 'keeping the record of the run', body), data, variables: words(folder, run, keep) };
}

/** Drops all of these records but what their first and last lines and the desired state say. */
export function slimScript(folder: string, runs: readonly string[]): StateScript {
  const body = `rcl_shelf
${runs.map(run => `rcl_slim ${run}`).join('\n')}
echo "$rcl_m - kept"`;
  return script(folder, 'dropping old records', body);
}

function words(folder: string, run: string, keep: number): StateScript['variables'] {
  return { estate: folder, run, keep: String(keep) };
}

function script(folder: string, doing: string, body: string): StateScript {
  return { variables: { estate: folder }, functions: SHELF + KEEP_FUNCTIONS, body, make: true, doing };
}
