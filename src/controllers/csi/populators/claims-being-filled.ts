import type { KubeObject } from '#api/meta/object.ts';
import { formatKeyOf } from '#api/meta/object.ts';
import { hasFinalizer } from '#api/meta/finalizers.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { POPULATE_FINALIZER } from '#api/storage/populator.ts';
import { listed } from '#kit/listed.ts';

/** Claims whose volumes are being filled, in words: without populators they would wait for ever. */
export async function claimsBeingFilled({
  instances,
}: {
  readonly instances: <K extends KubeObject>(resource: Resource<K>) => Promise<readonly K[]> | readonly K[];
}): Promise<readonly string[]> {
  const filling = (await instances(persistentVolumeClaims)).filter((claim) => hasFinalizer(claim, POPULATE_FINALIZER));
  return filling.length === 0 ? [] : [`claims that are being filled: ${listed(filling.map(formatKeyOf))}`];
}
