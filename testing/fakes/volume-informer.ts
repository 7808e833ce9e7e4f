import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import type { Informer, InformerHandler } from '#machinery/client/informer.ts';
import { ObjectCache } from '#machinery/client/object-cache.ts';

/** The parts of an informer of volumes that an index uses, over a cache that the test changes. */
export interface VolumeInformer {
  readonly informer: Informer<PersistentVolume>;
  put(volume: PersistentVolume): void;
  remove(volume: PersistentVolume): void;
}

/** An informer that knows what the test tells it, without an API. */
export function volumeInformer(): VolumeInformer {
  const cache = new ObjectCache<PersistentVolume>();
  const handlers: InformerHandler<PersistentVolume>[] = [];
  const informer = trusted<Informer<PersistentVolume>>({
    addIndexes: (indexes: Parameters<typeof cache.addIndexes>[0]) => cache.addIndexes(indexes),
    all: () => cache.all(),
    byIndex: (index: string, value: string) => cache.byIndex(index, value),
    subscribe: (handler: InformerHandler<PersistentVolume>) => handlers.push(handler),
  });
  return {
    informer,
    put: (volume) => {
      const previous = cache.put(volume);
      for (const handler of handlers) handler.onUpsert?.(volume, previous);
    },
    remove: (volume) => {
      cache.remove(volume.metadata.name);
      for (const handler of handlers) handler.onDelete?.(volume);
    },
  };
}
