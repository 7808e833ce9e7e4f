import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { Limiter } from '#kit/limiter.ts';
import { SystemClock } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import { createHttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { BoundClaims } from './bound-claims.ts';
import { quantile } from './quantile.ts';
import { residentMiB } from './resident-memory.ts';
import type { BenchRow } from './row.ts';

/** Upstream's default: about 4 dynamic volumes a second (kubernetes/kubernetes issue 95497). */
const UPSTREAM_CLAIMS_PER_SEC = 4;
/** Claims that are written at a time, as `kubectl apply` of many files in parallel would. */
const WRITERS = 16;
const NAMESPACE = 'bench';

/** From the command to the word ready, on an empty data directory and on the same one again. */
export async function benchStart(): Promise<readonly BenchRow[]> {
  const first: number[] = [];
  const again: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    const startMs = performance.now();
    const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    first.push(performance.now() - startMs);
    await platform.end('SIGTERM');
    const againMs = performance.now();
    await platform.start();
    again.push(performance.now() - againMs);
    await platform.remove();
  }
  return [
    { name: 'from command to ready, new data directory', value: quantile(first, 0.5) / 1000, unit: 's' },
    { name: 'from command to ready, second start', value: quantile(again, 0.5) / 1000, unit: 's' },
  ];
}

/** Claims per second from the first create to the last Bound, and memory before and after. */
export async function benchClaims(className: string, counts: readonly number[]): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Ti'] });
  try {
    const client = createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    const rows: BenchRow[] = [{ name: `resident memory, idle (class ${className})`, value: residentMiB(platform.pid), unit: 'MiB' }];
    for (const count of counts) {
      const seconds = await bindClaims(client, { className, count });
      rows.push({
        name: `${count} claims of class ${className}, create to all Bound`,
        value: count / seconds,
        unit: 'claims/s',
        peer: { name: 'upstream default, published', value: UPSTREAM_CLAIMS_PER_SEC },
      });
    }
    rows.push({
      name: `resident memory with ${counts.reduce((sum, count) => sum + count, 0)} claims (class ${className})`,
      value: residentMiB(platform.pid),
      unit: 'MiB',
    });
    return rows;
  } finally {
    await platform.remove();
  }
}

/** From the create of a claim and a pod to the first byte of the pod on the volume. */
export async function benchFirstWrite(runs: number): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  try {
    const client = createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
    await platform.kubectl.run(['create', 'namespace', NAMESPACE]);
    const latencies: number[] = [];
    for (let run = 0; run < runs; run += 1) latencies.push(await firstWriteMs(client, platform.dataDir, `w-${run}`));
    return [
      { name: 'pod with a new claim, apply to first write, p50', value: quantile(latencies, 0.5), unit: 'ms' },
      { name: 'pod with a new claim, apply to first write, slowest', value: Math.max(...latencies), unit: 'ms' },
    ];
  } finally {
    await platform.remove();
  }
}

async function bindClaims(client: Client, { className, count }: { readonly className: string; readonly count: number }): Promise<number> {
  const startMs = performance.now();
  const bound = await BoundClaims.start(client, NAMESPACE);
  const limiter = new Limiter(WRITERS);
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      limiter.run(() =>
        client.create(persistentVolumeClaims, {
          metadata: { name: `c-${count}-${index}`, namespace: NAMESPACE },
          spec: { storageClassName: className, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
        }),
      ),
    ),
  );
  await bound.until(count);
  bound.stop();
  return (performance.now() - startMs) / 1000;
}

async function firstWriteMs(client: Client, dataDir: string, name: string): Promise<number> {
  const startMs = Date.now();
  await client.create(persistentVolumeClaims, {
    metadata: { name, namespace: NAMESPACE },
    spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
  });
  const pod = await client.create(pods, {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', 'echo x > /data/first; sleep 3600'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
  });
  const writtenMs = await timeOfFile(dataDir, pod.metadata.uid);
  await client.delete(pods, { namespace: NAMESPACE, name }, { gracePeriodSec: 0 });
  await client.delete(persistentVolumeClaims, { namespace: NAMESPACE, name });
  return writtenMs - startMs;
}

/** Waits for the file `first` on a mount below the pod's folder, written at `sinceMs` or later, and answers when it was written. */
export async function timeOfFile(dataDir: string, podUid: string, sinceMs = 0): Promise<number> {
  for (;;) {
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const mount = line.split(' ')[4] ?? '';
      if (!mount.startsWith(dataDir) || !mount.includes(podUid)) continue;
      const stats = statSync(path.join(mount, 'first'), { throwIfNoEntry: false });
      if (stats !== undefined && stats.mtimeMs >= sinceMs) return stats.mtimeMs;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
