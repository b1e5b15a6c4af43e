import type { MeshTLS_Conf as Conf, MeshTLS, MeshTLS_VersionRange as VersionRange } from '../../generated/types/kuma/mesh_tls.ts';
import { nearest } from '../../resources/nearest.ts';
import { mustBeAbsent, type Problem } from '../../resources/resource.ts';

const ciphers: readonly string[] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

export function validateMeshTLS(spec: MeshTLS): Problem[] {
  const target = spec.targetRef?.kind ?? 'Mesh';
  return (['from', 'rules'] as const).flatMap((part) =>
    (spec[part] ?? []).flatMap((item, index) => confProblems(`spec.${part}[${index}].default`, item.default ?? {}, target)),
  );
}

function confProblems(at: string, { tlsVersion, tlsCiphers = [] }: Conf, target: string): Problem[] {
  return [
    ...(tlsVersion ? ofWholeMesh(`${at}.tlsVersion`, target) : []),
    ...(tlsCiphers.length > 0 ? ofWholeMesh(`${at}.tlsCiphers`, target) : []),
    ...versionProblems(`${at}.tlsVersion`, tlsVersion),
    ...tlsCiphers.flatMap((cipher, index) => cipherProblems(`${at}.tlsCiphers[${index}]`, cipher)),
  ];
}

function ofWholeMesh(field: string, target: string): Problem[] {
  if (target === 'Mesh') return [];
  return [mustBeAbsent(field, ` when spec.targetRef.kind is ${target}: both sides of a connection must agree`)];
}

function versionProblems(at: string, { min = 'TLSAuto', max = 'TLSAuto' }: VersionRange = {}): Problem[] {
  if (min === 'TLSAuto' || max === 'TLSAuto' || min <= max) return [];
  return [{ field: `${at}.min`, reason: `must not be newer than max, which is ${max}; got ${min}` }];
}

function cipherProblems(field: string, cipher: string): Problem[] {
  if (ciphers.includes(cipher)) return [];
  const guess = nearest(cipher, ciphers);
  const hint = guess ? `; did you mean ${guess}?` : '';
  return [{ field, reason: `must be one of ${ciphers.join(', ')}; got ${JSON.stringify(cipher)}${hint}` }];
}
