import { setTimeout as wait } from 'node:timers/promises';
import {
  type VolumeSnapshot,
  volumeGroupSnapshotClasses,
  volumeGroupSnapshots,
  volumeSnapshotClasses,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Client, WatchEvent } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { benchChangedBlocks } from './changed-blocks.ts';
import { benchCopy } from './copies.ts';
import { timeOfFile } from './platform.ts';
import { quantile } from './quantile.ts';
import { idlePercent, residentMiB } from './resident-memory.ts';
import type { BenchRow } from './row.ts';

const NAMESPACE = 'bench';
const DRIVER = 'local.stowage.dev';
const VOLUMES = 10;
/** What is in each. */
const DATA_MIB = 500;
/** Snapshots of each. */
const ROUNDS = 10;
/** Upstream: 80 snapshots of 500 MiB, by default and with its queues tuned (the published figures). */
const UPSTREAM_TUNED_SEC = 17;
const RESTORES = 5;
/** Snapshots that are there while nothing happens: imported, all of one at the driver, for 10,000 copies would take the section's time. */
const IDLE = 10_000;
/** After an import, until nothing happens any more. */
const SETTLE_MS = 15_000;
/** Requests at a time. */
const WRITERS = 32;

/** Snapshots of volumes with data: how long until they are ready, until a volume made from one is read, and what many cost while nothing happens. */
export async function benchSnapshots(): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Ti'] });
  try {
    const client = createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    await client.create(volumeSnapshotClasses, { metadata: { name: 'snaps' }, driver: DRIVER, deletionPolicy: 'Delete' });
    await client.create(volumeGroupSnapshotClasses, { metadata: { name: 'groups' }, driver: DRIVER, deletionPolicy: 'Delete' });
    await fill(client, platform.dataDir);
    const sec = (await take(client, { rounds: ROUNDS, prefix: 's' })) / 1_000;
    const frozenBefore = await frozenSec(platform);
    const group = await takeGroup(client);
    const frozen = ((await frozenSec(platform)) - frozenBefore) * 1_000;
    const restores: number[] = [];
    for (let run = 0; run < RESTORES; run += 1) restores.push(await restoreMs(client, platform.dataDir, run));
    const [before, cpuBefore] = [residentMiB(platform.pid), await idlePercent(platform.pid)];
    const importing = await importMany(client);
    // why: what was imported is told in events, and forgotten by the collector of garbage, a little later
    await wait(SETTLE_MS);
    const [idle, after] = [await idlePercent(platform.pid), residentMiB(platform.pid)];
    const peer = { name: 'upstream, 80 of them, tuned, published', value: UPSTREAM_TUNED_SEC };
    return [
      { name: `${VOLUMES * ROUNDS} snapshots of volumes with ${DATA_MIB} MiB, create to all ready`, value: sec, unit: 's', peer },
      { name: `group snapshot of ${VOLUMES} volumes, create to ready`, value: group, unit: 'ms' },
      { name: 'of that, file systems frozen, from the first to the last', value: frozen, unit: 'ms' },
      { name: 'claim from a snapshot and its pod, create to first read, p50', value: quantile(restores, 0.5), unit: 'ms' },
      ...(await benchChangedBlocks(platform, client, NAMESPACE)),
      ...(await benchCopy(client, { namespace: NAMESPACE, dataDir: platform.dataDir, claimName: 'v-0', dataMib: DATA_MIB })),
      { name: `${IDLE} snapshots imported, create to all ready`, value: importing, unit: 's' },
      { name: 'CPU while nothing happens, before', value: cpuBefore, unit: '% of a core' },
      { name: `CPU while nothing happens, ${IDLE} snapshots more`, value: idle, unit: '% of a core' },
      { name: 'resident memory per snapshot', value: ((after - before) * 1024) / IDLE, unit: 'KiB' },
    ];
  } finally {
    await platform.remove();
  }
}

