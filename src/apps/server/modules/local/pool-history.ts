import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { persistentVolumes } from '#api/resources.ts';
import { TOPOLOGY_KEY } from '#drivers/local/create-request.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import type { PoolHistory } from '#drivers/local/pool-presence.ts';
import { isRecord } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';

/**
 * What tells that the node's pool was there before: a file among the node's own things, and the PersistentVolumes that lie there. Without `client`, as
 * on a further node, which may not list volumes, it goes by the number that its platform noted.
 */
export function poolHistory(nodeDir: string, nodeName: string, client?: Client): PoolHistory {
  const noted = fileOf(nodeDir, NOTED);
  const countNoted = async (): Promise<number> => (existsSync(noted) ? Number(readFileSync(noted, 'utf8')) : 0);
  return {
    markerPath: fileOf(nodeDir, 'pool.json'),
    countVolumes: client === undefined ? countNoted : () => countVolumes(nodeName, client),
  };
}

/** Notes how many volumes lie on a further node, before it starts. */
export async function noteVolumeCount(nodeDir: string, nodeName: string, client: Client): Promise<void> {
  writeFileSync(fileOf(nodeDir, NOTED), String(await countVolumes(nodeName, client)), { mode: 0o600 });
}

const NOTED = 'volume-count';

function fileOf(nodeDir: string, name: string): string {
  mkdirSync(nodeDir, { recursive: true, mode: 0o700 });
  return path.join(nodeDir, name);
}

async function countVolumes(nodeName: string, client: Client): Promise<number> {
  return (await client.list(persistentVolumes)).items.filter((volume) => liesOn(volume, nodeName)).length;
}

function liesOn({ spec }: PersistentVolume, nodeName: string): boolean {
  if (spec.csi?.driver !== DRIVER_NAME) return false;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(
      (expression) => isRecord(expression) && expression.key === TOPOLOGY_KEY && expression.values?.includes(nodeName) === true,
    ),
  );
}
