import { expect, test } from 'vitest';
import { nearness } from './nearness.ts';

const localZone = { affinityTags: [{ key: 'rack' }] };

test('other zones take traffic where nothing else is said, and all are alike where that is asked for', () => {
  expect(nearness()).toEqual({ affinity: [], failover: [{ to: { kind: 'any' } }] });
  expect(nearness({ disabled: true })).toBeUndefined();
});

test('what is said of zones counts more than that nearness does not', () => {
  expect(nearness({ disabled: true, localZone })).toEqual(nearness({ localZone }));
  const crossZone = { failover: [{ to: { type: 'Only' as const, zones: ['east'] } }] };
  expect(nearness({ disabled: true, crossZone })).toEqual({
    affinity: [],
    failover: [{ to: { kind: 'only', zones: ['east'] } }],
    failoverPercentage: 50,
  });
});