async function fill(client: Client, dataDir: string): Promise<void> {
  for (let index = 0; index < VOLUMES; index += 1) {
    const name = `v-${index}`;
    await client.create(persistentVolumeClaims, {
      metadata: { name, namespace: NAMESPACE, labels: { group: 'bench' } },
      spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    const script = `dd if=/dev/urandom of=/data/blob bs=1M count=${DATA_MIB} && sync && echo x >/data/first; sleep 36000`;
    await timeOfFile(dataDir, await podUid(client, { name, script }));
  }
}

async function podUid(client: Client, { name, script }: { readonly name: string; readonly script: string }): Promise<string> {
  const pod = await client.create(pods, {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
  });
  return pod.metadata.uid;
}

/** Milliseconds from the first create until all are ready. */
async function take(client: Client, { rounds, prefix }: { readonly rounds: number; readonly prefix: string }): Promise<number> {
  const { metadata } = await client.list(volumeSnapshots, { namespace: NAMESPACE });
  const abort = new AbortController();
  const startMs = performance.now();
  const all = untilReady(
    client.watch(volumeSnapshots, { namespace: NAMESPACE, resourceVersion: metadata.resourceVersion, signal: abort.signal }),
    {
      count: rounds * VOLUMES,
      prefix,
    },
  );
  const numbers = Array.from({ length: rounds * VOLUMES }, (_, index) => index);
  await Promise.all(
    numbers.map((index) =>
      client.create(volumeSnapshots, {
        metadata: { name: `${prefix}-${index}`, namespace: NAMESPACE },
        spec: { volumeSnapshotClassName: 'snaps', source: { persistentVolumeClaimName: `v-${index % VOLUMES}` } },
      }),
    ),
  );
  await all;
  abort.abort();
  return performance.now() - startMs;
}

async function untilReady(
  changes: AsyncIterable<WatchEvent<VolumeSnapshot>>,
  { count, prefix }: { readonly count: number; readonly prefix: string },
): Promise<void> {
  const ready = new Set<string>();
  for await (const change of changes) {
    if (change.type === 'BOOKMARK' || change.object.status?.readyToUse !== true || !change.object.metadata.name.startsWith(prefix))
      continue;
    ready.add(change.object.metadata.name);
    if (ready.size === count) return;
  }
}

async function takeGroup(client: Client): Promise<number> {
  const startMs = performance.now();
  const key = { namespace: NAMESPACE, name: 'all' };
  await client.create(volumeGroupSnapshots, {
    metadata: key,
    spec: { volumeGroupSnapshotClassName: 'groups', source: { selector: { matchLabels: { group: 'bench' } } } },
  });
  while ((await client.get(volumeGroupSnapshots, key)).status?.readyToUse !== true) await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now() - startMs;
}

/** For how many seconds the driver has frozen file systems so far, as it says itself. */
async function frozenSec(platform: PlatformProcess): Promise<number> {
  const metrics = await platform.kubectl.run(['get', '--raw', '/metrics']);
  return Number(/^stowage_volume_freeze_seconds_sum (.*)$/m.exec(metrics)?.[1] ?? Number.NaN);
}

/** Imports one snapshot of the driver many times; seconds until all are ready. */
async function importMany(client: Client): Promise<number> {
  const { status } = await client.get(volumeSnapshots, { namespace: NAMESPACE, name: 's-0' });
  const taken = await client.get(volumeSnapshotContents, { namespace: '', name: status?.boundVolumeSnapshotContentName ?? '' });
  const source = { snapshotHandle: taken.status?.snapshotHandle ?? '' };
  const { metadata } = await client.list(volumeSnapshots, { namespace: NAMESPACE, limit: 1 });
  const abort = new AbortController();
  const startMs = performance.now();
  const all = untilReady(
    client.watch(volumeSnapshots, { namespace: NAMESPACE, resourceVersion: metadata.resourceVersion, signal: abort.signal }),
    { count: IDLE, prefix: 'idle' },
  );
  const limiter = new Limiter(WRITERS);
  const importOne = async (name: string): Promise<void> => {
    const volumeSnapshotRef = { namespace: NAMESPACE, name };
    await client.create(volumeSnapshotContents, {
      metadata: { name },
      spec: { driver: DRIVER, deletionPolicy: 'Retain', source, volumeSnapshotRef },
    });
    await client.create(volumeSnapshots, {
      metadata: { name, namespace: NAMESPACE },
      spec: { source: { volumeSnapshotContentName: name } },
    });
  };
  await Promise.all(Array.from({ length: IDLE }, (_, index) => limiter.run(() => importOne(`idle-${index}`))));
  await all;
  abort.abort();
  return (performance.now() - startMs) / 1_000;
}

async function restoreMs(client: Client, dataDir: string, run: number): Promise<number> {
  const startMs = Date.now();
  const name = `r-${run}`;
  await client.create(persistentVolumeClaims, {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      storageClassName: 'local',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: `s-${run}` },
    },
  });
  const script = 'rm -f /data/first; dd if=/data/blob of=/dev/null bs=1M count=1 && echo x >/data/first; sleep 36000';
  const readMs = await timeOfFile(dataDir, await podUid(client, { name, script }), startMs);
  return readMs - startMs;
}
