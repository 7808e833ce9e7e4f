import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import { isRecord } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { readRecordIfAny, writeTextAtomic } from '#linux/small-files.ts';
import { addressIn, type AddressRange, chooseBlock, gatewayOf, overlaps, parseRange } from './address-block.ts';
import { bridgeName } from './interface-names.ts';

/** Nodes that are to have blocks of a range. */
export interface BlockClaim {
  /** `none` = no network for pods. */
  readonly range: string;
  /** Directories of the nodes. */
  readonly nodeDirs: readonly string[];
  readonly exec: Exec;
  readonly log: Logger;
}

/**
 * Gives each node a block of addresses that nothing else on this machine has, the one it had before where that is still free, and answers their gateways.
 * What can't be had is left out: pods of that node have no address.
 */
export async function claimBlocks({ range: text, nodeDirs, exec, log }: BlockClaim): Promise<string[]> {
  const range = parseRange(text);
  const routes = range === undefined ? [] : await routesOf(exec, log);
  const gateways: string[] = [];
  const claimed: AddressRange[] = [];
  for (const dir of nodeDirs) {
    const taken = [...claimed, ...routes.filter(({ device }) => device !== bridgeName(dir)).map((route) => route.range)];
    const before = await readBlock(dir);
    const isGood =
      range !== undefined && before !== undefined && overlaps(range, before) && !taken.some((other) => overlaps(before, other));
    const block = isGood ? before : range && chooseBlock(range, taken, createHash('sha256').update(dir).digest().readUInt32BE());
    await writeTextAtomic(
      blockFile(dir),
      JSON.stringify({ block: block === undefined ? '' : `${addressIn(block, 0)}/${block.bits}`, range: text }),
    );
    if (block === undefined) continue;
    claimed.push(block);
    gateways.push(gatewayOf(block));
  }
  return gateways;
}

/** The block of a node; undefined where it has none. */
export async function readBlock(nodeDir: string): Promise<AddressRange | undefined> {
  const text = (await readRecordIfAny(blockFile(nodeDir)))?.['block'];
  return typeof text === 'string' ? parseRange(text) : undefined;
}

/** The range of which every node has its block; undefined where the node was started by a version that did not say. */
export async function readPodRange(nodeDir: string): Promise<AddressRange | undefined> {
  const text = (await readRecordIfAny(blockFile(nodeDir)))?.['range'];
  return typeof text === 'string' ? parseRange(text) : undefined;
}

function blockFile(nodeDir: string): string {
  return join(nodeDir, 'network.json');
}

interface Route {
  readonly device: string;
  readonly range: AddressRange;
}

/** Where this machine sends what, beside the default. */
async function routesOf(exec: Exec, log: Logger): Promise<Route[]> {
  try {
    const { stdout } = await exec.run(['ip', '-j', '-4', 'route', 'show']);
    const listed: unknown = JSON.parse(stdout);
    return (Array.isArray(listed) ? listed : []).filter(isRecord).flatMap(({ dst, dev }) => {
      const range = typeof dst === 'string' ? parseRange(dst) : undefined;
      return range === undefined ? [] : [{ device: String(dev), range }];
    });
  } catch (error) {
    log.info('the routes of this machine could not be read', { err: PlatformError.from(error) });
    return [];
  }
}
