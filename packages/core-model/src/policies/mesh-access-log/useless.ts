import type { MeshAccessLog_Conf as Conf } from '../../generated/types/kuma/mesh_access_log.ts';
import { namesakes } from '../namesakes.ts';
import type { Useless } from '../policy.ts';

const formOfFormat = { Plain: 'plain', Json: 'json' } as const;

/** A line of another form than the format's type says, and fields of which a later one takes the place. */
export function useless({ backends = [] }: Conf): readonly Useless[] {
  return backends.flatMap((backend, i) =>
    (['file', 'tcp'] as const).flatMap((sink) => {
      const format = backend[sink]?.format;
      if (format?.type === undefined) return [];
      const { type, json = [] } = format;
      const at = ['backends', i, sink, 'format'];
      const others = Object.values(formOfFormat).filter((form) => form !== formOfFormat[type]);
      return [
        ...others
          .filter((form) => format[form] !== undefined)
          .map((form) => ({ path: [...at, form], why: `has no effect with the type ${type}` })),
        ...(type === 'Json' ? namesakes(json, 'key', [...at, 'json'], 'last') : []),
      ];
    }),
  );
}
