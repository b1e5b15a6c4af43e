import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { completionScript } from './completion-script.ts';

const commands = [
  { words: ['get'], flags: ['--mesh'], arguments: ['meshes', 'meshtimeouts'] },
  { words: ['config', 'view'], flags: [], arguments: [] },
];

function complete(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', commands)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _kumactl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

test('bash completes commands, nested commands and kinds', () => {
  expect(complete('kumactl', '')).toEqual(['config', 'get']);
  expect(complete('kumactl', 'config', '')).toEqual(['view']);
  expect(complete('kumactl', 'get', 'mesht')).toEqual(['meshtimeouts']);
});
