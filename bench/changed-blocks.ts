import { setTimeout as wait } from 'node:timers/promises';
import {
  type SnapshotMetadataService,
  snapshotMetadataServices,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import { SnapshotMetadataClient } from '#testing/clients/snapshot-metadata.ts';
import type { PlatformProcess } from '#testing/platform/platform-process.ts';
import { quantile } from './quantile.ts';
import type { BenchRow } from './row.ts';

const GIB = 10;
/** 64 KiB each, so that they are 1 % of the volume. */
const WRITES = 1_638;
const STRIDE = Math.floor((GIB * 2 ** 14) / WRITES);
const CALLS = 5;

/** How long a backup program waits until it knows which blocks of a large volume have changed. */
export async function benchChangedBlocks(platform: PlatformProcess, client: Client, namespace: string): Promise<readonly BenchRow[]> {
  const volume = { name: 'large', namespace };
  await client.create(persistentVolumeClaims, {
    metadata: volume,
    spec: {
      storageClassName: 'local',
      volumeMode: 'Block',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: `${GIB}Gi` } },
    },
  });
  await writeOnePercent(client, namespace, 0);
  await take(client, namespace, 'large-1');
  await writeOnePercent(client, namespace, 1);
  await take(client, namespace, 'large-2');
  const service: SnapshotMetadataService = await client.get(snapshotMetadataServices, { namespace: '', name: 'local.stowage.dev' });
  await platform.kubectl.run(['create', 'serviceaccount', 'backup', '-n', namespace]);
  await platform.kubectl.run([
    'create',
    'rolebinding',
    'backup',
    '-n',
    namespace,
    '--clusterrole=view',
    `--serviceaccount=${namespace}:backup`,
  ]);
  const token = await platform.kubectl.run(['create', 'token', 'backup', '-n', namespace, '--audience', service.spec.audience]);
  const question = {
    securityToken: token.trim(),
    namespace,
    baseSnapshotId: await handleOf(client, namespace),
    targetSnapshotName: 'large-2',
  };
  const asking = new SnapshotMetadataClient(service.spec);
  const times: number[] = [];
  let pieces = 0;
  for (let call = 0; call < CALLS; call += 1) {
    const startMs = performance.now();
    pieces = (await asking.pieces(question)).length;
    times.push((performance.now() - startMs) / 1_000);
  }
  asking.close();
  return [
    { name: `changed blocks of ${GIB} GiB with 1 % written (${pieces} pieces), call to last`, value: quantile(times, 0.5), unit: 's' },
  ];
}

async function writeOnePercent(client: Client, namespace: string, round: number): Promise<void> {
  const name = `writer-${round}`;
  const script = `n=0; while [ $n -lt ${WRITES} ]; do dd if=/dev/urandom of=/dev/raw bs=64k count=1 seek=$((n*${STRIDE}+${round})) conv=notrunc 2>/dev/null; n=$((n+1)); done; sync`;
  await client.create(pods, {
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: 'busybox', command: ['sh', '-c', script], volumeDevices: [{ name: 'raw', devicePath: '/dev/raw' }] },
      ],
      volumes: [{ name: 'raw', persistentVolumeClaim: { claimName: 'large' } }],
    },
  });
  while ((await client.get(pods, { namespace, name })).status?.phase !== 'Succeeded') await wait(50);
}

async function take(client: Client, namespace: string, name: string): Promise<void> {
  await client.create(volumeSnapshots, {
    metadata: { name, namespace },
    spec: { volumeSnapshotClassName: 'snaps', source: { persistentVolumeClaimName: 'large' } },
  });
  while ((await client.get(volumeSnapshots, { namespace, name })).status?.readyToUse !== true) await wait(20);
}

async function handleOf(client: Client, namespace: string): Promise<string> {
  const { status } = await client.get(volumeSnapshots, { namespace, name: 'large-1' });
  const content = await client.get(volumeSnapshotContents, { namespace: '', name: status?.boundVolumeSnapshotContentName ?? '' });
  return content.status?.snapshotHandle ?? '';
}
