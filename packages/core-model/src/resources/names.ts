const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelName = /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;

/** @returns what is wrong with a resource's name, or undefined */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'must be set';
  if (name.length > 253) return `must have at most 253 characters; has ${name.length}`;
  if (!dnsName.test(name)) {
    return `must be lower-case letters, digits, - and ., beginning and ending with a letter or digit; got ${JSON.stringify(name)}`;
  }
  return undefined;
}

/** @returns what is wrong with a label's key, or undefined (Kubernetes' rule: an optional DNS prefix and a name of at most 63 characters) */
export function labelKeyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  if (!labelName.test(key.slice(slash + 1))) {
    return 'the key must be at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit';
  }
  if (prefix !== undefined && (nameProblem(prefix) ?? '') !== '') return "the key's part before / must be a DNS name";
  return undefined;
}

/** @returns what is wrong with a label's value, or undefined */
export function labelValueProblem(value: string): string | undefined {
  if (labelValue.test(value)) return undefined;
  return `must be at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit; got ${JSON.stringify(value)}`;
}
