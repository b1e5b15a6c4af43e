/** Paths of the HTTP API that belong to no kind of resource, and the schemas that all answers share. */
const text = { type: 'string' };
const jsonOf = (schema: object) => ({ content: { 'application/json': { schema } } });
const answer = (description: string, schema: object = { type: 'object' }) => ({ 200: { description, ...jsonOf(schema) } });
const get = (tag: string, summary: string, schema?: object) => ({
  get: { tags: [tag], summary, responses: answer(summary, schema) },
});

function token(summary: string, properties: Record<string, object>, required: readonly string[]): object {
  return {
    post: {
      tags: ['Tokens'],
      summary,
      requestBody: { required: true, ...jsonOf({ type: 'object', properties, required }) },
      responses: {
        200: { description: 'A JSON Web Token', content: { 'text/plain': { schema: text } } },
        ...Object.fromEntries([400, 401, 403, 404].map((status) => [status, { $ref: `#/components/responses/${status}` }])),
      },
    },
  };
}

const validFor = { type: 'string', description: 'How long the token is valid, such as 24h.' };

export const otherPaths: Record<string, object> = {
  '/': get('Control plane', 'What answers here', {
    type: 'object',
    properties: { product: text, version: text, instanceId: text, clusterId: text, hostname: text, gui: text },
  }),
  '/config': get('Control plane', 'Settings in effect, secrets masked'),
  '/who-am-i': get('Control plane', 'The user of this request', {
    type: 'object',
    properties: { name: text, groups: { type: 'array', items: text } },
  }),
  '/_resources': get('Control plane', 'Kinds of resources', {
    type: 'object',
    properties: { resources: { type: 'array', items: { $ref: '#/components/schemas/ResourceType' } } },
  }),
  '/policies': get('Control plane', 'Kinds of policies'),
  '/tokens/dataplane': token(
    'Makes a token for a proxy',
    {
      name: { ...text, description: 'Name of the one proxy that may use it.' },
      mesh: text,
      tags: {
        type: 'object',
        additionalProperties: { type: 'array', items: text },
        description: 'Values that the tags of the proxy may have.',
      },
      type: { enum: ['dataplane', 'ingress', 'egress'] },
      workload: text,
      validFor,
    },
    ['mesh'],
  ),
  '/tokens/zone': token('Makes a token for a zone', { zone: text, scope: { type: 'array', items: text }, validFor }, ['zone']),
  '/tokens/user': token('Makes a token for a user', { name: text, groups: { type: 'array', items: text }, validFor }, [
    'name',
    'validFor',
  ]),
};

export const otherSchemas: Record<string, { [keyword: string]: unknown }> = {
  Error: {
    type: 'object',
    required: ['type', 'status', 'title', 'detail'],
    properties: {
      type: { ...text, description: '/std-errors' },
      status: { type: 'integer' },
      title: text,
      detail: text,
      invalid_parameters: {
        type: 'array',
        items: { type: 'object', properties: { field: text, reason: text }, required: ['field', 'reason'] },
      },
      problems: {
        type: 'array',
        description: 'What is wrong with input of which a part cannot be read at all; invalid_parameters is absent then.',
        items: { type: 'object', properties: { field: text, reason: text }, required: ['field', 'reason'] },
      },
      details: { ...text, description: 'The same as detail, for older clients.' },
      causes: {
        type: 'array',
        description: 'The same as invalid_parameters, for older clients.',
        items: { type: 'object', properties: { field: text, message: text } },
      },
    },
  },
  Written: {
    type: 'object',
    properties: { warnings: { type: 'array', items: text, description: 'Uses of deprecated fields, for instance.' } },
  },
  ResourceType: {
    type: 'object',
    properties: {
      name: text,
      path: text,
      scope: { enum: ['Mesh', 'Global'] },
      shortName: text,
      readOnly: { type: 'boolean' },
      singularDisplayName: text,
      pluralDisplayName: text,
      includeInFederation: { type: 'boolean' },
      policy: {
        type: 'object',
        properties: Object.fromEntries(
          ['isTargetRef', 'hasToTargetRef', 'hasFromTargetRef', 'hasRulesTargetRef', 'isFromAsRules'].map((name) => [
            name,
            { type: 'boolean' },
          ]),
        ),
      },
    },
  },
};
