import { SystemClock } from '#kit/clock.ts';
import { secrets } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { residentMiB } from './resident-memory.ts';
import type { BenchRow } from './row.ts';

/** The published load test of virtual clusters: 5,000 secrets at 200 a second; the best there, Kubernetes itself, took 150 ms on average. */
const SECRETS = 5_000;
const PER_SEC = 200;
const PUBLISHED = { name: 'k3s with SQLite, published (less is better)', value: 1_400 };
/** Objects among which the platform starts again. */
const OBJECTS = 100_000;
const WRITERS = 64;
/** Serialised size of an object, about that of a claim with managed fields. */
const OBJECT_BYTES = 1_500;
const NAMESPACE = 'bench';

/** How long a create takes at a steady rate. */
export async function benchSecrets(): Promise<readonly BenchRow[]> {
  return onPlatform(async (_, client) => {
    const tookMs: number[] = [];
    const startMs = performance.now();
    const running: Promise<void>[] = [];
    for (let index = 0; index < SECRETS; index += 1) {
      const dueMs = startMs + (index * 1_000) / PER_SEC;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      running.push(createSecret(client, index).then(() => void tookMs.push(performance.now() - dueMs)));
    }
    await Promise.all(running);
    const sorted = tookMs.toSorted((a, b) => a - b);
    const mean = tookMs.reduce((sum, value) => sum + value, 0) / tookMs.length;
    return [
      { name: `${SECRETS} secrets at ${PER_SEC}/s, from when each is due to its answer, mean`, value: mean, unit: 'ms', peer: PUBLISHED },
      { name: `${SECRETS} secrets at ${PER_SEC}/s, p99`, value: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN, unit: 'ms' },
    ];
  });
}

/** Memory that objects take in the platform as a whole, and a start among them. */
export async function benchManyObjects(): Promise<readonly BenchRow[]> {
  return onPlatform(async (platform, client) => {
    const before = residentMiB(platform.pid);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < OBJECTS) {
        next += 1;
        await createSecret(client, next);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, work));
    const after = residentMiB(platform.pid);
    await platform.end('SIGTERM');
    const startMs = performance.now();
    await platform.start();
    const readySec = (performance.now() - startMs) / 1_000;
    const reopened = residentMiB(platform.pid);
    const perObject = (mebibytes: number): number => ((mebibytes - before) * 1_024) / OBJECTS;
    return [
      { name: `from command to ready with ${OBJECTS} objects`, value: readySec, unit: 's' },
      { name: `resident memory per further object of ${OBJECT_BYTES} bytes, just written`, value: perObject(after), unit: 'KiB' },
      { name: `resident memory per further object of ${OBJECT_BYTES} bytes, after a start`, value: perObject(reopened), unit: 'KiB' },
    ];
  });
}

async function createSecret(client: Client, index: number): Promise<void> {
  const filler = 'x'.repeat(OBJECT_BYTES - 300);
  await client.create(secrets, { metadata: { name: `s-${index}`, namespace: NAMESPACE }, type: 'Opaque', data: { filler } });
}

async function onPlatform(work: (platform: PlatformProcess, client: Client) => Promise<readonly BenchRow[]>): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  try {
    const client = createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    return await work(platform, client);
  } finally {
    await platform.remove();
  }
}
