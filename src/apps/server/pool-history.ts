import { mkdirSync } from 'node:fs';
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
export function poolHistory({ nodes }: DataDirectory, nodeName: string, client: Client): PoolHistory {
  const dir = path.join(nodes, nodeName);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    markerPath: path.join(dir, 'pool.json'),
    countVolumes: async () => (await client.list(persistentVolumes)).items.filter((volume) => liesOn(volume, nodeName)).length,
  };
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
