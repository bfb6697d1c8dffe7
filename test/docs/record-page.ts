import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** A rehearsal estate that commands are run on, in its folder. */
export interface RunningEstate {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Who runs it is the same on every machine. */
export const actor = { JENKINS_URL: 'https://ci.example.com/', BUILD_USER_ID: 'ops@admin1' };

/** Runs the commands of pages, and gives each page with the output that its commands have now. */
export class PageRecorder {
  private readonly estate: RunningEstate;
  /** What differs from one estate to the next, and what the documentation shows there. */
  private readonly places: readonly (readonly [string, string])[];
  /** Names of runs as they are, in the order in which they were seen. */
  private readonly runs: string[] = [];
  private readonly path: string;
  private exitCode = 0;

  constructor(estate: RunningEstate) {
    this.estate = estate;
    this.places = placesOf(estate.folder);
    this.path = programFolder(estate.folder);
  }

  /** `page`: path of a file with `console` blocks, in which the lines that begin with `$` are commands. */
  async record(page: string): Promise<string> {
    let text = readFileSync(page, 'utf8');
    for (const [block, indent = '', lines = ''] of text.matchAll(/^( *)```console\n((?:.*\n)*?)\1```$/gm)) {
      const rows = ['```console'];
      for (const [, command = ''] of lines.matchAll(/^ *\$ (.*)$/gm))
        rows.push(`$ ${command}`, ...linesOf(await this.run(command)));
      text = text.replace(block, () => [...rows, '```'].map(row => `${indent}${row}`.trimEnd()).join('\n'));
    }
    return text;
  }

  /** What a command prints; `$?` is the exit code of the one before. */
  async run(command: string): Promise<string> {
    const { folder, environment } = this.estate;
    const env = { PATH: `${this.path}:${process.env['PATH']}`, HOME: folder, ...actor, ...environment };
    const script = `( exit ${this.exitCode} )\n{ ${this.asIs(command)}\n} 2>&1`;
    const child = spawn('bash', ['-o', 'pipefail', '-c', script], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    const [code] = await once(child, 'close');
    this.exitCode = code;
    return this.asShown(output);
  }

  /** The command with the names of runs that there are. */
  private asIs(command: string): string {
    return this.runs.reduce((text, run, i) => text.replaceAll(shownRun(i), run), command);
  }

  private asShown(output: string): string {
    const placed = this.places.reduce((text, [from, to]) => text.replaceAll(from, to), output);
    return (
      placed
        .replace(/\b\d{8}T\d{9}Z-[0-9a-f]{8}\b/g, run => shownRun(this.numberOf(run)))
        .replace(/\b\d{8}T\d{6}Z\b/g, '20261205T220000Z')
        .replace(
          /\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d)?(?:\.\d{3})?Z/g,
          (_, t: string, s = '') => `2026-12-05${t}22:00${s && ':00'}Z`,
        )
        // A server that started within the second in which its files were laid owes a restart for that alone.
        .replace(/\s+\(\/\S+\s+was\s+changed\s+\(ctime\)[^)]*\)/g, '  (its configuration changes)')
        .replace(/\brevision [0-9a-f]{12}\b/g, 'revision 4756a868b6b5')
        .replace(/ {2}[0-9a-f]{7}(?= {2}(?:by \S+ {2})?read )/g, '  a1b2c3d')
        .replace(/\buid \d+ or root\b/g, 'uid 1001 or root')
        .replace(/\b([Pp]lan +)[0-9a-f]{8}\b/g, (_, before: string) => `${before}5e232563`)
        .replace(/\bafter \d+ s\b/g, 'after 1 s')
        .replace(/\b\d+ ms\b/g, '20 ms')
        .replaceAll(`${userInfo().username}@${hostname()}`, 'ops@admin1')
        .replaceAll(`by ${userInfo().username} `, 'by root ')
    );
  }

  private numberOf(run: string): number {
    if (!this.runs.includes(run)) this.runs.push(run);
    return this.runs.indexOf(run);
  }
}

function linesOf(output: string): readonly string[] {
  return output === '' ? [] : output.trimEnd().split('\n');
}

/** As many digits as a name has. */
function shownRun(number: number): string {
  return `20261205T22${String(number + 1).padStart(2, '0')}00000Z-5e232563`;
}

/** Ports of five digits, as the estate has them, so that no line becomes longer. */
function placesOf(folder: string): readonly (readonly [string, string])[] {
  const { directory, cs6, cs7 } = parse(readFileSync(join(folder, 'estate.yaml'), 'utf8'));
  const hosts = Object.entries<{ port: number; http: string }>({ ...cs6.hosts, ...cs7.hosts });
  return [
    [folder, '/tmp/reconcile-demo'],
    [new URL(directory.url).host, '127.0.0.1:13890'],
    ...hosts.flatMap(([, { port, http }], i): readonly (readonly [string, string])[] => [
      [new URL(http).host, `127.0.0.1:${18_081 + i}`],
      [`127.0.0.1:${port}`, `127.0.0.1:${12_201 + i}`],
      [`port: ${port}`, `port: ${12_201 + i}`],
    ]),
  ];
}

/** A folder with the built program under its name. */
function programFolder(folder: string): string {
  const path = join(folder, 'bin');
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, 'reconcile'),
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/reconcile.cjs')}' "$@"\n`,
    { mode: 0o755 },
  );
  return path;
}
