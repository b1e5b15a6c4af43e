/**
 * Generates packages/envoy-api/src/generated from Envoy's v3 API, as the npm package @grpc/grpc-js-xds carries it.
 *
 *   deps/*.proto ──closure over imports──► one folder of v3 files ──buf + ts-proto──► TypeScript
 *                                                                 ╰─buf──► descriptors.ts
 *
 * Every v3 file is generated, though a mesh uses few: patches of users may name any type.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const here = import.meta.dirname;
const repository = join(here, '../..');
const output = join(repository, 'packages/envoy-api/src/generated');
/** Made beside the old one and put in its place at the end: who runs meanwhile finds all files. */
const fresh = join(repository, 'packages/envoy-api/.cache/generated');

const deps = join(dirname(createRequire(import.meta.url).resolve('@grpc/grpc-js-xds/package.json')), 'deps');
const sources = [
  ...['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map((name) => join(deps, name)),
  join(here, 'envoy-api'),
];

function sourceOf(proto: string): string | undefined {
  return sources.map((source) => join(source, proto)).find((file) => existsSync(file));
}

/** Everything that a file needs, itself included; undefined when something of it is not to be had. */
function closure(proto: string, known = new Map<string, ReadonlySet<string> | undefined>()): ReadonlySet<string> | undefined {
  if (proto.startsWith('google/protobuf/')) return new Set();
  if (known.has(proto)) return known.get(proto);
  const source = sourceOf(proto);
  const all = new Set([proto]);
  let complete = source !== undefined;
  for (const [, imported] of source === undefined
    ? []
    : readFileSync(source, 'utf8').matchAll(/^import\s+(?:public\s+)?"([^"]+)"/gm)) {
    const needed = closure(imported!, known);
    if (needed === undefined) complete = false;
    for (const each of needed ?? []) all.add(each);
  }
  known.set(proto, complete ? all : undefined);
  return known.get(proto);
}

function wanted(): { readonly take: ReadonlySet<string>; readonly leave: readonly string[] } {
  const roots = [
    ...globSync('envoy/**/v3*/*.proto', { cwd: join(deps, 'envoy-api') }),
    ...globSync('{xds,udpa}/**/*.proto', { cwd: join(deps, 'xds') }),
  ].sort();
  const known = new Map<string, ReadonlySet<string> | undefined>();
  const take = new Set<string>();
  const leave: string[] = [];
  for (const root of roots) {
    const needed = closure(root, known);
    if (needed === undefined) leave.push(root);
    for (const each of needed ?? []) take.add(each);
  }
  return { take, leave };
}

/** All definitions as they are read at run time, in a module, so that a bundle has them without a file beside it. */
function descriptors(stage: string): string {
  const set = join(stage, 'set.binpb');
  buf('build', stage, '--as-file-descriptor-set', '--exclude-source-info', '--output', set);
  const packed = gzipSync(readFileSync(set), { level: 9 }).toString('base64');
  // In a function, whose text is not read until it is called.
  return `export function packedDescriptors(): string {\n  return '${packed}';\n}\n`;
}

function buf(...args: string[]): void {
  const env = { ...process.env, PATH: join(repository, 'node_modules/.bin') + delimiter + process.env.PATH };
  execFileSync('buf', args, { cwd: here, stdio: 'inherit', env });
}

function generate(): void {
  const { take, leave } = wanted();
  const stage = mkdtempSync(join(tmpdir(), 'envoy-api-'));
  let packed: string;
  try {
    for (const proto of take) {
      mkdirSync(dirname(join(stage, proto)), { recursive: true });
      writeFileSync(join(stage, proto), completed(proto, readFileSync(sourceOf(proto)!, 'utf8')));
    }
    rmSync(fresh, { recursive: true, force: true });
    buf('generate', stage, '--template', join(here, 'buf.gen.envoy.yaml'), '--output', fresh);
    packed = descriptors(stage);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  const files = globSync('**/*.ts', { cwd: fresh }).sort();
  for (const file of files) leaveUnchecked(join(fresh, file));
  writeFileSync(join(fresh, 'all-types.ts'), files.map((file) => `import './${file}';\n`).join(''));
  writeFileSync(join(fresh, 'descriptors.ts'), packed);
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
  console.log(`envoy-api: ${take.size} definitions; left out, for imports that the package lacks: ${leave.join(', ')}`);
}

/** Fields that the package lacks, by file and message; numbers are those of the Envoy that we install. */
const newerFields: Readonly<Record<string, readonly (readonly [message: string, field: string])[]>> = {
  // Envoy's files use a rule that the package's validate.proto does not know; rules do not reach the output.
  'validate/validate.proto': [['StringRules', 'optional bool ignore_empty = 26;']],
  'envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto': [
    ['TcpProxy', 'google.protobuf.BoolValue check_drain_close = 24;'],
  ],
  'envoy/extensions/access_loggers/open_telemetry/v3/logs_service.proto': [
    'config.core.v3.HttpService http_service = 8;',
    'config.core.v3.GrpcService grpc_service = 9;',
    'string log_name = 10;',
    'google.protobuf.Duration buffer_flush_interval = 11;',
    'google.protobuf.UInt32Value buffer_size_bytes = 12;',
    'repeated string filter_state_objects_to_log = 13;',
    'repeated type.tracing.v3.CustomTag custom_tags = 14;',
    'repeated config.core.v3.TypedExtensionConfig resource_detectors = 15;',
  ].map((field) => ['OpenTelemetryAccessLogConfig', field] as const),
  'envoy/extensions/filters/http/composite/v3/composite.proto': [
    ['ExecuteFilterAction', 'FilterChainConfiguration filter_chain = 4;'],
  ],
};

/** Messages that the package lacks and newer fields have. */
const newerMessages: Readonly<Record<string, string>> = {
  'envoy/extensions/filters/http/composite/v3/composite.proto':
    'message FilterChainConfiguration { repeated config.core.v3.TypedExtensionConfig typed_config = 1; }',
};

/** Files that newer fields need; all are among those that are generated. */
const newerImports: Readonly<Record<string, readonly string[]>> = {
  'envoy/extensions/access_loggers/open_telemetry/v3/logs_service.proto': [
    'envoy/config/core/v3/grpc_service.proto',
    'envoy/config/core/v3/http_service.proto',
    'envoy/type/tracing/v3/custom_tag.proto',
    'google/protobuf/duration.proto',
    'google/protobuf/wrappers.proto',
  ],
};

/** A file as it stands, and with the newer messages and fields that it has not got yet. */
function completed(proto: string, old: string): string {
  const message = newerMessages[proto] ?? '';
  const needed = (newerImports[proto] ?? []).map((file) => `import "${file}";`).filter((line) => !old.includes(line));
  const importing = old.replace(/^import /m, [...needed, '$&'].join('\n'));
  const text = importing.includes(message.replace(/{.*/, '{')) ? importing : `${importing}\n${message}\n`;
  return (newerFields[proto] ?? []).reduce((all, [message, field]) => {
    const name = field.match(/(\w+) = /)![1]!;
    return new RegExp(`message ${message} {[^}]*\\b${name} = `).test(all)
      ? all
      : all.replace(`message ${message} {`, `$& ${field}`);
  }, text);
}

/** ts-proto's code for durations does not type check with these options; callers still see all types. */
function leaveUnchecked(file: string): void {
  writeFileSync(file, `// @ts-nocheck\n${readFileSync(file, 'utf8')}`);
}

generate();
