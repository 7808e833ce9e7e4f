import { basename, dirname, join } from 'node:path';
import { readlink } from 'node:fs/promises';
import type { Exec } from '#kit/exec.ts';
import { isPresent, listNames } from '#linux/small-files.ts';
import { bridgeName, linkPrefix } from './interface-names.ts';
import { runBatch } from './run-batch.ts';

/** Numbers of the two ends of a link between bridges; those of pods are smaller. */
const NEAR = 255;
const FAR = 256;

/**
 * Links the bridges of all nodes of this machine, so that pods of one node reach those of another without any routing by the machine: each node's bridge
 * to that of the first node, which makes a star and no ring. Bridges that are not there yet are linked when their node starts. Idempotent. @throws CommandFailed
 */
export async function joinBridges(exec: Exec, nodeDir: string): Promise<void> {
  const nodes = (await listNames(dirname(nodeDir))).toSorted().map((name) => join(dirname(nodeDir), name));
  const [hub, ...others] = nodes;
  if (hub === undefined) return;
  for (const other of nodeDir === hub ? others : [nodeDir]) await joinTo(exec, hub, other);
}

/** Takes the node's own link to the first node's bridge away. */
export async function leaveBridges(exec: Exec, nodeDir: string): Promise<void> {
  const near = nameOf(nodeDir, NEAR);
  if (await isPresent(classOf(near))) await runBatch(exec, [`link delete ${near}`]);
}

async function joinTo(exec: Exec, hub: string, other: string): Promise<void> {
  const [hubBridge, bridge] = [bridgeName(hub), bridgeName(other)];
  if (!(await isPresent(classOf(hubBridge))) || !(await isPresent(classOf(bridge)))) return;
  const [near, far] = [nameOf(other, NEAR), nameOf(other, FAR)];
  if ((await masterOf(near)) === bridge && (await masterOf(far)) === hubBridge) return;
  await leaveBridges(exec, other);
  await runBatch(exec, [
    `link add ${near} type veth peer name ${far}`,
    `link set ${near} master ${bridge} up`,
    `link set ${far} master ${hubBridge} up`,
  ]);
}

function nameOf(nodeDir: string, end: number): string {
  return `${linkPrefix(nodeDir)}${end}`;
}

function classOf(name: string): string {
  return `/sys/class/net/${name}`;
}

/** The bridge that a link is part of; undefined where there is none. */
async function masterOf(name: string): Promise<string | undefined> {
  const target = await readlink(`${classOf(name)}/master`).catch(() => undefined);
  return target === undefined ? undefined : basename(target);
}
