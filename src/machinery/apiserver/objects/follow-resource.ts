import type { ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import type { Store, StoreWatch } from '../../store/store.ts';

/** Tells `set` of every object of a resource that is stored, now and after each change; undefined = it is gone. */
export function followResource<K extends KubeObject>(
  store: Store,
  resource: Resource<K>,
  set: (key: ObjectKey, object: K | undefined) => void,
): StoreWatch {
  const scope = { resource: groupResourceOf(resource) };
  // why trusted: the store holds under a resource only what its kind let through
  const page = store.list(scope);
  for (const { key, object } of page.entries) set(key, trusted<K>(object));
  return store.watch(scope, page.revision, {
    onEvents: (events) => {
      for (const { type, entry } of events) set(entry.key, type === 'DELETED' ? undefined : trusted<K>(entry.object));
    },
    onClose: () => {},
  });
}
