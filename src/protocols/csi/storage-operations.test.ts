import { describe, expect, it } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { StorageOperations } from './storage-operations.ts';

const PLUGIN = 'kubernetes.io/csi:disk.example';

describe('VOL-19: StorageOperations', () => {
  const [metrics, clock] = [new Metrics(), new FakeClock()];
  const operations = new StorageOperations({ metrics, clock });

  it('notes how long a try took and how it ended, and passes on what came of it', async () => {
    const mount = { driverName: 'disk.example', operation: 'volume_mount' } as const;
    expect(await operations.run(mount, async () => (await clock.step(2_000), 'mounted'))).toBe('mounted');
    await expect(operations.run(mount, async () => Promise.reject(new TypeError('no')))).rejects.toThrow('no');
    await operations.run({ ...mount, isMigrated: true }, async () => {});
    const text = metrics.render();
    const labels = (status: string): string =>
      `volume_plugin="${PLUGIN}",operation_name="volume_mount",status="${status}",migrated="false"`;
    expect(text).toContain(`storage_operation_duration_seconds_sum{${labels('success')}} 2\n`);
    expect(text).toContain(`storage_operation_duration_seconds_bucket{${labels('success')},le="1"} 0\n`);
    expect(text).toContain(`storage_operation_duration_seconds_bucket{${labels('success')},le="2.5"} 1\n`);
    expect(text).toContain(`storage_operation_duration_seconds_count{${labels('fail-unknown')}} 1\n`);
    expect(text).toContain(`storage_operation_duration_seconds_count{${labels('success').replace('false', 'true')}} 1\n`);
  });

  it('notes the whole time only of what upstream notes it', () => {
    operations.succeeded('disk.example', 'volume_delete', clock.nowMs() - 3_000);
    operations.succeeded('disk.example', 'volume_attach', clock.nowMs() - 3_000);
    const totals = metrics.render().match(/^volume_operation_total_seconds_sum.*$/gm);
    expect(totals).toEqual([`volume_operation_total_seconds_sum{plugin_name="${PLUGIN}",operation_name="delete"} 3`]);
  });
});
