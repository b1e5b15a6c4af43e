import type { KindDefinition } from '../definitions.ts';

/** Paths that show what the control plane makes of resources: overviews, effective policies, configuration. */
const text = { type: 'string' };
const inPath = (name: string, description: string) => ({ in: 'path', name, required: true, description, schema: text });
const shared = (name: string) => ({ $ref: `#/components/parameters/${name}` });
const failures = (...statuses: number[]) =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));

function get(
  summary: string,
  parameters: readonly object[],
  properties: Record<string, object>,
  statuses: readonly number[] = [404],
): object {
  const schema = { type: 'object', ...(Object.keys(properties).length > 0 && { properties }) };
  return {
    parameters,
    get: {
      tags: ['Inspection'],
      summary,
      responses: { 200: { description: summary, content: { 'application/json': { schema } } }, ...failures(...statuses) },
    },
  };
}

const whole = {
  total: { type: 'integer' },
  items: { type: 'array', items: { type: 'object' } },
};
const list = { ...whole, next: { type: ['string', 'null'] } };
const overview = {
  type: text,
  mesh: text,
  name: text,
  dataplane: { type: 'object', properties: { networking: { $ref: '#/components/schemas/Dataplane.Networking' } } },
  dataplaneInsight: { $ref: '#/components/schemas/DataplaneInsightItem' },
};
const proxy = [shared('mesh'), shared('name')];
const kri = inPath('kri', 'KRI of a resource or of a section of one');
const paging = [shared('size'), shared('offset'), shared('nameFilter'), shared('labelFilter')];
const policies = {
  policies: { type: 'array', items: { type: 'object', properties: { kind: text, origins: { type: 'array' } } } },
};

export const inspectionPaths: Record<string, object> = {
  '/global-insight': get('Totals of everything', [], {}, []),
  '/_kri/{kri}': get('A resource by its KRI', [kri], {}, [400, 404]),
  '/dataplanes/_overview': get('Proxies of all meshes and what is seen of them', paging, list, [400]),
  '/meshes/{mesh}/dataplanes/_overview': get('Proxies and what is seen of them', [shared('mesh'), ...paging], list, [400, 404]),
  '/meshes/{mesh}/dataplanes/{name}/_overview': get('A proxy and what is seen of it', proxy, overview),
  '/zones/_overview': get('Zones and what is seen of them', paging, list, [400]),
  '/zones/{name}/_overview': get('A zone and what is seen of it', [shared('name')], {}),
  '/meshes/{mesh}/dataplanes/{name}/_rules': get('What policies say to a proxy, and which of them', proxy, {
    resource: { type: 'object' },
    httpMatches: { type: 'array' },
    rules: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: text,
          warnings: { type: 'array', items: text },
          fromRules: { type: 'array' },
          inboundRules: { type: 'array' },
          toRules: { type: 'array' },
          toResourceRules: { type: 'array' },
        },
      },
    },
  }),
  '/meshes/{mesh}/dataplanes/{name}/policies': get('Policies of a proxy, in an older form', proxy, { kind: text, ...whole }),
  '/meshes/{mesh}/dataplanes/{name}/_layout': get(
    'Inbounds, outbounds and listeners of a proxy',
    proxy,
    {
      kri: text,
      labels: { type: 'object' },
      inbounds: { type: 'array' },
      outbounds: { type: 'array' },
      listeners: { type: 'array' },
    },
    [400, 404],
  ),
  '/meshes/{mesh}/dataplanes/{name}/_policies': get('Policies of a proxy', proxy, policies, [400, 404]),
  '/meshes/{mesh}/dataplanes/{name}/_inbounds/{kri}/_policies': get(
    'Policies of an inbound',
    [...proxy, kri],
    policies,
    [400, 404],
  ),
  '/meshes/{mesh}/dataplanes/{name}/_outbounds/{kri}/_policies': get(
    'Policies of an outbound',
    [...proxy, kri],
    policies,
    [400, 404],
  ),
  '/meshes/{mesh}/dataplanes/{name}/_outbounds/{kri}/_routes': get(
    'Routes of an outbound, by the policies that make them',
    [...proxy, kri],
    {
      routes: {
        type: 'array',
        items: { type: 'object', properties: { kind: text, origins: { type: 'array' }, rules: { type: 'array' } } },
      },
    },
    [400, 404],
  ),
  '/meshes/{mesh}/dataplanes/{name}/_outbounds/{kri}/_routes/{route}/_policies': get(
    'Policies of a route of an outbound',
    [...proxy, kri, { ...kri, name: 'route', description: 'KRI of the route' }],
    policies,
    [400, 404],
  ),
  '/meshes/{mesh}/dataplanes/{name}/_config': get(
    "Envoy's configuration of a proxy, secrets redacted",
    [
      ...proxy,
      { in: 'query', name: 'shadow', description: 'With shadow policies', schema: { type: 'boolean' } },
      { in: 'query', name: 'include', description: 'diff: what shadow policies change', schema: { enum: ['diff'] } },
    ],
    { xds: { type: 'object' }, diff: { type: 'array' } },
    [400, 403, 404],
  ),
};

/** Which proxies a policy selects. */
export function selectionPath(kind: KindDefinition): Record<string, object> {
  if (!kind.policy?.targetRef) return {};
  const path = `/meshes/{mesh}/${kind.path}/{name}`;
  const summary = `Proxies that a ${kind.singularDisplayName} selects`;
  return {
    [`${path}/_resources/dataplanes`]: get(summary, [...proxy, ...paging], list),
    [`${path}/dataplanes`]: get(`${summary}, in an older form`, proxy, whole),
  };
}
