import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Json, toYaml } from './to-yaml.ts';

const values: Record<string, Json> = {
  'words that mean something else': [
    'true',
    'No',
    'null',
    'y',
    '~',
    '1e3',
    '0x10',
    '',
    '-',
    '-----',
    '=',
    '2001-01-01',
    '1_000',
    'nan',
    '.inf',
  ],
  'numbers, booleans and null': [0, -1.5, 1e21, true, false, null],
  'signs of YAML': [
    'a: b',
    'a #b',
    '- a',
    '{a',
    '[a',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a',
    'a:',
    '"a"',
    "'a'",
    '? a',
    ', a',
  ],
  'characters of all kinds': ['ä', '\t', '\u0000', '\u2028', 'a\\b', 'a\r\nb', 'a\nb', ' a', 'a ', '\ud83d\ude00'],
  'texts of many lines': {
    pem: '-----BEGIN X-----\nabc\n-----END X-----\n',
    open: 'a\nb',
    blank: 'a\n\nb\n',
    spaced: ' a\nb\n',
    ends: 'a\n\n',
    trailing: 'a  \nb\n',
  },
  'nothing inside': { list: [], fields: {}, nested: [[], {}, [[]], [{}]] },
  'lists in lists and fields in lists': [[1, [2, 3]], [{ a: [{ b: 'c', d: { e: [4] } }], f: 'g' }], { h: ['i\nj\n'] }],
  'odd names of fields': { 'a b': 1, '1': 2, '': 3, true: 4, 'a:': 5, '@type': 6, 'x\ny\n': { 'x\ny\n': 7 } },
};

describe('toYaml', () => {
  it.each(Object.keys(values))('gives back %s', (name) => {
    expect(parse(toYaml(values[name]!))).toEqual(values[name]);
    expect(parse(toYaml(values[name]!), { version: '1.1' })).toEqual(values[name]);
  });

  it.each(['a\nb\n', '', 'plain', 7, null, []] as Json[])('gives back %j by itself', (value) => {
    expect(parse(toYaml(value))).toEqual(value);
  });
});
