import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { volumeSnapshots } from '#api/generated/definitions.ts';
import { SystemClock } from '#kit/clock.ts';
import { createHttpClient, type HttpClient } from '#machinery/client/http-client.ts';
import { loadKubeconfig } from '#machinery/client/kubeconfig.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf } from './snapshots/objects.ts';

const CLASS = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshotClass',
  metadata: { name: 'usual', annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } },
  driver: 'local.stowage.dev',
  deletionPolicy: 'Delete',
};
const MIB = 2 ** 20;
const NAMES = Array.from({ length: 100 }, (_, index) => `s${index + 1}`);
/** As good as random, and the same each time: 37 and 100 have no common divisor. */
const SHUFFLED = NAMES.map((_, index) => NAMES[(index * 37 + 3) % NAMES.length] ?? '');
const [SURVIVORS, DELETED] = [SHUFFLED.slice(0, 5), SHUFFLED.slice(5)];

/** Adds a numbered record with its checksum. */
const WRITE = `trap "exit 0" TERM; n=0
while n=$((n+1)); do
  printf '%-511s\\n' "$n $(echo $n | md5sum | cut -d' ' -f1)" | dd of=/dev/source bs=512 seek=$((n-1)) conv=notrunc,fsync 2>/dev/null || exit 1
  echo $n
done`;

function pod(name: string, script: string, claims: readonly string[]): unknown {
  const devices = claims.map((claim) => ({ name: claim, devicePath: `/dev/${claim}` }));
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', script], volumeDevices: devices };
  const volumes = claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container], volumes },
  };
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-1: 100 snapshots of one volume', () => {
  let platform: PlatformProcess;
  let client: HttpClient;
  let usedBefore: number;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await apply(CLASS, claimOf('source', '8Mi', { volumeMode: 'Block' }), pod('writer', WRITE, ['source']));
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
    await eventually(async () => expect(await platform.kubectl.run(['logs', 'writer'])).toContain('5\n'));
    client = createHttpClient({ config: await loadKubeconfig(platform.kubeconfig), clock: new SystemClock() });
    usedBefore = await usedBytes();
  });
  afterAll(async () => {
    client?.close();
    await platform.remove();
  });

  /** What is used of the disk that the pool is. */
  const usedBytes = async (): Promise<number> => {
    const pools = path.join(platform.dataDir, 'pools');
    const volumes = readdirSync(pools, { recursive: true, encoding: 'utf8' }).find((file) => path.basename(file) === 'volumes');
    const { blocks, bfree, bsize } = await statfs(path.join(pools, volumes ?? ''));
    return (blocks - bfree) * bsize;
  };
  const isReady = async (): Promise<void> => {
    const { items } = await client.list(volumeSnapshots, { namespace: 'default' });
    expect(items.filter(({ status }) => status?.readyToUse === true)).toHaveLength(NAMES.length);
  };

  const apply = (...items: readonly unknown[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

  it('leaves each survivor whole, and what was made of the others, when they go in any order', async () => {
    const { kubectl } = platform;
    const spec = { source: { persistentVolumeClaimName: 'source' } };
    await Promise.all(NAMES.map((name) => client.create(volumeSnapshots, { metadata: { name, namespace: 'default' }, spec })));
    await eventually(isReady);
    const sources = [...SURVIVORS, ...DELETED.slice(0, 3)];
    const made = (name: string): unknown => claimOf(`of-${name}`, '8Mi', { volumeMode: 'Block', dataSource: name });
    await apply(...DELETED.slice(0, 3).map(made));
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc', '--all', '--timeout=60s']);
    for (const name of DELETED) await client.delete(volumeSnapshots, { namespace: 'default', name });
    await eventually(async () => expect((await inspectMachine(platform.dataDir)).snapshots).toHaveLength(SURVIVORS.length));
    await apply(
      ...SURVIVORS.map(made),
      pod(
        'reader',
        'for d in /dev/of-*; do tr -d "\\000" <$d | tr -s " " | sed "s|^|$d |"; done',
        sources.map((name) => `of-${name}`),
      ),
    );
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/reader', '--timeout=60s']);
    const lines = (await kubectl.run(['logs', 'reader']))
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    for (const name of sources) {
      const records = lines.filter(([device]) => device === `/dev/of-${name}`);
      const whole = records.map((_, index) => [
        `${index + 1}`,
        createHash('md5')
          .update(`${index + 1}\n`)
          .digest('hex'),
      ]);
      expect(
        records.map(([, number, sum]) => [number, sum]),
        name,
      ).toEqual(whole);
      expect(records.length, name).toBeGreaterThan(0);
    }
  });

  it('gives back all their space, as the disk says', async () => {
    await platform.kubectl.run(['delete', 'pod', '--all']);
    await platform.kubectl.run(['delete', 'volumesnapshot,pvc', '--all']);
    await eventually(async () =>
      expect(await inspectMachine(platform.dataDir, platform.pid)).toMatchObject({ volumes: [], snapshots: [], halves: [] }),
    );
    await eventually(async () => expect(await usedBytes()).toBeLessThan(usedBefore + MIB));
  });
});
