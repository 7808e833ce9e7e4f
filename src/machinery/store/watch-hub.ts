import type { Logger } from '#kit/log.ts';
import type { StoreEvent, StoreScope, StoreWatcher } from './store.ts';

/** A watcher and how far it has seen. */
interface Subscriber {
  readonly scope: StoreScope;
  readonly watcher: StoreWatcher;
  /** Events up to and including this revision were delivered or are not wanted. */
  position: number;
}

/** Subscribers of one resource. */
interface Audience {
  readonly all: Set<Subscriber>;
  readonly byNamespace: Map<string, Set<Subscriber>>;
}

/** Hands events to those who watch their resource and namespace; watchers of other resources cost nothing. */
export class WatchHub {
  readonly #log: Logger;
  readonly #audiences = new Map<string, Audience>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Adds a watcher that has seen everything up to `position` except `missed`, delivers these, and returns the disposer. */
  subscribe(
    scope: StoreScope,
    watcher: StoreWatcher,
    state: { readonly position: number; readonly missed: readonly StoreEvent[] },
  ): () => void {
    const subscriber: Subscriber = { scope, watcher, position: state.position };
    this.#setOf(scope).add(subscriber);
    if (state.missed.length > 0) this.#hand(subscriber, state.missed);
    return () => this.#remove(subscriber);
  }

  /** Delivers durable events, in order of revision. */
  publish(events: readonly StoreEvent[]): void {
    for (const [resource, ofResource] of Map.groupBy(events, (event) => event.entry.key.resource)) {
      const audience = this.#audiences.get(resource);
      if (audience === undefined) continue;
      this.#deliver(audience.all, ofResource);
      if (audience.byNamespace.size === 0) continue;
      for (const [namespace, ofNamespace] of Map.groupBy(ofResource, (event) => event.entry.key.namespace)) {
        const subscribers = audience.byNamespace.get(namespace);
        if (subscribers !== undefined) this.#deliver(subscribers, ofNamespace);
      }
    }
  }

  /** Ends all watches. */
  close(): void {
    const audiences = [...this.#audiences.values()];
    this.#audiences.clear();
    for (const audience of audiences) {
      for (const subscribers of [audience.all, ...audience.byNamespace.values()]) {
        for (const subscriber of subscribers) this.#end(subscriber);
      }
    }
  }

  #deliver(subscribers: ReadonlySet<Subscriber>, events: readonly StoreEvent[]): void {
    const first = events[0]?.revision ?? 0;
    const last = events.at(-1)?.revision ?? 0;
    for (const subscriber of subscribers) {
      const { position } = subscriber;
      // why: a watch that was opened by another watcher during this delivery got some of these events as missed ones
      const fresh = position < first ? events : events.filter((event) => event.revision > position);
      if (fresh.length === 0) continue;
      subscriber.position = last;
      this.#hand(subscriber, fresh);
    }
  }

  #hand(subscriber: Subscriber, events: readonly StoreEvent[]): void {
    try {
      subscriber.watcher.onEvents(events);
    } catch (err) {
      // why: one broken watcher must not keep events from the others, and must not go on with a gap
      this.#log.error('a watcher failed and was ended', { kind: subscriber.scope.resource, err });
      this.#remove(subscriber);
      this.#end(subscriber);
    }
  }

  #end(subscriber: Subscriber): void {
    try {
      subscriber.watcher.onClose();
    } catch (err) {
      this.#log.error('a watcher failed while it was ended', { kind: subscriber.scope.resource, err });
    }
  }

  #setOf({ resource, namespace }: StoreScope): Set<Subscriber> {
    const audience = this.#audiences.get(resource) ?? { all: new Set<Subscriber>(), byNamespace: new Map<string, Set<Subscriber>>() };
    this.#audiences.set(resource, audience);
    if (namespace === undefined) return audience.all;
    const subscribers = audience.byNamespace.get(namespace) ?? new Set<Subscriber>();
    audience.byNamespace.set(namespace, subscribers);
    return subscribers;
  }

  #remove(subscriber: Subscriber): void {
    const { resource, namespace } = subscriber.scope;
    const audience = this.#audiences.get(resource);
    if (audience === undefined) return;
    const subscribers = namespace === undefined ? audience.all : audience.byNamespace.get(namespace);
    subscribers?.delete(subscriber);
    if (namespace !== undefined && subscribers?.size === 0) audience.byNamespace.delete(namespace);
    if (audience.all.size === 0 && audience.byNamespace.size === 0) this.#audiences.delete(resource);
  }
}
