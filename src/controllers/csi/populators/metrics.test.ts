import { expect, it } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { PopulatorOperations } from './metrics.ts';

it('VOL-15: a filling that was begun before the platform is not counted, and has the buckets of upstream', async () => {
  const [metrics, clock] = [new Metrics(), new FakeClock()];
  const operations = new PopulatorOperations({ metrics, clock });
  const claim = (uid: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: uid, uid, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {},
  });
  operations.over(claim('older'), 'success');
  operations.isUnderWay(claim('one'));
  await clock.step(4_000);
  operations.isUnderWay(claim('one'));
  operations.over(claim('one'), 'success');
  const text = metrics.render();
  expect(text).toContain('volume_populator_operation_seconds_sum{result="success"} 4\n');
  expect(text).toContain('volume_populator_operation_seconds_count{result="success"} 1\n');
  const bounds = [...text.matchAll(/_bucket\{.*?le="(.*?)"\}/g)].map(([, bound]) => bound);
  expect(bounds).toEqual(['0.1', '0.25', '0.5', '1', '2.5', '5', '10', '15', '30', '60', '120', '300', '600', '+Inf']);
});
