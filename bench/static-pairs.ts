import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { BoundClaims } from './bound-claims.ts';
import { quantile } from './quantile.ts';
import { IDLE_SEC, idlePercent, residentMiB } from './resident-memory.ts';
import type { BenchRow } from './row.ts';

/** Upstream: half of a burst of 10,000 pairs is bound after this time (the published figure). */
const UPSTREAM_BURST_P50_SEC = 453;
/** Pairs that are written at a time, as many tenants would. */
const WRITERS = 64;
const PAIRS = 10_000;
const NAMESPACE = 'bench';
/** Of volumes that somebody made by hand; there is no such class. */
const CLASS = 'static';
/** What a burst leaves is collected in this time, in milliseconds. */
const SETTLED_MS = 10_000;
/** How often it is looked whether volumes are free, in milliseconds. */
const POLL_MS = 50;
/** Single claims that are timed among many volumes. */
const SAMPLES = 30;
const EXISTING: readonly [number, number] = [100, 100_000];

/** A burst of volumes and claims made by hand: how long until each pair is bound; then memory, memory after a start, and CPU while nothing happens. */
export async function benchStaticPairs(): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  try {
    const client = await clientOf(platform);
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    const startMs = performance.now();
    const latencies = await bindPairs(client, PAIRS);
    const tookSec = (performance.now() - startMs) / 1000;
    const peer = { name: 'upstream, published', value: UPSTREAM_BURST_P50_SEC };
    const rows: BenchRow[] = [
      { name: `burst of ${PAIRS} static pairs, create to Bound, p50`, value: quantile(latencies, 0.5) / 1000, unit: 's', peer },
      { name: `burst of ${PAIRS} static pairs, create to Bound, p99`, value: quantile(latencies, 0.99) / 1000, unit: 's' },
      { name: `burst of ${PAIRS} static pairs, first create to last Bound`, value: PAIRS / tookSec, unit: 'pairs/s' },
      { name: `resident memory with ${PAIRS} bound claims, after the burst`, value: residentMiB(platform.pid), unit: 'MiB' },
    ];
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    rows.push(
      { name: `CPU while nothing happens, ${PAIRS} bound claims`, value: await idlePercent(platform.pid), unit: '% of a core' },
      { name: `resident memory with ${PAIRS} bound claims, ${IDLE_SEC} s later`, value: residentMiB(platform.pid), unit: 'MiB' },
    );
    await platform.end('SIGTERM');
    await platform.start();
    await (await clientOf(platform)).get(persistentVolumeClaims, { namespace: NAMESPACE, name: 'c-0' });
    rows.push({ name: `resident memory with ${PAIRS} bound claims, after a start`, value: residentMiB(platform.pid), unit: 'MiB' });
    return rows;
  } finally {
    await platform.remove();
  }
}

/** Time to bind one claim among few and among many volumes that would all do. */
export async function benchExistingVolumes(): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  try {
    const client = await clientOf(platform);
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    const medians: number[] = [];
    let existing = 0;
    for (const count of EXISTING) {
      const from = existing;
      await inParallel(count - from, (index) => createVolume(client, from + index));
      existing = count;
      await untilFree(client, `v-${count - 1}`);
      medians.push(quantile(await bindOneByOne(client, count), 0.5));
    }
    const [few = 0, many = 0] = medians;
    return [
      { name: `one claim among ${EXISTING[0]} free volumes, create to Bound, p50`, value: few, unit: 'ms' },
      {
        name: `one claim among ${EXISTING[1]} free volumes, create to Bound, p50`,
        value: many,
        unit: 'ms',
        peer: { name: `among ${EXISTING[0]}`, value: few },
      },
    ];
  } finally {
    await platform.remove();
  }
}

async function clientOf(platform: PlatformProcess): Promise<Client> {
  return createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
}

/** Milliseconds of each pair from its first create to its claim's Bound. */
async function bindPairs(client: Client, count: number): Promise<readonly number[]> {
  const startedMs = new Map<string, number>();
  const bound = await BoundClaims.start(client, NAMESPACE);
  await inParallel(count, async (index) => {
    startedMs.set(`c-${index}`, performance.now());
    await createVolume(client, index);
    await createClaim(client, `c-${index}`);
  });
  await bound.until(count);
  bound.stop();
  return [...bound.atMs].map(([name, boundMs]) => boundMs - (startedMs.get(name) ?? Number.NaN));
}

async function bindOneByOne(client: Client, round: number): Promise<readonly number[]> {
  const bound = await BoundClaims.start(client, NAMESPACE);
  const latencies: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const name = `one-${round}-${index}`;
    const startMs = performance.now();
    await createClaim(client, name);
    await bound.until(index + 1);
    latencies.push((bound.atMs.get(name) ?? Number.NaN) - startMs);
  }
  bound.stop();
  return latencies;
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function createVolume(client: Client, index: number): Promise<void> {
  await client.create(persistentVolumes, {
    metadata: { name: `v-${index}` },
    spec: {
      storageClassName: CLASS,
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/srv/bench/${index}` },
    },
  });
}

/** Phases of volumes are written after the volumes: later where clients keep writing. Resolves when the last one written is free. */
async function untilFree(client: Client, name: string): Promise<void> {
  while ((await client.get(persistentVolumes, { namespace: '', name })).status?.phase !== 'Available')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

async function createClaim(client: Client, name: string): Promise<void> {
  await client.create(persistentVolumeClaims, {
    metadata: { name, namespace: NAMESPACE },
    spec: { storageClassName: CLASS, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
}
