import type { Mesh } from '../../generated/types/kuma/mesh.ts';
import { moreThanZero, unique } from '../checks.ts';
import { labelValueProblem } from '../names.ts';
import type { Problem, ResourceKey } from '../resource.ts';
import { tagProblems } from '../tags.ts';
import { caBackendProblems } from './ca-backends.ts';

export function validateMesh(mesh: Mesh, key: ResourceKey): Problem[] {
  // The name of a mesh becomes the value of a label of everything in it.
  const badName = labelValueProblem(key.name);
  return [...(badName ? [{ field: 'name', reason: badName }] : []), ...mtls(mesh), ...constraints(mesh)];
}

function mtls({ mtls }: Mesh): Problem[] {
  const { backends = [], enabledBackend } = mtls ?? {};
  const names = backends.map(({ name }) => name);
  const problems = unique(
    backends,
    ({ name }) => name || undefined,
    (index) => `mtls.backends[${index}].name`,
  );
  if (enabledBackend && !names.includes(enabledBackend)) {
    const known = names.length > 0 ? names.join(', ') : 'none';
    problems.push({
      field: 'mtls.enabledBackend',
      reason: `must be the name of one of mtls.backends (${known}); got ${JSON.stringify(enabledBackend)}`,
      // One that was refused may be the one that is meant.
      given: ['mtls.backends', ...names.map((_, index) => `mtls.backends[${index}].name`)],
    });
  }
  backends.forEach((backend, index) => {
    const at = `mtls.backends[${index}]`;
    problems.push(
      ...caBackendProblems(at, backend),
      ...moreThanZero(`${at}.dpCert.rotation.expiration`, backend.dpCert?.rotation?.expiration),
      ...moreThanZero(`${at}.dpCert.requestTimeout`, backend.dpCert?.requestTimeout),
      ...moreThanZero(`${at}.rootChain.requestTimeout`, backend.rootChain?.requestTimeout),
    );
  });
  return problems;
}

function constraints({ constraints }: Mesh): Problem[] {
  return (['requirements', 'restrictions'] as const).flatMap((list) =>
    (constraints?.dataplaneProxy?.[list] ?? []).flatMap((rule, index) => {
      const field = `constraints.dataplaneProxy.${list}[${index}].tags`;
      if (Object.keys(rule.tags ?? {}).length === 0) return [{ field, reason: 'must have at least one tag' }];
      const exact = Object.entries(rule.tags ?? {}).filter(([, value]) => value !== '*');
      return tagProblems(field, Object.fromEntries(exact), { service: false });
    }),
  );
}
