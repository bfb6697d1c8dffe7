'use strict';
const { readFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');
const { crc32, inflateSync } = require('node:zlib');

/*
 * The code of the modules as V8 compiled it when the package was made: compiling is a third of what a check costs. It counts for
 * the very version of Node that made it, and for modules with the same bytes. V8 checks it as well. Where anything differs, Node
 * compiles the module, as it does without this file.
 *
 *     4 bytes  the length of the list
 *     JSON     the list: by the name of the module its checksum, and where its code is
 *     zlib     the code of each module; its own checksum is in it
 */

/** What compiled code depends on, besides the module and the options of Node. */
const maker = [process.version, process.platform, process.arch].join('-');

/** The file with the code, in the folder of the modules. */
const fileName = ['compiled-', maker, '.bin'].join('');

/** As Node wraps a module, but in a line of its own: places in a stack stay those of the file. */
function scriptOf(filename, text, cachedData) {
  const source = text.startsWith('#!') ? `//${text}` : text;
  return new Script(`(function (exports, require, module, __filename, __dirname) {\n${source}\n})`, {
    filename,
    lineOffset: -1,
    cachedData,
  });
}

function run(script, module, filename) {
  const load = name => module.require(name);
  script.runInThisContext()(module.exports, load, module, filename, dirname(filename));
}

/** Takes compiled code for the modules of this folder from now on, where there is some. */
function useCompiledCode() {
  const folder = __dirname;
  const code = readCode(folder);
  if (!code) return;
  require.extensions['.cjs'] = (module, filename) => {
    const bytes = readFileSync(filename);
    const text = bytes.toString();
    const script = dirname(filename) === folder ? compiled(code, filename, bytes, text) : undefined;
    if (script) run(script, module, filename);
    else module._compile(text, filename);
  };
}

function readCode(folder) {
  try {
    const bytes = readFileSync(join(folder, fileName));
    const start = 4 + bytes.readUInt32LE(0);
    return { list: JSON.parse(bytes.toString('utf8', 4, start)), bytes: bytes.subarray(start) };
  } catch {
    return undefined;
  }
}

function compiled({ list, bytes }, filename, source, text) {
  const name = basename(filename);
  if (!Object.hasOwn(list, name)) return undefined;
  const [sum, from, to] = list[name];
  if (crc32(source) !== sum) return undefined;
  try {
    const script = scriptOf(filename, text, inflateSync(bytes.subarray(from, to)));
    return script.cachedDataRejected ? undefined : script;
  } catch {
    return undefined;
  }
}

module.exports = { fileName, run, scriptOf, useCompiledCode };
