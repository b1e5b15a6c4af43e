import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const places = (conf: Parameters<typeof useless>[0]) => useless(conf).map(({ path }) => fieldPath(...path));

test('failures of the connection say that they are not told apart', () => {
  const detectors = { localOriginFailures: { consecutive: 5 } };
  const at = ['outlierDetection.detectors.localOriginFailures'];
  expect(places({ outlierDetection: { detectors } })).toEqual(at);
  expect(places({ outlierDetection: { detectors, splitExternalAndLocalErrors: false } })).toEqual(at);
  expect(places({ outlierDetection: { detectors, splitExternalAndLocalErrors: true } })).toEqual([]);
  expect(places({ outlierDetection: { detectors, disabled: true } })).toEqual([]);
});

test('detectors that do not say how many failures in a row eject say that they do nothing', () => {
  const detectors = { totalFailures: {}, gatewayFailures: { consecutive: 3 }, localOriginFailures: {} };
  expect(places({ outlierDetection: { detectors } })).toEqual(
    ['totalFailures', 'localOriginFailures'].map((name) => `outlierDetection.detectors.${name}`),
  );
  expect(places({ outlierDetection: { detectors, disabled: true } })).toEqual([]);
});

test('limits without any say that they do nothing', () => {
  expect(places({ connectionLimits: {} })).toEqual(['connectionLimits']);
  expect(places({ connectionLimits: { maxRetries: 1 } })).toEqual([]);
});
