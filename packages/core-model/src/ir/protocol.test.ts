import { describe, expect, it } from 'vitest';
import { commonProtocol, parseProtocol } from './protocol.ts';

describe('the common protocol', () => {
  it.each([
    [['grpc', 'grpc'], 'grpc'],
    [['grpc', 'http2'], 'http2'],
    [['http', 'http2'], 'tcp'],
    [['http', 'grpc'], 'tcp'],
    [['kafka', 'kafka'], 'kafka'],
    [['http', 'tcp'], 'tcp'],
    [[], 'tcp'],
  ] as const)('of %j is %s', (protocols, expected) => {
    expect(commonProtocol(protocols)).toBe(expected);
  });

  it('takes an unknown tag, or none, for tcp', () => {
    expect(parseProtocol('gopher')).toBe('tcp');
    expect(parseProtocol(undefined)).toBe('tcp');
    expect(parseProtocol('toString')).toBe('tcp');
  });
});
