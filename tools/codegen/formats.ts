/** How a `kuma.FieldRules.Format` is checked by a JSON Schema, and what an error says was expected. */
export interface Format {
  readonly name: string;
  readonly expected: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const goUnit = '([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)';

/**
 * By number in the proto. Patterns keep to what RE2 and JavaScript share, because Kubernetes checks them too, and stand in
 * for `minLength` and `maxLength`, whose ajv code does not bundle as an ES module.
 */
export const formats: Readonly<Record<number, Format>> = {
  1: { name: 'Duration', expected: 'a duration such as 5s, 1h30m or 250ms', pattern: `^(0|(${goUnit})+)$` },
  2: { name: 'Base64', expected: 'base64', pattern: '^[A-Za-z0-9+/\\r\\n]*={0,2}[\\r\\n]*$' },
  3: {
    name: 'DnsName',
    expected: 'lower-case letters, digits, - and ., beginning and ending with a letter or digit',
    pattern: `^${dnsLabel}(\\.${dnsLabel})*$`,
  },
  4: { name: 'Host', expected: 'an IP address or a DNS name', pattern: '^[0-9A-Za-z_.:-]+$' },
  5: { name: 'Port', expected: 'a port from 1 to 65535', minimum: 1, maximum: 65535 },
  6: {
    name: 'HeaderName',
    expected: 'the name of a header in lower case, of at most 256 characters',
    pattern: "^[a-z0-9!#$%&'*+\\-.^_\\x60|~]{1,256}$",
  },
  7: {
    name: 'Time',
    expected: 'a time such as 2030-01-31T12:00:00Z',
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$',
  },
  8: { name: 'Regex', expected: 'a regular expression' },
  9: {
    name: 'Lifetime',
    expected: 'a duration such as 24h, 30d or 10y',
    pattern: `^(0|(${goUnit}|[0-9]+(d|w|y))+)$`,
  },
  10: { name: 'OneLine', expected: 'text without line breaks', pattern: '^[^\\x00\\r\\n]*$' },
};
