import { copyFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { claimDirectories } from '#api/generated/definitions.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import type { BenchRow } from './row.ts';

const MIB = 2 ** 20;

/** Bytes of a claim that are copied into another one, each of them, against a copy of a file of that size on the same disk. */
export async function benchCopy(
  client: Client,
  {
    namespace,
    dataDir,
    claimName,
    dataMib,
  }: { readonly namespace: string; readonly dataDir: string; readonly claimName: string; readonly dataMib: number },
): Promise<readonly BenchRow[]> {
  const disk = await diskMibPerSec(dataDir, dataMib);
  await client.create(claimDirectories, { metadata: { name: 'all', namespace }, spec: { claimName } });
  const key = { namespace, name: 'copied' };
  const startMs = performance.now();
  await client.create(persistentVolumeClaims, {
    metadata: key,
    spec: {
      storageClassName: 'local',
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      dataSourceRef: { apiGroup: 'populators.stowage.dev', kind: 'ClaimDirectory', name: 'all' },
    },
  });
  while ((await client.get(persistentVolumeClaims, key)).status?.phase !== 'Bound') await wait(20);
  const value = dataMib / ((performance.now() - startMs) / 1_000);
  return [
    {
      name: `${dataMib} MiB of a claim copied into another, create to Bound`,
      value,
      unit: 'MiB/s',
      peer: { name: 'a file on the same disk, synced', value: Math.round(disk) },
    },
  ];
}

/** What a copy of a file reaches that ends on the disk, read from the page cache as that of the claim is. */
async function diskMibPerSec(dataDir: string, dataMib: number): Promise<number> {
  const dir = await mkdtemp(path.join(dataDir, 'bench-'));
  try {
    const [from, to] = [path.join(dir, 'from'), path.join(dir, 'to')];
    const chunk = randomBytes(MIB);
    const file = await open(from, 'w');
    for (let written = 0; written < dataMib; written += 1) await file.write(chunk);
    await file.sync();
    await file.close();
    await writeFile(to, '');
    const startMs = performance.now();
    await copyFile(from, to);
    const copied = await open(to, 'r+');
    await copied.sync();
    await copied.close();
    return dataMib / ((performance.now() - startMs) / 1_000);
  } finally {
    await rm(dir, { recursive: true });
  }
}
