/** The ways in which one policy is spelled. */
export interface PolicyNames {
  /** `MeshHTTPFilter` */
  readonly kind: string;
  /** `meshHTTPFilter`, as exported from apply.ts */
  readonly camel: string;
  /** `mesh-http-filter`, its folder */
  readonly kebab: string;
  /** `mesh_http_filter`, its proto file */
  readonly snake: string;
  /** `Mesh HTTP Filter` */
  readonly display: string;
  /** Path in the HTTP API, `meshhttpfilters`. */
  readonly path: string;
  readonly shortName: string;
}

/** @returns what is wrong with the name, or undefined */
export function problemOfName(kind: string): string | undefined {
  if (/^Mesh[A-Z][A-Za-z0-9]*$/.test(kind)) return undefined;
  return `the name of a policy begins with Mesh and is written like MeshRateLimit; got ${JSON.stringify(kind)}`;
}

/** @param shortName the first letters of its words when absent */
export function namesOf(kind: string, shortName?: string): PolicyNames {
  const words = kind
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ');
  const lower = words.map((word) => word.toLowerCase());
  return {
    kind,
    camel: `${kind[0]!.toLowerCase()}${kind.slice(1)}`,
    kebab: lower.join('-'),
    snake: lower.join('_'),
    display: words.join(' '),
    path: plural(kind.toLowerCase()),
    shortName: shortName ?? lower.map((word) => word[0]).join(''),
  };
}

function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
