/** Started by `remote-fleet.ts`: simulated sidecars in a process of their own, so that the bench measures undisturbed. */
import { Arrivals } from './arrivals.ts';
import { Fleet } from './fleet.ts';
import type { FleetAnswer, FleetRequest } from './protocol.ts';

let fleet: Fleet | undefined;
const arrivals = new Arrivals();

async function answer(request: FleetRequest): Promise<unknown> {
  switch (request.ask) {
    case 'start': {
      const { controlPlane, token, ...options } = request.options;
      fleet = await Fleet.start({
        ...options,
        controlPlane: new URL(controlPlane),
        tokenOf: () => token,
        onSeen: (sidecar, typeUrl, name) => arrivals.add(sidecar, typeUrl, name),
      });
      return undefined;
    }
    case 'watch':
      arrivals.watch(request.expectation);
      return undefined;
    case 'seen':
      return arrivals.seen();
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }
    case 'stop':
      fleet?.stop();
      return fleet?.lost ?? [];
  }
}

process.on('message', (request: FleetRequest) => {
  const reply = (message: FleetAnswer): void => void process.send!(message);
  answer(request).then(
    (result) => reply({ result }),
    (error: unknown) => reply({ problem: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
