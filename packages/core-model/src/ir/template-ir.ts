/** Text with values that are known only when it is written, such as a line of an access log. */
export type TemplateIr = readonly TemplatePartIr[];

export type TemplatePartIr =
  | { readonly kind: 'text'; readonly text: string }
  /** A command operator of the proxy's own, as users write it: `REQ(:METHOD)`. */
  | { readonly kind: 'operator'; readonly name: string; readonly argument?: string; readonly maxLength?: number }
  /** Name of the service that the client's certificate shows; `unknown` for a client without one. */
  | { readonly kind: 'client-service' }
  /** Address of who opened the connection. */
  | { readonly kind: 'client-address'; readonly port: boolean }
  /** KRI of the permission that let the client in or turned it away; empty where none decided. */
  | { readonly kind: 'permission' }
  /** What is different for each proxy; filled in last, see {@link ProxyFact}. */
  | { readonly kind: 'proxy'; readonly fact: ProxyFact };

/** What may be said of the own proxy. */
export type ProxyFact = 'service' | 'address' | 'address-with-port' | 'zone' | 'workload';

/** The parts in order, neighbouring pieces of text as one. */
export function template(parts: readonly TemplatePartIr[]): TemplateIr {
  const joined: TemplatePartIr[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') joined[joined.length - 1] = { kind: 'text', text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}
