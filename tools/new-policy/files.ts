import type { PolicyNames } from './names.ts';

/** Content by path from the root of the checkout. */
export type NewFiles = Readonly<Record<string, string>>;

export function newFiles(names: PolicyNames): NewFiles {
  const folder = `packages/core-model/src/policies/${names.kebab}`;
  return {
    [`proto/kuma/${names.snake}.proto`]: proto(names),
    [`${folder}/validate.ts`]: validate(names),
    [`${folder}/validate.test.ts`]: validateTest(names),
    [`${folder}/apply.ts`]: apply(names),
    [`packages/core-model/cases/${names.kebab}/input.yaml`]: caseInput(names),
  };
}

function proto({ kind, path, shortName, display }: PolicyNames): string {
  return `syntax = "proto3";

package kuma;

import "kuma/options.proto";
import "kuma/target_ref.proto";

// What ${kind} is for, in one sentence.
message ${kind} {
  option (kind) = {
    scope: Mesh
    shape: Spec
    path: "${path}"
    short_name: "${shortName}"
    singular_display_name: "${display}"
    plural_display_name: "${display.replace(/([^aeiou])y$/, '$1ie')}s"
    include_in_federation: true
    policy: {
      has_to: true
      target_ref: true
      target_kinds: ["Mesh", "MeshSubset", "MeshService", "MeshServiceSubset", "Dataplane"]
      to_kinds: ["Mesh", "MeshService", "MeshExternalService", "MeshMultiZoneService"]
    }
  };
  message Conf {
    // What the field does, and what its absence means.
    string example = 1 [(field).format = Duration];
  }
  message To {
    // Destination of the traffic.
    TargetRef target_ref = 1 [(field).required = true];
    // What applies to this traffic.
    Conf default = 2;
  }
  // Proxies that the policy applies to; all of the mesh when absent.
  TargetRef target_ref = 1;
  // Outgoing traffic, by destination.
  repeated To to = 2;
}
`;
}

function validate({ kind, snake }: PolicyNames): string {
  return `import type { ${kind} } from '../../generated/types/kuma/${snake}.ts';
import { atLeastOne, moreThanZero } from '../../resources/checks.ts';
import type { Problem } from '../../resources/resource.ts';

/** What the schema cannot say. References have been checked for all policies alike. */
export function validate${kind}(spec: ${kind}): Problem[] {
  return (spec.to ?? []).flatMap(({ default: conf }, index) => {
    const at = \`spec.to[\${index}].default\`;
    return [...atLeastOne(at, conf, ['example']), ...moreThanZero(\`\${at}.example\`, conf?.example)];
  });
}
`;
}

function validateTest({ kind }: PolicyNames): string {
  return `import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(conf: object): string[] {
  const spec = { to: [{ targetRef: { kind: 'Mesh' }, default: conf }] };
  const parsed = parseResource({ type: '${kind}', mesh: 'default', name: 'a', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

test.each<[string, object, string[]]>([
  ['an example', { example: '5s' }, []],
  ['nothing', {}, ['spec.to[0].default']],
  ['no time', { example: '0s' }, ['spec.to[0].default.example']],
])('with %s', (_, conf, at) => {
  expect(fields(conf)).toEqual(at);
});
`;
}

function apply({ kind, camel, snake }: PolicyNames): string {
  return `import type { ${kind}_Conf } from '../../generated/types/kuma/${snake}.ts';
import type { Policy } from '../policy.ts';

/** What it does to a proxy. Hooks: see \`Policy\`. */
export const ${camel}: Policy<${kind}_Conf> = {
  kind: '${kind}',
  outbound: {},
};
`;
}

function caseInput({ kind }: PolicyNames): string {
  return `# The proxy to look at, and then the resources of its mesh.
proxy: web
---
type: Mesh
name: default
---
type: Dataplane
name: web
networking:
  address: 192.168.0.1
  inbound:
    - port: 8080
      servicePort: 18080
      tags:
        kuma.io/service: web
        kuma.io/protocol: http
  outbound:
    - port: 10001
      tags:
        kuma.io/service: backend
---
type: Dataplane
name: backend
networking:
  address: 192.168.0.2
  inbound:
    - port: 8080
      tags:
        kuma.io/service: backend
        kuma.io/protocol: http
---
type: ${kind}
name: example
spec:
  to:
    - targetRef:
        kind: Mesh
      default:
        example: 5s
`;
}
