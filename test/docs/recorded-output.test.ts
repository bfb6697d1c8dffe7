import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';
import type { Rehearsal } from '../../src/ports/rehearsal.ts';
import { until } from '../tools/until.ts';
import { written } from './pages.ts';
import { actor, PageRecorder } from './record-page.ts';

/**
 * The output that the documentation shows is real: every `console` block is run on a rehearsal estate, page after page, and
 * `npx vitest run test/docs -u` writes what is printed now. Times, ports and the names of runs are always the same ones.
 */
async function expectAsShown(recorder: PageRecorder, page: string): Promise<void> {
  await expect(await recorder.record(page)).toMatchFileSnapshot(`../../${page}`);
}

/** The pages that show output, in the order of what is done on the estate. */
const story = [
  'docs/apply-safely.md',
  'docs/commands.md',
  'docs/writing-the-file.md',
  'docs/verify-and-audit.md',
  'docs/drift.md',
  'docs/undo.md',
  'docs/ci.md',
] as const;

/** The page that readers follow on the estate that the demo leaves running. */
const start = 'docs/getting-started.md';

describe('on a rehearsal estate', () => {
  let rehearsal: Rehearsal;
  let recorder: PageRecorder;

  beforeAll(async () => {
    rehearsal = await startDemoEstate({ hosts: 3, users: 300 });
    const { folder, environment } = rehearsal;
    recorder = new PageRecorder({ folder, environment });
    await rehearsal.lookUp('before');
    writeWrongFile(folder);
  });

  afterAll(() => rehearsal.stop());

  /** What happens before a page. */
  const before: Partial<Record<string, () => Promise<unknown>>> = {
    'docs/drift.md': async () => {
      await rehearsal.tidy();
      await rehearsal.meddle();
    },
    'docs/undo.md': async () => {
      await recorder.run('reconcile apply --yes');
      await recorder.run(`sed 's/list: \\[/&anna.smith, /' estate.yaml >moved.yaml && mv moved.yaml estate.yaml`);
      await recorder.run('reconcile apply --yes');
    },
    'docs/ci.md': async () => {
      await recorder.run('reconcile apply --yes');
      await recorder.run('git init -q -b main .');
      await commit('what is applied');
      await commit('what is not', 's/^  platform:.*/&\\n  settings: { service.http.idletimeout: "120" }/');
      await recorder.run('git checkout -q -b change');
      await commit('what a change asks for', 's|"120"|&, service.wcap.allowdeletecalendars: "no"|');
      await recorder.run(`echo 'local.autoprovision = "yes"' >> hosts/cs6-fe1/etc/opt/SUNWics5/config/ics.conf`);
    },
  };

  async function commit(message: string, edit = ''): Promise<void> {
    const git = 'git -c user.name=ops -c user.email=ops@example.com';
    await recorder.run(`sed '${edit}' estate.yaml >edited.yaml && mv edited.yaml estate.yaml`);
    await recorder.run(`git add estate.yaml && ${git} commit -q -m '${message}'`);
  }

  it.each(story)('%s', async page => {
    await before[page]?.();
    await expectAsShown(recorder, page);
  });
});

/** The estate file with three mistakes. */
function writeWrongFile(folder: string): void {
  const text = readFileSync(join(folder, 'estate.yaml'), 'utf8');
  const wrong = text.replace('bindDn:', 'bindDN:').replace('password: { env: LDAP_PASSWORD }', 'password: Tomato-7');
  writeFileSync(join(folder, 'wrong.yaml'), wrong);
}

describe('on the estate of the demo', () => {
  let demo: ChildProcess;
  let recorder: PageRecorder;

  beforeAll(async () => {
    demo = spawn(process.execPath, ['dist/reconcile.cjs', 'demo', '--yes', '--keep'], {
      env: { ...process.env, ...actor },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    demo.stdout?.on('data', chunk => (said += chunk));
    const up = () =>
      /until you press Ctrl-C[\s\S]*LDAP_PASSWORD=(\S+) XDG_STATE_HOME=(\S+)\/state\n/.exec(said)?.slice(1);
    const [password = '', folder = ''] = (await until(up, () => `the demo to stay up, after\n${said}`)) ?? [];
    const environment = { LDAP_PASSWORD: password, XDG_STATE_HOME: join(folder, 'state') };
    recorder = new PageRecorder({ folder, environment });
  });

  afterAll(async () => {
    demo.kill('SIGINT');
    await once(demo, 'close');
  });

  it(start, () => expectAsShown(recorder, start));
});

it('every page that shows output is run', () => {
  const showing = written.filter(({ text }) => text.includes('```console')).map(({ path }) => path);
  expect(showing.toSorted()).toEqual([start, ...story].toSorted());
});
