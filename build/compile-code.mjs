import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateSync } from 'node:zlib';

const run = promisify(execFile);

/** What compiles a module as `compiled-code.cjs` does, and puts its code into a folder when the process ends. */
const recorder = 'build/record-code.cjs';

/** The commands whose modules are compiled; of a module that several of them load, what the last one calls. */
const commands = ['validate', 'drift', 'check'];

/**
 * Writes the code of the modules that a check of a rehearsal loads, with the functions that it calls: what V8 compiles later is not
 * kept. Other commands load most of the same modules.
 */
export async function compileCode(folder) {
  const load = createRequire(import.meta.url);
  const { fileName } = load(resolve(folder, 'compiled-code.cjs'));
  const recorded = mkdtempSync(join(tmpdir(), 'reconcile-build-'));
  try {
    await recordRehearsal(folder, recorded);
    writeFileSync(join(folder, fileName), packed(folder, recorded));
  } finally {
    rmSync(recorded, { recursive: true });
  }
}

async function recordRehearsal(folder, recorded) {
  const demo = readdirSync(folder).find(name => /^demo-estate-\w+\.cjs$/.test(name));
  const { startDemoEstate } = createRequire(import.meta.url)(resolve(folder, demo));
  const estate = await startDemoEstate({ hosts: 2, users: 30 });
  try {
    const env = { ...process.env, ...estate.environment, NODE_OPTIONS: '', RECORDED: recorded };
    for (const command of commands) {
      const words = ['--require', resolve(recorder), resolve(folder, '../reconcile.cjs'), command, estate.file];
      await run(process.execPath, words, { env }).catch(({ code, stderr }) => {
        // 2: there are differences.
        if (code !== 2) throw new Error(`${command} of the rehearsal ended with ${code}: ${stderr}`);
      });
    }
  } finally {
    await estate.stop();
  }
}

function packed(folder, recorded) {
  const list = {};
  const codes = [];
  let from = 0;
  for (const name of readdirSync(recorded).sort()) {
    const code = deflateSync(readFileSync(join(recorded, name)), { level: 9 });
    list[name] = [crc32(readFileSync(join(folder, name))), from, from + code.length];
    from += code.length;
    codes.push(code);
  }
  const text = Buffer.from(JSON.stringify(list));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...codes]);
}
