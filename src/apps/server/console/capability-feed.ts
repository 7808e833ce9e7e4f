import { classCapabilities, type ResolvedClass } from '#api/capabilities/class-capabilities.ts';
import { capabilitiesOf } from '#api/capabilities/resolve.ts';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { trustedItem } from '#api/console-items.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { storageClasses } from '#api/resources.ts';
import { descriptionsOf, type OwnDriver } from '#controllers/stowage/capabilities/own-drivers.ts';
import { deepEqual } from '#kit/json.ts';
import { LiveFeed } from './live-feed.ts';

/** What is known of drivers beside what their classes say. */
export interface KnownDrivers {
  readonly own: () => readonly OwnDriver[];
  /** The ConfigMaps that describe drivers, now. */
  descriptions(): readonly ConfigMap[];
  /** Calls back when one changed; answers a disposer. */
  onChange(listener: () => void): () => void;
}

/** The feed of the classes. */
type Followed = Pick<LiveFeed, 'objects' | 'subscribe' | 'stop'>;

/** What the classes of another feed can do, for those who may list the classes. */
export class CapabilityFeed extends LiveFeed {
  readonly #classes: Followed;
  readonly #known: KnownDrivers;
  readonly #objects = new Map<string, ResolvedClass>();
  readonly #leave: readonly (() => void)[];
  #turn = 0;

  constructor(classes: Followed, known: KnownDrivers) {
    super();
    this.#classes = classes;
    this.#known = known;
    this.#leave = [
      known.onChange(() => this.#lookAgain()),
      classes.subscribe({
        onSnapshot: () => this.#startAnew(),
        onUpsert: (object) => this.#put(object),
        onDelete: (uid) => {
          if (this.#objects.delete(uid)) this.tell((listener) => listener.onDelete(uid));
        },
        onBookmark: () => this.tell((listener) => listener.onBookmark()),
        onGap: () => this.tellGap(),
        onProblem: (problem) => {
          this.#objects.clear();
          this.tellProblem(problem);
        },
      }),
    ];
  }

  override get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  override stop(): void {
    for (const leave of this.#leave) leave();
    this.#classes.stop();
    super.stop();
  }

  #startAnew(): void {
    this.#objects.clear();
    for (const object of this.#classes.objects.values()) this.#objects.set(object.metadata.uid, this.#resolve(object));
    this.tellAll();
  }

  #lookAgain(): void {
    if (this.isLive) for (const object of this.#classes.objects.values()) this.#put(object);
  }

  #put(object: KubeObject): void {
    const next = this.#resolve(object);
    if (deepEqual(this.#objects.get(object.metadata.uid)?.capabilities, next.capabilities)) return;
    this.#objects.set(object.metadata.uid, next);
    this.tell((listener) => listener.onUpsert(next));
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
}
