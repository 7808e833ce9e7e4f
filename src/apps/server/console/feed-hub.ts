import type { LiveQuery } from '#api/console-frames.ts';
import type { Resource } from '#api/meta/resource.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { classCapabilities } from '#api/capabilities/class-capabilities.ts';
import { claimStatuses } from '#api/claim-status.ts';
import { BUILT_IN_RESOURCES, storageClasses } from '#api/resources.ts';
import type { ClaimStatuses } from '#controllers/stowage/explain/claim-statuses.ts';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { CapabilityFeed, type KnownDrivers } from './capability-feed.ts';
import { Feed } from './feed.ts';
import type { FeedListener, LiveFeed } from './live-feed.ts';
import { StatusFeed } from './status-feed.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';

/** A feed nobody listens to is kept this long, in milliseconds, so that changing pages costs no new list. */
const LINGER_MS = 5_000;

/** What the hub needs to make feeds. */
export interface FeedHubOptions {
  readonly clientFor: (user: UserInfo) => Client;
  /** Of all claims that wait; from when the platform has started. */
  readonly statuses: Promise<ClaimStatuses>;
  /** What is known of drivers, for what their classes can do. */
  readonly knownDrivers: KnownDrivers;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** A listener's hold on a feed. */
export interface FeedSubscription {
  readonly feed: LiveFeed;
  readonly cancel: () => void;
}

const RESOURCES: ReadonlyMap<string, Resource> = new Map(
  [...BUILT_IN_RESOURCES, claimStatuses, classCapabilities].map((resource) => [groupResourceOf(resource), resource]),
);

interface Wanted {
  readonly user: UserInfo;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly fieldSelector: string | undefined;
}

/** One feed per user identity and query, so that ten tabs cost one watch. */
export class FeedHub {
  readonly #options: FeedHubOptions;
  readonly #feeds = new Map<string, LiveFeed>();

  constructor(options: FeedHubOptions) {
    this.#options = options;
  }

  /** Undefined for a resource that the API doesn't have. */
  subscribe(user: UserInfo, query: LiveQuery, listener: FeedListener): FeedSubscription | undefined {
    const resource = RESOURCES.get(query.resource);
    if (resource === undefined) return undefined;
    const { namespace, fieldSelector } = query;
    const key = JSON.stringify([user.name, [...user.groups].sort(), query.resource, namespace ?? '', fieldSelector ?? '']);
    const feed = this.#feeds.get(key) ?? this.#open(key, { user, resource, namespace, fieldSelector });
    const unsubscribe = feed.subscribe(listener);
    return {
      feed,
      cancel: () => {
        unsubscribe();
        if (feed.listeners === 0) this.#options.clock.after(LINGER_MS, () => this.#closeUnused(key, feed));
      },
    };
  }

  get size(): number {
    return this.#feeds.size;
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
  }

  #open(key: string, wanted: Wanted): LiveFeed {
    const feed = this.#make(wanted);
    this.#feeds.set(key, feed);
    return feed;
  }

  #make({ user, ...what }: Wanted): LiveFeed {
    const { clientFor, statuses, knownDrivers, clock, ids, log } = this.#options;
    const client = clientFor(user);
    const base = { client, clock, ids, log };
    if (what.resource === claimStatuses) return new StatusFeed({ client, namespace: what.namespace ?? '', statuses, clock });
    if (what.resource === classCapabilities) return new CapabilityFeed(new Feed({ ...base, resource: storageClasses }), knownDrivers);
    return new Feed({ ...base, ...what });
  }

  #closeUnused(key: string, feed: LiveFeed): void {
    if (feed.listeners > 0 || this.#feeds.get(key) !== feed) return;
    feed.stop();
    this.#feeds.delete(key);
  }
}
