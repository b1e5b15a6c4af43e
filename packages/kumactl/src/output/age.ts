const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** Time since an RFC 3339 time in its largest whole unit, such as `5m`; `never` where there is no time. */
export function age(since: string | undefined, now: number = Date.now()): string {
  if (!since) return 'never';
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (Number.isNaN(seconds)) return 'unknown';
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? (['s', 1] as const);
  return `${Math.floor(seconds / size)}${unit}`;
}
