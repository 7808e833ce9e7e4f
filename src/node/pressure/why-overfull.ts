import { join } from 'node:path';
import type { Pod } from '#api/generated/kubernetes.ts';
import { podAmounts } from '#api/pod-resources.ts';
import type { Exec } from '#kit/exec.ts';
import { bytesOf, formatBytes, quantityToBigInt } from '#kit/quantity.ts';
import { limitedScratchOf, MOUNT } from '../volumes/scratch-usage.ts';
import { containerUses, diskUse, type MeasuredPod, scratchUse } from './container-usage.ts';

const RESOURCE = 'ephemeral-storage';

/** True where something limits what the pod may take of the node's disk. Pure. */
export function isDiskLimited(pod: Pod): boolean {
  return limitedScratchOf(pod).length > 0 || pod.spec.containers.some(({ resources }) => resources?.limits?.[RESOURCE] !== undefined);
}

/** Why the pod takes more of the node's disk than it may, in kubelet's words; undefined where it does not. Reads only. */
export async function whyOverfull(exec: Exec, on: MeasuredPod): Promise<string | undefined> {
  for (const { name, emptyDir } of limitedScratchOf(on.pod)) {
    const limit = emptyDir?.sizeLimit ?? '0';
    if ((await diskUse(exec, [join(on.paths.volume(name), MOUNT)])) > bytesOf(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(limit)}. `;
  }
  const limits = on.pod.spec.containers.flatMap(({ name, resources }) => {
    const limit = resources?.limits?.[RESOURCE];
    return limit === undefined ? [] : [{ name, limit }];
  });
  return limits.length === 0 ? undefined : whyContainersOverfull(exec, on, limits);
}

async function whyContainersOverfull(
  exec: Exec,
  on: MeasuredPod,
  limits: readonly { readonly name: string; readonly limit: string }[],
): Promise<string | undefined> {
  const names = new Set(on.pod.spec.containers.map(({ name }) => name));
  const uses = (await containerUses(exec, on)).filter(({ name }) => names.has(name));
  const over = limits.find(({ name, limit }) => (uses.find((use) => use.name === name)?.used ?? 0n) > bytesOf(limit));
  if (over !== undefined) return `Container ${over.name} exceeded its local ephemeral storage limit ${JSON.stringify(over.limit)}. `;
  const total = uses.reduce((sum, { used }) => sum + used, 0n) + (await scratchUse(exec, on));
  const most = mostOf(on.pod, limits);
  return total > most ? `Pod ephemeral local storage usage exceeds the total limit of containers ${formatBytes(most)}. ` : undefined;
}

/** The limit of the whole pod, with what containers before the others, and beside them, may take (kubelet `podEphemeralStorageLimitEviction`). */
function mostOf(pod: Pod, limits: readonly { readonly limit: string }[]): bigint {
  const limit = podAmounts(pod, 'limits')[RESOURCE];
  return limit === undefined ? limits.reduce((sum, each) => sum + bytesOf(each.limit), 0n) : quantityToBigInt(limit);
}
