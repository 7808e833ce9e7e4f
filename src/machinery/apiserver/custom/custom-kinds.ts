import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { isEstablished } from '#api/kinds/definition-status.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Entry, Store, StoreEvent, StoreWatch } from '../../store/store.ts';
import type { KindRegistry } from '../contract/registry.ts';
import { customKind } from './custom-kind.ts';

/** What keeps the served kinds up to date. */
export interface CustomKindsOptions {
  readonly store: Store;
  readonly registry: KindRegistry;
  readonly log: Logger;
}

interface Served {
  /** What the kinds were made from: they are made anew when it changes. */
  readonly from: string;
  readonly kinds: readonly KindDefinition[];
}

/** Serves the kinds of every established definition in the store, from the moment a change of it is durable. */
export class CustomKinds {
  readonly #options: CustomKindsOptions;
  readonly #served = new Map<string, Served>();
  #watch: StoreWatch | undefined;

  constructor(options: CustomKindsOptions) {
    this.#options = options;
  }

  /** Serves what the store has now and follows it from there; returns with everything in place. */
  start(): void {
    const { store } = this.#options;
    const scope = { resource: groupResourceOf(customResourceDefinitions) };
    const page = store.list(scope);
    for (const entry of page.entries) this.#serve(entry);
    this.#watch = store.watch(scope, page.revision, {
      onEvents: (events) => events.forEach((event) => this.#follow(event)),
      onClose: () => {},
    });
  }

  /** Follows no longer; what is served stays. */
  stop(): void {
    this.#watch?.close();
  }

  #follow({ type, entry }: StoreEvent): void {
    if (type === 'DELETED') this.#withdraw(entry.key.name);
    else this.#serve(entry);
  }

  #withdraw(name: string): void {
    const served = this.#served.get(name);
    this.#served.delete(name);
    if (served !== undefined) this.#options.registry.change({ remove: served.kinds });
  }

  #serve(entry: Entry): void {
    // why: what is stored passed the schema and the validation of its kind
    const definition = trusted<CustomResourceDefinition>(entry.object);
    const { name } = definition.metadata;
    const from = isEstablished(definition) ? sourceOf(definition) : '';
    const served = this.#served.get(name);
    if (from === (served?.from ?? '')) return;
    try {
      const kinds =
        from === '' ? [] : definition.spec.versions.filter((version) => version.served).map((version) => customKind(definition, version));
      this.#options.registry.change({ remove: served?.kinds ?? [], add: kinds });
      this.#served.set(name, { from, kinds });
    } catch (thrown) {
      // why: a definition that an earlier version let through must not keep the server from starting
      this.#options.log.error('definition can not be served', { name, err: PlatformError.from(thrown) });
    }
  }
}

function sourceOf({ metadata, spec, status }: CustomResourceDefinition): string {
  return JSON.stringify([metadata.uid, spec, status?.acceptedNames, status?.storedVersions]);
}
