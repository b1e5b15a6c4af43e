import type { HeaderMatch } from '../generated/types/kuma/header_match.ts';
import type { HeaderMatchIr } from '../ir/index.ts';

export function headerMatch({ type = 'Exact', name = '', value = '' }: HeaderMatch): HeaderMatchIr {
  switch (type) {
    case 'Present':
      return { kind: 'present', name };
    case 'Absent':
      return { kind: 'absent', name };
    case 'Prefix':
      // Every value begins with nothing, and proxies take no empty prefix.
      return value === '' ? { kind: 'present', name } : { kind: 'prefix', name, value };
    case 'RegularExpression':
      return { kind: 'regex', name, value };
    case 'Exact':
      return { kind: 'exact', name, value };
  }
}
