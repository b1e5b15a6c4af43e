#!/usr/bin/env node
// Plain old JavaScript: an old Node must get as far as the sentence below.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write('kuma-cp needs Node.js 24 or newer; this is ' + process.version + '.\n');
  process.exit(1);
}
inLittleMemory();
import('node:module').then((module) => {
  module.enableCompileCache();
  return import('../dist/main.js');
});

/**
 * A small young generation and few arenas of malloc take a fifth off the resident memory, for a few percent of CPU; one that
 * has its size from the start, and keeps it when nothing happens, takes a tenth off the CPU of a storm. Large buffers that are
 * given back at once leave no holes. V8 looks through its whole heap after each 64 MB that are sent unless buffers count for
 * the limit of the heap, which older versions cannot do. All that can only be said when a process begins: it takes its own
 * place, with the same id. Who sets it decides.
 */
function inLittleMemory() {
  var flag = '--max-semi-space-size';
  var said = process.execArgv.concat(process.env.NODE_OPTIONS || '').some((text) => text.includes(flag));
  if (said || process.argv[2] !== 'run' || typeof process.execve !== 'function') return;
  var flags = [flag + '=8', '--min-semi-space-size=8'].concat(major >= 26 ? '--external-memory-accounted-in-global-limit' : []);
  var args = [process.execPath].concat(flags, process.execArgv, process.argv.slice(1));
  var malloc = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536' };
  process.execve(process.execPath, args, Object.assign(malloc, process.env));
}
