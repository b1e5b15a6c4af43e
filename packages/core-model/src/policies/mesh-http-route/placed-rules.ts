import type { Path } from '../../resources/field-path.ts';
import type { RouteRule, Routes } from './routes.ts';

/** Rules, each with its place. */
export function placedRules({ rules = [] }: Routes, at: Path = []): readonly { readonly rule: RouteRule; readonly at: Path }[] {
  return rules.map((rule, i) => ({ rule, at: [...at, 'rules', i] }));
}
