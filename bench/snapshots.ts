import {
  type VolumeSnapshot,
  volumeGroupSnapshotClasses,
  volumeGroupSnapshots,
  volumeSnapshotClasses,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import type { Client, WatchEvent } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
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
/** Snapshots that are there while nothing happens. */
const IDLE = 1_000;

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
    const group = await takeGroup(client);
    const restores: number[] = [];
    for (let run = 0; run < RESTORES; run += 1) restores.push(await restoreMs(client, platform.dataDir, run));
    const [before, cpuBefore] = [residentMiB(platform.pid), await idlePercent(platform.pid)];
    await take(client, { rounds: IDLE / VOLUMES, prefix: 'idle' });
    const peer = { name: 'upstream, 80 of them, tuned, published', value: UPSTREAM_TUNED_SEC };
    return [
      { name: `${VOLUMES * ROUNDS} snapshots of volumes with ${DATA_MIB} MiB, create to all ready`, value: sec, unit: 's', peer },
      { name: `group snapshot of ${VOLUMES} volumes, create to ready`, value: group, unit: 'ms' },
      { name: 'claim from a snapshot and its pod, create to first read, p50', value: quantile(restores, 0.5), unit: 'ms' },
      { name: 'CPU while nothing happens, before', value: cpuBefore, unit: '% of a core' },
      { name: `CPU while nothing happens, ${IDLE} snapshots more`, value: await idlePercent(platform.pid), unit: '% of a core' },
      { name: 'resident memory per snapshot', value: ((residentMiB(platform.pid) - before) * 1024) / IDLE, unit: 'KiB' },
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
