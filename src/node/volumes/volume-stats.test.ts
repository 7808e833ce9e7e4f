import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { NodeGetVolumeStatsRequest } from '#protocols/csi/generated/messages.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { NodePaths } from '../node-paths.ts';
import { VolumeStats } from './volume-stats.ts';

const pod = trusted<Pod>({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'db-0', namespace: 'team', uid: 'u-1', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    containers: [],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
      { name: 'not-yet', persistentVolumeClaim: { claimName: 'later' } },
      { name: 'scratch', emptyDir: {} },
    ],
  },
});

describe('VOL-12: figures of volumes', () => {
  let dir: string;
  let clock: FakeClock;
  let metrics: Metrics;
  let stats: VolumeStats;
  let asked: NodeGetVolumeStatsRequest[];
  let capabilities: readonly string[];
  let pods: readonly Pod[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'volume-stats-'));
    const paths = new NodePaths({ root: dir, runtime: dir });
    mkdirSync(paths.pod('u-1').volume('data'), { recursive: true });
    writeFileSync(join(paths.pod('u-1').volume('data'), 'volume.json'), JSON.stringify({ driver: 'fake', volumeHandle: 'vol-1' }));
    clock = new FakeClock();
    asked = [];
    pods = [pod];
    capabilities = ['GET_VOLUME_STATS'];
    const node = {
      nodeGetCapabilities: async () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
      nodeGetVolumeStats: async (request: NodeGetVolumeStatsRequest) => {
        asked.push(request);
        return {
          usage: [
            { unit: 'BYTES', total: 100n, available: 60n, used: 40n },
            { unit: 'INODES', total: 10n, available: 7n, used: 3n },
          ],
        };
      },
    };
    // why trusted: nothing else of a driver is called
    stats = new VolumeStats({ clock, log: silentLogger, paths, drivers: () => trusted<CsiClient>({ node }), pods: () => pods });
    metrics = new Metrics();
    stats.showIn(metrics);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const scrape = async (): Promise<string> => {
    metrics.render();
    await stats.refresh();
    return metrics.render();
  };
  const labels = '{namespace="team",persistentvolumeclaim="data-db-0"}';

  it('tells what the driver says of each mounted claim, under the kubelet’s names', async () => {
    const text = await scrape();
    expect(text.split('\n').filter((line) => !line.startsWith('#') && line !== '')).toEqual([
      `kubelet_volume_stats_capacity_bytes${labels} 100`,
      `kubelet_volume_stats_available_bytes${labels} 60`,
      `kubelet_volume_stats_used_bytes${labels} 40`,
      `kubelet_volume_stats_inodes${labels} 10`,
      `kubelet_volume_stats_inodes_free${labels} 7`,
      `kubelet_volume_stats_inodes_used${labels} 3`,
    ]);
    expect(asked).toEqual([{ volumeId: 'vol-1', volumePath: expect.stringMatching(/u-1\/volumes\/data\/mount$/) }]);
  });

  it('asks drivers every 30 s at most, and forgets what is gone', async () => {
    await scrape();
    pods = [];
    expect(await scrape()).toContain(labels);
    expect(asked).toHaveLength(1);
    await clock.step(30_000);
    expect(await scrape()).not.toContain(labels);
  });

  it('asks no driver that has no figures', async () => {
    capabilities = [];
    expect(await scrape()).not.toContain(labels);
    expect(asked).toEqual([]);
  });
});
