import { stringify } from 'yaml';
import type { Definitions, KindDefinition } from '../definitions.ts';
import { type Dialect, type JsonSchema, messageSchema } from '../json-schema.ts';

/**
 * CustomResourceDefinitions with structural schemas. They carry no `default`, which the API server would write into
 * stored objects, and leave unknown fields to its pruning.
 */
export function emitCrds(definitions: Definitions): Record<string, string> {
  // Secrets are Kubernetes' own.
  const kinds = definitions.kinds.filter(({ name }) => name !== 'Secret' && name !== 'GlobalSecret');
  return Object.fromEntries(
    kinds.map((kind) => [
      `crds/kuma.io_${plural(kind)}.yaml`,
      stringify(crd(definitions, kind), { lineWidth: 120, aliasDuplicateObjects: false }),
    ]),
  );
}

function plural(kind: KindDefinition): string {
  return kind.path.replaceAll('-', '');
}

function crd(definitions: Definitions, kind: KindDefinition): object {
  const dialect: Dialect = {
    message: (message) => messageSchema(definitions, message, dialect),
    intOrString: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    anyJson: { 'x-kubernetes-preserve-unknown-fields': true },
    closed: false,
    defaults: false,
    annotateFormats: false,
  };
  const own = withoutDeprecated(messageSchema(definitions, kind.message, dialect));
  const clusterScoped = kind.scope === 'Global' && kind.shape === 'Flat';
  // What the control plane sees of a proxy is a status, of a mesh or a service a specification: Kuma's tools look there.
  const place = kind.name === 'DataplaneInsight' ? 'status' : 'spec';
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural(kind)}.kuma.io` },
    spec: {
      group: 'kuma.io',
      names: {
        categories: ['kuma'],
        kind: kind.name,
        listKind: `${kind.name}List`,
        plural: plural(kind),
        ...(kind.shortName && { shortNames: [kind.shortName] }),
        singular: kind.name.toLowerCase(),
      },
      scope: clusterScoped ? 'Cluster' : 'Namespaced',
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          ...(kind.policy?.targetRef && { additionalPrinterColumns: targetColumns }),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: definitions.comments(kind.message),
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                ...(kind.shape === 'Flat' && { mesh: { type: 'string', description: 'Mesh of the resource.' } }),
                metadata: { type: 'object' },
                [place]: own,
              },
            },
          },
        },
      ],
    },
  };
}

const targetColumns = [
  { jsonPath: '.spec.targetRef.kind', name: 'TargetRef Kind', type: 'string' },
  { jsonPath: '.spec.targetRef.name', name: 'TargetRef Name', type: 'string' },
];

/** `deprecated` is no keyword of Kubernetes' schemas; the description says it instead. */
function withoutDeprecated(schema: JsonSchema): JsonSchema {
  const { deprecated, ...rest } = schema;
  const properties = rest.properties as Record<string, JsonSchema> | undefined;
  const walked: JsonSchema = {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, withoutDeprecated(of)])),
    }),
    ...(rest.items !== undefined && { items: withoutDeprecated(rest.items as JsonSchema) }),
  };
  if (deprecated) walked.description = `${walked.description} Deprecated.`;
  return walked;
}
