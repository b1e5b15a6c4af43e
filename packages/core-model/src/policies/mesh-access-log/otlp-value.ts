import type { OtlpValueIr } from '../../ir/index.ts';
import type { Problem } from '../../resources/resource.ts';
import type { JsonValue } from '../../resources/scalars.ts';
import type { LoggedTraffic } from './placeholders.ts';
import { render } from './render.ts';
import { templateProblems } from './template.ts';

/*
 * Values in the JSON form of OpenTelemetry, such as `{stringValue: "%PROTOCOL%"}`. Text alone stands for itself.
 */

const forms = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'bytesValue', 'arrayValue', 'kvlistValue'] as const;
type Form = (typeof forms)[number];

/** The value; what is malformed becomes text, validation has refused it before. */
export function otlpValue(json: JsonValue, traffic: LoggedTraffic): OtlpValueIr {
  const [form, value] = single(json) ?? ['stringValue', json];
  switch (form) {
    case 'boolValue':
      return { kind: 'boolean', value: value === true };
    case 'intValue':
      return { kind: 'integer', value: Number(value) };
    case 'doubleValue':
      return { kind: 'double', value: Number(value) };
    case 'bytesValue':
      return { kind: 'bytes', value: String(value) };
    case 'arrayValue':
      return { kind: 'list', values: members(value).map((item) => otlpValue(item, traffic)) };
    case 'kvlistValue':
      return {
        kind: 'map',
        entries: members(value).map((item) => {
          const { key, value: of = '' } = item as { readonly key: string; readonly value?: JsonValue };
          return { key, value: otlpValue(of, traffic) };
        }),
      };
    case 'stringValue':
      return { kind: 'text', text: render(typeof value === 'string' ? value : JSON.stringify(value), traffic) };
  }
}

export function otlpProblems(field: string, json: JsonValue): readonly Problem[] {
  if (typeof json === 'string') return templateProblems(json).map((reason) => ({ field, reason }));
  const stated = single(json);
  if (stated === undefined)
    return [{ field, reason: `must be text, or an object with one of ${forms.join(', ')}; got ${JSON.stringify(json)}` }];
  const [form, value] = stated;
  const at = `${field}.${form}`;
  switch (form) {
    case 'stringValue':
      return typeof value === 'string' ? otlpProblems(at, value) : wrong(at, 'text', value);
    case 'boolValue':
      return typeof value === 'boolean' ? [] : wrong(at, 'true or false', value);
    case 'intValue':
      return Number.isSafeInteger(Number(value)) && value !== '' ? [] : wrong(at, 'an integer', value);
    case 'doubleValue':
      return Number.isFinite(Number(value)) && value !== '' ? [] : wrong(at, 'a number', value);
    case 'bytesValue':
      return typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? [] : wrong(at, 'base64', value);
    case 'arrayValue':
      return isList(value)
        ? value.values.flatMap((item, index) => otlpProblems(`${at}.values[${index}]`, item))
        : wrong(at, 'an object with a list `values`', value);
    case 'kvlistValue':
      return isList(value)
        ? value.values.flatMap((item, index) => entryProblems(`${at}.values[${index}]`, item))
        : wrong(at, 'an object with a list `values`', value);
  }
}

function entryProblems(field: string, item: JsonValue): readonly Problem[] {
  const { key, value, ...rest } = (isObject(item) ? item : {}) as { readonly [name: string]: JsonValue };
  if (typeof key !== 'string' || value === undefined || Object.keys(rest).length > 0)
    return [{ field, reason: `must be an object with key and value; got ${JSON.stringify(item)}` }];
  return otlpProblems(`${field}.value`, value);
}

function wrong(field: string, expected: string, value: JsonValue): readonly Problem[] {
  return [{ field, reason: `must be ${expected}; got ${JSON.stringify(value)}` }];
}

function single(json: JsonValue): readonly [Form, JsonValue] | undefined {
  if (!isObject(json)) return undefined;
  // `kvlistValue:` with `values` beside it, and not below, is in wide use; its empty field does not get here.
  if (isList(json)) return ['kvlistValue', json];
  const [entry, ...more] = Object.entries(json);
  if (entry === undefined || more.length > 0 || !forms.includes(entry[0] as Form)) return undefined;
  return entry as [Form, JsonValue];
}

function members(value: JsonValue): readonly JsonValue[] {
  return isList(value) ? value.values : [];
}

function isList(value: JsonValue): value is { readonly values: readonly JsonValue[] } {
  return isObject(value) && Array.isArray(value.values) && Object.keys(value).length === 1;
}

function isObject(value: JsonValue): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
