import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Commands that stand before the machine's own in PATH. */
export interface ToolShims {
  /** Folders for PATH. */
  folders(diskIsFull: boolean): readonly string[];
  remove(): void;
}

/**
 * `ls` of macOS shows full times neither with -E nor with --full-time, which are all that the client asks for; its `stat`
 * can print such a line.
 */
export const bsdListScript = `#!/bin/sh
case $2 in
--full-time)
  case $1 in
  *L*) set -- -L "$3" ;;
  *) set -- "$3" ;;
  esac
  exec /usr/bin/stat -f '%Sp %l %u %g %z %Sm %N' -t '%Y-%m-%d %H:%M:%S' "$@" ;;
esac
case $1 in
-*E) exit 1 ;;
esac
exec /bin/ls "$@"
`;

/** Only a copy from standard input is an upload; \`cat FILE\` reads and does not mind a full disk. */
const FULL_DISK = `#!/bin/sh
if test $# -gt 0; then exec /bin/cat "$@"; fi
dd bs=16 count=1 2>/dev/null
/bin/cat >/dev/null
echo 'cat: write error: No space left on device' >&2
exit 1
`;

/** Lays the commands this machine needs into a folder of their own; most need none, and there is no folder then. */
export function createToolShims(platform: NodeJS.Platform): ToolShims {
  let own: string | undefined;
  const laid = new Map<string, string>();
  const lay = (name: string, script: string) => {
    own ??= makeFolder();
    const folder = laid.get(name) ?? layTool(own, name, script);
    laid.set(name, folder);
    return folder;
  };
  return {
    folders: diskIsFull => [
      ...(diskIsFull ? [lay('cat', FULL_DISK)] : []),
      ...(platform === 'darwin' ? [lay('ls', bsdListScript)] : []),
    ],
    remove: () => {
      if (own !== undefined) {
        rmSync(own, { recursive: true, force: true });
      }
    },
  };
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-tools-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Each command has a folder of its own, so that PATH can have some of them. */
function layTool(own: string, name: string, script: string): string {
  const folder = join(own, name);
  mkdirSync(folder);
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return folder;
}
