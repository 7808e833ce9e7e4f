import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { LIVE_PATH, type LiveQuery } from '#api/console-frames.ts';
import { trustedItems } from '#api/console-items.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { browserClock } from './clock.ts';
import { INDEXES } from './indexes.ts';
import { type LinkState, openWebSocket } from './live-socket.ts';
import { type LiveList, LiveStore } from './live-store.ts';

const LiveContext = createContext<LiveStore | undefined>(undefined);

/** Keeps the tab's connection open while the signed-in part of the console is shown. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [store] = useState(
    () =>
      new LiveStore({
        open: (handlers) => openWebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${LIVE_PATH}`, handlers),
        clock: browserClock,
        fraction: Math.random,
        onNextFrame: (callback) => void requestAnimationFrame(callback),
        indexes: INDEXES,
      }),
  );
  useEffect(() => {
    store.connect();
    return () => store.close();
  }, [store]);
  return <LiveContext value={store}>{children}</LiveContext>;
}

/** The tab's live lists. @throws TypeError outside a LiveProvider */
export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext);
  if (store === undefined) throw new TypeError('useLiveStore must be used inside LiveProvider');
  return store;
}

/** Whether data flows. */
export function useLink(): LinkState {
  const store = useLiveStore();
  return useSyncExternalStore(
    (listener) => store.subscribeLink(listener),
    () => store.link,
  );
}

/** A {@link LiveList} whose objects have their type. */
export interface TypedList<K extends KubeObject> extends Omit<LiveList, 'items'> {
  readonly items: readonly K[];
}

/** Follows every `resource` object, of one namespace where one is given. */
export function useLiveList<K extends KubeObject>(resource: Resource<K>, scope: Omit<LiveQuery, 'resource'> = {}): TypedList<K> {
  const store = useLiveStore();
  const name = groupResourceOf(resource);
  const { namespace, fieldSelector } = scope;
  const query = useMemo<LiveQuery>(() => ({ resource: name, namespace, fieldSelector }), [name, namespace, fieldSelector]);
  const subscribe = useMemo(() => (listener: () => void) => store.subscribe(query, listener), [store, query]);
  const list = useSyncExternalStore(subscribe, () => store.read(query));
  return useMemo(() => ({ ...list, items: trustedItems(resource, list.items) }), [list, resource]);
}
