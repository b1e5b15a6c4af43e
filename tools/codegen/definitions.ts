import { execFileSync } from 'node:child_process';
import {
  createFileRegistry,
  type DescExtension,
  type DescField,
  type DescMessage,
  fromBinary,
  getOption,
  hasOption,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { KindDescriptor } from '../../packages/core-model/src/resources/kind.ts';
import { type Comments, readComments } from './comments.ts';

/** What `proto/` says, ready for the emitters. */
export interface Definitions {
  /** Sorted by name. */
  readonly kinds: readonly KindDefinition[];
  readonly comments: Comments;
  readonly rulesOf: (field: DescField) => FieldRules;
}

export interface KindDefinition extends KindDescriptor {
  readonly message: DescMessage;
}

/** `kuma.FieldRules` of proto/kuma/options.proto. */
export interface FieldRules {
  readonly required: boolean;
  readonly format: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default: string;
  readonly deprecated: string;
}

/** `kuma.KindOptions`, numbers of enums as protobuf gives them. */
interface KindOptions extends Omit<KindDescriptor, 'name' | 'scope' | 'shape' | 'policy'> {
  readonly scope: number;
  readonly shape: number;
  readonly policy?: {
    readonly hasTo: boolean;
    readonly hasFrom: boolean;
    readonly hasRules: boolean;
    readonly fromAsRules: boolean;
    readonly targetRef: boolean;
    readonly targetKinds: string[];
    readonly toKinds: string[];
    readonly fromKinds: string[];
    readonly mayBeEmpty: boolean;
  };
}

const noRules: FieldRules = { required: false, format: 0, pattern: '', default: '', deprecated: '' };

/** @param protoDir folder of buf.yaml */
export function readDefinitions(protoDir: string): Definitions {
  const bytes = execFileSync('buf', ['build', '-o', '-', '--as-file-descriptor-set'], { cwd: protoDir, maxBuffer: 1 << 28 });
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  const registry = createFileRegistry(set);
  const kindOption = extension(registry.getExtension('kuma.kind'));
  const fieldOption = extension(registry.getExtension('kuma.field'));
  const kinds: KindDefinition[] = [];
  for (const type of registry) {
    if (type.kind !== 'message' || !hasOption(type, kindOption)) continue;
    kinds.push(kindOf(type, getOption(type, kindOption) as unknown as KindOptions));
  }
  return {
    kinds: kinds.sort((a, b) => (a.name < b.name ? -1 : 1)),
    comments: readComments([...registry.files]),
    rulesOf: (field) => (hasOption(field, fieldOption) ? (getOption(field, fieldOption) as unknown as FieldRules) : noRules),
  };
}

function extension(found: DescExtension | undefined): DescExtension {
  if (!found) throw new Error('proto/kuma/options.proto no longer defines the options kuma.kind and kuma.field');
  return found;
}

function kindOf(message: DescMessage, options: KindOptions): KindDefinition {
  const { policy } = options;
  return {
    message,
    name: message.name,
    scope: options.scope === 0 ? 'Global' : 'Mesh',
    shape: options.shape === 0 ? 'Spec' : 'Flat',
    path: options.path,
    pathAliases: options.pathAliases,
    shortName: options.shortName,
    singularDisplayName: options.singularDisplayName,
    pluralDisplayName: options.pluralDisplayName,
    readOnly: options.readOnly,
    includeInFederation: options.includeInFederation,
    ...(policy && {
      policy: {
        hasTo: policy.hasTo,
        hasFrom: policy.hasFrom,
        hasRules: policy.hasRules,
        fromAsRules: policy.fromAsRules,
        targetRef: policy.targetRef,
        targetKinds: policy.targetKinds,
        toKinds: policy.toKinds,
        fromKinds: policy.fromKinds,
        mayBeEmpty: policy.mayBeEmpty,
      },
    }),
  };
}
