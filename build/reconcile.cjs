#!/usr/bin/env node
'use strict';
// In the language of the oldest Node: it has to say in one line that it is too old.
var version = process.versions.node.split('.').map(Number);
if (version[0] > 20 || (version[0] === 20 && version[1] >= 19)) {
  start(process.argv.slice(2));
} else {
  process.stderr.write(
    ['reconcile needs Node.js 20.19 or later. This is Node.js ', process.versions.node, '.\n'].join(''),
  );
  process.exitCode = 1;
}

// The version alone needs nothing of the program. Who closes the pipe early makes no mistake.
function start(words) {
  if (words.length !== 1 || (words[0] !== '--version' && words[0] !== '-V')) {
    require('./lib/compiled-code.cjs').useCompiledCode();
    return require('./lib/main.cjs');
  }
  process.stdout.on('error', allowEarlyClose);
  process.stdout.write([require('./package.json').version, '\n'].join(''));
}

function allowEarlyClose(error) {
  if (error.code !== 'EPIPE') throw error;
}
