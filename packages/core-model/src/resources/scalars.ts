/** A number, or a string that holds one, as people write percentages: 50 or "50.5". */
export type IntOrString = number | string;

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
