import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { isEstablished } from '#api/kinds/definition-status.ts';
import type { Resource } from '#api/meta/resource.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Controller } from '#machinery/runtime/controller.ts';
import type { RunningController } from '#machinery/runtime/run-controller.ts';
import { servedResource } from '../custom-resources/instances.ts';
import type { GarbageCollection } from './controller.ts';

/** What is needed to collect kinds that users define. */
export interface OwnKindsDeps {
  readonly garbage: GarbageCollection;
  readonly definitions: Informer<CustomResourceDefinition>;
  readonly run: (controller: Controller) => RunningController;
  readonly log: Logger;
}

interface Collected {
  readonly resource: Resource;
  readonly controller: RunningController;
}

/** Collects the objects of every kind that is defined, from when it is served until it is not; answers how to end that. */
export function collectOwnKinds(deps: OwnKindsDeps): { stop(): Promise<void> } {
  const kinds = new OwnKinds(deps);
  for (const definition of deps.definitions.all()) kinds.follow(definition);
  const unsubscribe = deps.definitions.subscribe({
    onUpsert: (definition) => kinds.follow(definition),
    onDelete: (definition) => kinds.withdraw(definition.metadata.name),
  });
  return {
    stop: async () => {
      unsubscribe();
      await kinds.stop();
    },
  };
}

class OwnKinds {
  readonly #deps: OwnKindsDeps;
  readonly #collected = new Map<string, Collected>();
  readonly #ending = new Set<Promise<void>>();

  constructor(deps: OwnKindsDeps) {
    this.#deps = deps;
  }

  follow(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata;
    const resource = isEstablished(definition) ? servedResource(definition) : undefined;
    if (resource === undefined || resource.version !== this.#collected.get(name)?.resource.version) this.withdraw(name);
    if (resource === undefined || this.#collected.has(name)) return;
    this.#collected.set(name, { resource, controller: this.#deps.run(this.#deps.garbage.collect(resource)) });
  }

  withdraw(name: string): void {
    const collected = this.#collected.get(name);
    if (collected === undefined) return;
    this.#collected.delete(name);
    this.#deps.garbage.forget(collected.resource);
    const ending = collected.controller.stop().catch((thrown: unknown) => {
      this.#deps.log.warn('the collection of a kind did not end well', { name, err: PlatformError.from(thrown) });
    });
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  async stop(): Promise<void> {
    for (const name of this.#collected.keys()) this.withdraw(name);
    await Promise.all(this.#ending);
  }
}
