import { bucketClasses } from '#api/generated/definitions.ts';
import type { Resource } from '#api/meta/resource.ts';
import { allocationOf } from '#api/projects/allocation.ts';
import { storageClasses } from '#api/resources.ts';
import type { UsesReader } from '../plugins/plugin.ts';
import { objectsInWords } from '../plugins/words.ts';

const CLASSES: readonly Resource[] = [storageClasses, bucketClasses];

/** Classes that only some projects may use, in words: without the rules of projects they would be everybody's. */
export async function allocatedClasses({ instances }: Pick<UsesReader, 'instances'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const resource of CLASSES) {
    const allocated = (await instances(resource)).filter(({ metadata }) => allocationOf(metadata.labels).kind === 'projects');
    if (allocated.length > 0) found.push(`${objectsInWords(resource, allocated)}, allocated to projects by labels`);
  }
  return found;
}
