#!/usr/bin/env node
// Plain old JavaScript: an old Node must get as far as the sentence below.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write('kuma-cp needs Node.js 24 or newer; this is ' + process.version + '.\n');
  process.exit(1);
}
import('node:module').then((module) => {
  module.enableCompileCache();
  return import('../dist/main.js');
});
