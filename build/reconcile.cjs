#!/usr/bin/env node
'use strict';
// In the language of the oldest Node: it has to say in one line that it is too old.
var version = process.versions.node.split('.').map(Number);
if (version[0] > 20 || (version[0] === 20 && version[1] >= 19)) {
  require('./lib/start.cjs');
} else {
  process.stderr.write(
    ['reconcile needs Node.js 20.19 or later. This is Node.js ', process.versions.node, '.\n'].join(''),
  );
  process.exitCode = 1;
}
