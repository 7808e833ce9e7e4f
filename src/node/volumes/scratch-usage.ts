import type { Pod, Volume } from '#api/generated/kubernetes.ts';
import { bytesOf } from '#kit/quantity.ts';

/** Where a volume is inside its directory. */
export const MOUNT = 'mount';

/** The emptyDir volumes on disk that have a limit; those in memory are limited by their file system. Pure. */
export function limitedScratchOf(pod: Pod): readonly Volume[] {
  return (pod.spec.volumes ?? []).filter(({ emptyDir }) => (emptyDir?.medium ?? '') === '' && bytesOf(emptyDir?.sizeLimit ?? '0') > 0n);
}
