import { classCapabilities, type ResolvedClass } from '#api/capabilities/class-capabilities.ts';
import { capabilitiesOf } from '#api/capabilities/resolve.ts';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { trustedItem } from '#api/console-items.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { storageClasses } from '#api/resources.ts';
import { descriptionsOf, type OwnDriver } from '#controllers/stowage/capabilities/own-drivers.ts';
import type { PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { FeedListener, LiveFeed } from './feed.ts';

/** What is known of drivers beside what their classes say. */
export interface KnownDrivers {
  readonly own: () => readonly OwnDriver[];
  /** The ConfigMaps that describe drivers, now. */
  descriptions(): readonly ConfigMap[];
  /** Calls back when one changed; answers a disposer. */
  onChange(listener: () => void): () => void;
}

/** What the classes of another feed can do, for those who may list the classes. */
export class CapabilityFeed implements LiveFeed {
  readonly #classes: LiveFeed;
  readonly #known: KnownDrivers;
  readonly #listeners = new Set<FeedListener>();
  readonly #objects = new Map<string, ResolvedClass>();
  readonly #leave: readonly (() => void)[];
  #state: 'starting' | 'live' | PlatformError = 'starting';
  #turn = 0;

  constructor(classes: LiveFeed, known: KnownDrivers) {
    this.#classes = classes;
    this.#known = known;
    this.#leave = [
      known.onChange(() => this.#lookAgain()),
      classes.subscribe({
        onSnapshot: () => this.#startAnew(),
        onUpsert: (object) => this.#put(object),
        onDelete: (uid) => {
          if (this.#objects.delete(uid)) this.#tell((listener) => listener.onDelete(uid));
        },
        onBookmark: () => this.#tell((listener) => listener.onBookmark()),
        onGap: () => this.#tell((listener) => listener.onGap()),
        onProblem: (problem) => {
          this.#state = problem;
          this.#objects.clear();
          this.#tell((listener) => listener.onProblem(problem));
        },
      }),
    ];
  }

  get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    if (this.#state === 'live') listener.onSnapshot();
    else if (this.#state !== 'starting') listener.onProblem(this.#state);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    for (const leave of this.#leave) leave();
    this.#classes.stop();
    this.#listeners.clear();
  }

  #startAnew(): void {
    this.#state = 'live';
    this.#objects.clear();
    for (const object of this.#classes.objects.values()) this.#objects.set(object.metadata.uid, this.#resolve(object));
    this.#tell((listener) => listener.onSnapshot());
  }

  #lookAgain(): void {
    if (this.#state === 'live') for (const object of this.#classes.objects.values()) this.#put(object);
  }

  #put(object: KubeObject): void {
    const next = this.#resolve(object);
    if (deepEqual(this.#objects.get(object.metadata.uid)?.capabilities, next.capabilities)) return;
    this.#objects.set(object.metadata.uid, next);
    this.#tell((listener) => listener.onUpsert(next));
  }

  #resolve(object: KubeObject): ResolvedClass {
    const storageClass = trustedItem(storageClasses, object);
    const described = descriptionsOf(storageClass, { own: this.#known.own(), configMaps: this.#known.descriptions() });
    const { name, uid, resourceVersion, creationTimestamp } = object.metadata;
    this.#turn += 1;
    return {
      apiVersion: apiVersionOf(classCapabilities),
      kind: classCapabilities.kind,
      // why the turn: what is said of a driver changes while its class does not, and a browser takes the same version for the same object
      metadata: { name, uid, resourceVersion: `${resourceVersion}.${this.#turn}`, creationTimestamp },
      capabilities: capabilitiesOf(storageClass, described),
    };
  }

  #tell(how: (listener: FeedListener) => void): void {
    for (const listener of this.#listeners) how(listener);
  }
}
