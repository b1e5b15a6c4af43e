import { readFileSync } from 'node:fs';
import { typeUrls } from '../../../packages/xds-encode/src/encoded.ts';
import { ControlPlane } from '../../fixtures/control-plane.ts';
import { allowAll, meshWithMtls } from '../../fixtures/mesh.ts';
import type { Figure } from '../figures.ts';
import { dataplaneOf, Fleet, serviceName } from '../simulator/fleet.ts';
import { residentMegabytes } from './programs.ts';

const services = 50;
const outbounds = 10;

/** A control plane with as many simulated sidecars as `BENCH_SIDECARS` says (200 when it says nothing), on this one machine. */
export async function scale(rounds: number): Promise<readonly Figure[]> {
  const count = Number(process.env.BENCH_SIDECARS ?? 200);
  const controlPlane = await ControlPlane.start();
  const figures: Figure[] = [];
  const figure = (name: string, unit: Figure['unit'], samples: readonly number[]): void => {
    figures.push({ name: `${count} sidecars: ${name}`, unit, samples });
  };
  const put = (path: string, body: object): Promise<void> => putJson(`${controlPlane.apiUrl}${path}`, body);
  try {
    await controlPlane.apply(meshWithMtls());
    await controlPlane.apply(allowAll());
    const token = await controlPlane.kumactl(['generate', 'dataplane-token', '--mesh', 'default', '--valid-for', '24h']);
    const connecting = performance.now();
    const fleet = await Fleet.start({
      controlPlane: new URL(controlPlane.dataPlaneUrl),
      ca: readFileSync(controlPlane.caFile, 'utf8'),
      mesh: 'default',
      count,
      services,
      outbounds,
      form: 'delta',
      tokenOf: () => token.trim(),
    });
    try {
      const { sightings } = fleet;
      const configured = (): boolean =>
        fleet.count(
          ({ resources }) =>
            (resources.get(typeUrls.endpoints)?.size ?? 0) >= outbounds &&
            (resources.get(typeUrls.listener)?.size ?? 0) > outbounds,
        ) === count;
      await sightings.until(configured, 'configuration of every sidecar');
      figure('all connected and configured', 'ms', [performance.now() - connecting]);

      const policy: number[] = [];
      for (let round = 1; round <= rounds; round++) {
        sightings.start(performance.now());
        await put('/meshes/default/meshtimeouts/bench', timeoutPolicy(round));
        await sightings.until(() => sightings.timesOf(typeUrls.cluster).length >= count * outbounds, 'a policy at every sidecar');
        policy.push(...sightings.timesOf(typeUrls.cluster));
      }
      figure('policy change at a sidecar', 'ms', policy);

      const endpoint: number[] = [];
      const consumers = Math.floor(count / services) * outbounds;
      const service = serviceName(0);
      for (let round = 0; round < rounds; round++) {
        sightings.start(performance.now());
        const { networking } = dataplaneOf(round * services, { mesh: 'default', services, outbounds });
        await put(`/meshes/default/dataplanes/extra-${round}`, {
          type: 'Dataplane',
          mesh: 'default',
          name: `extra-${round}`,
          networking: { ...networking, address: '127.200.0.1' },
        });
        await sightings.until(
          () => sightings.timesOf(typeUrls.endpoints, service).length >= consumers,
          'an endpoint at its callers',
        );
        endpoint.push(...sightings.timesOf(typeUrls.endpoints, service));
      }
      figure('endpoint change at a caller', 'ms', endpoint);
      figure('control plane, resident', 'MB', [residentMegabytes(controlPlane.process.pid)]);
      if (fleet.lost.length > 0) throw new Error(`streams were lost: ${fleet.lost.slice(0, 3).join('; ')}`);
    } finally {
      fleet.stop();
    }
    return figures;
  } finally {
    await controlPlane.process.stop();
  }
}

function timeoutPolicy(round: number): object {
  return {
    type: 'MeshTimeout',
    mesh: 'default',
    name: 'bench',
    spec: {
      targetRef: { kind: 'Mesh' },
      to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${10 + round}s` } }],
    },
  };
}

async function putJson(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}
