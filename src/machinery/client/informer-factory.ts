import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '#api/meta/resource.ts';
import type { Clock } from '#kit/clock.ts';
import { trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from './client.ts';
import { createInformer, type Informer } from './informer.ts';
import type { IndexFunctions } from './object-cache.ts';
import { observingClient } from './observing-client.ts';

/** What an {@link InformerFactory} is made of. */
export interface InformerFactoryOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One informer per resource, shared by everyone who asks: one list, one watch, one copy of each object. */
export class InformerFactory {
  readonly #options: InformerFactoryOptions;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  readonly #metadataInformers = new Map<string, Informer<KubeObject>>();
  readonly #shared = new Map<unknown, unknown>();
  /** The given client, whose own writes show in the informers at once: the client to hand to controllers. */
  readonly client: Client;

  constructor(options: InformerFactoryOptions) {
    this.#options = options;
    this.client = observingClient(options.client, (resource) => this.#informers.get(keyOfResource(resource)));
  }

  /** The informer of all objects of `resource`, with `indexes` among its own. @throws TypeError where an index name already stands for another function */
  for<K extends KubeObject>(resource: Resource<K>, indexes: IndexFunctions<K> = {}): Informer<K> {
    const key = keyOfResource(resource);
    const informer = this.find(resource) ?? createInformer<K>({ ...this.#options, resource });
    informer.addIndexes(indexes);
    this.#informers.set(key, informer);
    return informer;
  }

  /** The informer of a kind for which somebody has asked; undefined where nobody has. */
  find<K extends KubeObject>(resource: Resource<K>): Informer<K> | undefined {
    // why trusted: the entry of a resource was made from that resource by `for`
    return trusted<Informer<K> | undefined>(this.#informers.get(keyOfResource(resource)));
  }

  /**
   * An informer for those who only want to know who is there and who owns whom: the one of whole objects where somebody asked for it before,
   * else one that keeps nothing but {@link metadataOnly}.
   */
  metadataFor(resource: Resource, indexes: IndexFunctions<KubeObject> = {}): Informer<KubeObject> {
    const key = keyOfResource(resource);
    const informer =
      this.#informers.get(key) ??
      this.#metadataInformers.get(key) ??
      createInformer<KubeObject>({ ...this.#options, resource, transform: metadataOnly });
    informer.addIndexes(indexes);
    if (!this.#informers.has(key)) this.#metadataInformers.set(key, informer);
    return informer;
  }

  /** Ends and forgets the metadata informer of a kind that is no longer served. */
  dropMetadata(resource: Resource): void {
    const key = keyOfResource(resource);
    this.#metadataInformers.get(key)?.stop();
    this.#metadataInformers.delete(key);
  }

  /** Ends and forgets what is kept of a kind that nobody works with any more; who asks for it later gets a new informer. */
  drop(resource: Resource): void {
    const key = keyOfResource(resource);
    this.#informers.get(key)?.stop();
    this.#informers.delete(key);
    this.dropMetadata(resource);
  }

  /** What `make` sums up from the informers, made once for all who ask: it follows them as long as they live. */
  shared<T>(make: (informers: InformerFactory) => T): T {
    // why trusted: the entry of a function was made by that function
    if (this.#shared.has(make)) return trusted<T>(this.#shared.get(make));
    const made = make(this);
    this.#shared.set(make, made);
    return made;
  }

  /** Starts every informer asked for so far; resolves when all have their first list. */
  async start(): Promise<void> {
    await Promise.all([...this.#informers.values(), ...this.#metadataInformers.values()].map((informer) => informer.start()));
  }

  /** Ends all watches. */
  stop(): void {
    for (const informer of [...this.#informers.values(), ...this.#metadataInformers.values()]) informer.stop();
  }
}

/** An object's identity, owners, finalizers and deletion. */
function metadataOnly({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, ownerReferences, finalizers, deletionTimestamp } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
  };
}

function keyOfResource(resource: Resource): string {
  return `${groupResourceOf(resource)}/${apiVersionOf(resource)}`;
}
