import { stringify } from 'yaml';
import type { Definitions, KindDefinition } from '../definitions.ts';
import { definitionName, type JsonSchema, messageSchema, reachable, resourceSchema } from '../json-schema.ts';
import { inspectionPaths, selectionPath } from './openapi-inspection.ts';
import { otherPaths, otherSchemas } from './openapi-other.ts';
import { documentation } from './schemas.ts';

/** The HTTP API: paths of every kind, and the few that belong to none. */
export function emitOpenApi(definitions: Definitions, version: string): string {
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Kuma HTTP API',
      version,
      description: 'Resources of a mesh control plane.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://localhost:5681' }],
    tags: [
      ...definitions.kinds.map(({ name }) => ({ name })),
      { name: 'Control plane' },
      { name: 'Tokens' },
      { name: 'Inspection' },
    ],
    paths: {
      ...otherPaths,
      ...inspectionPaths,
      ...Object.assign({}, ...definitions.kinds.flatMap((kind) => [pathsOf(kind), selectionPath(kind)])),
    },
    components: { schemas: schemas(definitions), parameters, responses },
  };
  return stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
}

function schemas(definitions: Definitions): Record<string, JsonSchema> {
  const dialect = documentation((name) => `#/components/schemas/${name}`);
  const parts = new Set(
    definitions.kinds.flatMap((kind) => reachable(kind.message).filter((message) => message !== kind.message)),
  );
  const specs = definitions.kinds.filter((kind) => kind.shape === 'Spec');
  const items = definitions.kinds.map((kind) => [`${kind.name}Item`, resourceSchema(definitions, kind, dialect)]);
  const messages = [...specs.map(({ message }) => message), ...parts];
  const own = messages.map((message) => [definitionName(message), messageSchema(definitions, message, dialect)] as const);
  return { ...Object.fromEntries(items), ...Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1))), ...otherSchemas };
}

function pathsOf(kind: KindDefinition): Record<string, object> {
  const paths = [kind.path, ...kind.pathAliases].map((path): [string, object][] => {
    const list = { get: listOperation(kind) };
    const item = itemOperations(kind);
    if (kind.scope === 'Global')
      return [
        [`/${path}`, list],
        [`/${path}/{name}`, { parameters: [ref('name')], ...item }],
      ];
    return [
      [`/${path}`, list],
      [`/meshes/{mesh}/${path}`, { parameters: [ref('mesh')], ...list }],
      [`/meshes/{mesh}/${path}/{name}`, { parameters: [ref('mesh'), ref('name')], ...item }],
    ];
  });
  return Object.fromEntries(paths.flat());
}

function listOperation(kind: KindDefinition): object {
  const dataplanes = kind.name === 'Dataplane' ? [ref('gateway'), ref('tag')] : [];
  return {
    tags: [kind.name],
    summary: `Lists ${kind.pluralDisplayName}`,
    parameters: [ref('size'), ref('offset'), ref('nameFilter'), ref('labelFilter'), ...dataplanes],
    responses: {
      200: {
        description: 'Sorted by name',
        ...json({
          type: 'object',
          required: ['total', 'items', 'next'],
          properties: {
            total: { type: 'integer', description: 'Number of matches on all pages.' },
            items: { type: 'array', items: { $ref: `#/components/schemas/${kind.name}Item` } },
            next: { type: ['string', 'null'], description: 'URL of the next page.' },
          },
        }),
      },
      ...answers(400, 404),
    },
  };
}

function itemOperations(kind: KindDefinition): object {
  const tags = [kind.name];
  const body = json({ $ref: `#/components/schemas/${kind.name}Item` });
  const get = {
    tags,
    summary: `Gets a ${kind.singularDisplayName}`,
    parameters: [ref('format')],
    responses: { 200: { description: 'The resource', ...body }, ...answers(404) },
  };
  if (kind.readOnly) return { get };
  const written = json({ $ref: '#/components/schemas/Written' });
  return {
    get,
    put: {
      tags,
      summary: `Creates or updates a ${kind.singularDisplayName}`,
      parameters: [ref('dryRun'), ...(kind.scope === 'Mesh' ? [ref('newMesh')] : [])],
      requestBody: { required: true, ...body },
      responses: {
        200: { description: 'Updated', ...written },
        201: { description: 'Created', ...written },
        ...answers(400, 401, 403, 404, 409, 415),
      },
    },
    delete: {
      tags,
      summary: `Deletes a ${kind.singularDisplayName}`,
      responses: { 200: { description: 'Deleted', ...written }, ...answers(400, 401, 403, 404) },
    },
  };
}

function json(schema: JsonSchema): object {
  return { content: { 'application/json': { schema } } };
}

function ref(name: keyof typeof parameters): object {
  return { $ref: `#/components/parameters/${name}` };
}

function answers(...statuses: (keyof typeof responses)[]): Record<string, object> {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
}

function query(name: string, description: string, schema: JsonSchema): object {
  return { in: 'query', name, description, schema };
}

const text = { type: 'string' };
const parameters = {
  mesh: { in: 'path', name: 'mesh', required: true, description: 'Name of the mesh', schema: text },
  name: { in: 'path', name: 'name', required: true, description: 'Name of the resource', schema: text },
  size: query('size', 'Items on a page', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
  offset: query('offset', 'Number of the first item', { type: 'integer', minimum: 0, default: 0 }),
  nameFilter: query('name', 'Part of the name', text),
  labelFilter: {
    ...query('filter', 'Labels and their values, as filter[labels.KEY]=VALUE; all must match', {
      type: 'object',
      additionalProperties: text,
    }),
    style: 'deepObject',
  },
  gateway: query('gateway', 'Only gateways, of one type, or none', { enum: ['true', 'false', 'builtin', 'delegated'] }),
  tag: query('tag', 'Tag and part of its value, as KEY:VALUE; repeatable', { type: 'array', items: text }),
  format: query('format', 'Form of the answer', { enum: ['universal', 'kubernetes'] }),
  dryRun: query('dryRun', 'Checks everything and writes nothing', { type: 'boolean' }),
  newMesh: query('newMesh', 'With dryRun: the mesh need not be there yet', { type: 'boolean' }),
};

const failure = (description: string) => ({ description, ...json({ $ref: '#/components/schemas/Error' }) });
const responses = {
  400: failure('The request or the resource is not valid'),
  401: failure('The token is not valid'),
  403: failure('The user may not do this'),
  404: failure('There is no such resource'),
  409: failure('Another writer was faster'),
  415: { description: 'The body must be application/json', content: { 'text/plain': { schema: text } } },
};
