import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { persistentVolumes } from '#api/resources.ts';
import { TOPOLOGY_KEY } from '#drivers/local/create-request.ts';
import type { PoolHistory } from '#drivers/local/pool-presence.ts';
import { isRecord } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { LOCAL_DRIVER } from './initial-objects.ts';
import type { DataDirectory } from './data-directory.ts';

/** What tells that the node's pool was there before: a file beside the node's own things, and the PersistentVolumes that lie there. */
export function poolHistory(directory: DataDirectory, nodeName: string, client: Client): PoolHistory {
  return { markerPath: fileOf(directory, nodeName, 'pool.json'), countVolumes: () => countVolumes(nodeName, client) };
}

/** The same for a further node, which may not list volumes: it goes by the number that its platform noted. */
export function notedPoolHistory(directory: DataDirectory, nodeName: string): PoolHistory {
  const noted = fileOf(directory, nodeName, NOTED);
  return {
    markerPath: fileOf(directory, nodeName, 'pool.json'),
    countVolumes: async () => (existsSync(noted) ? Number(readFileSync(noted, 'utf8')) : 0),
  };
}

/** Notes how many volumes lie on a further node, before it starts. */
export async function noteVolumeCount(directory: DataDirectory, nodeName: string, client: Client): Promise<void> {
  writeFileSync(fileOf(directory, nodeName, NOTED), String(await countVolumes(nodeName, client)), { mode: 0o600 });
}

const NOTED = 'volume-count';

function fileOf({ nodes }: DataDirectory, nodeName: string, name: string): string {
  const dir = path.join(nodes, nodeName);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return path.join(dir, name);
}

async function countVolumes(nodeName: string, client: Client): Promise<number> {
  return (await client.list(persistentVolumes)).items.filter((volume) => liesOn(volume, nodeName)).length;
}

function liesOn({ spec }: PersistentVolume, nodeName: string): boolean {
  if (spec.csi?.driver !== LOCAL_DRIVER) return false;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(
      (expression) => isRecord(expression) && expression.key === TOPOLOGY_KEY && expression.values?.includes(nodeName) === true,
    ),
  );
}
