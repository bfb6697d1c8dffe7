'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { basename, dirname, join, resolve } = require('node:path');
const { run, scriptOf } = require('../dist/lib/compiled-code.cjs');

/* Is loaded before the program when the package is made. */

const modules = resolve('dist/lib');
const scripts = new Map();

require.extensions['.cjs'] = (module, filename) => {
  const script = scriptOf(filename, readFileSync(filename, 'utf8'));
  if (dirname(filename) === modules) scripts.set(basename(filename), script);
  run(script, module, filename);
};

process.once('exit', () => {
  for (const [name, script] of scripts) writeFileSync(join(process.env.RECORDED, name), script.createCachedData());
});
