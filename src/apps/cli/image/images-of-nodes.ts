import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { SystemClock } from '#kit/clock.ts';
import { SystemExec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { FetchedImages } from '#node/images/fetched-images.ts';
import { NODE_NAME } from '../../server/nodes/node-names.ts';

/** Each node has its own images; those of a data directory that no node has run on yet are the first's. */
export async function imagesOfNodes(dataDir: string): Promise<readonly FetchedImages[]> {
  const nodes = path.join(dataDir, 'nodes');
  const names = existsSync(nodes) ? await readdir(nodes) : [];
  return (names.length === 0 ? [NODE_NAME] : names).map(
    (name) =>
      new FetchedImages({
        dir: path.join(nodes, name, 'images'),
        exec: new SystemExec(),
        clock: new SystemClock(),
        ids: new SystemIds(),
        insecureRegistries: [],
      }),
  );
}
