import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '#api/generated/kubernetes.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Entry, Store, StoreWatch } from '../../../store/store.ts';
import { type Webhook, webhookOf } from './webhook.ts';

/** The webhooks of all configurations in the order in which they are called: by the configuration's name, then as they stand in it. Follows the store. */
export class WebhookIndex {
  readonly #mutating = new Map<string, readonly Webhook[]>();
  readonly #validating = new Map<string, readonly Webhook[]>();
  readonly #watches: readonly StoreWatch[];
  #ordered: { readonly mutating: readonly Webhook[]; readonly validating: readonly Webhook[] } | undefined;

  constructor(store: Store) {
    this.#watches = [
      this.#follow(store, mutatingWebhookConfigurations, this.#mutating),
      this.#follow(store, validatingWebhookConfigurations, this.#validating),
    ];
  }

  get mutating(): readonly Webhook[] {
    return this.#order().mutating;
  }

  get validating(): readonly Webhook[] {
    return this.#order().validating;
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #order(): { readonly mutating: readonly Webhook[]; readonly validating: readonly Webhook[] } {
    this.#ordered ??= { mutating: inOrder(this.#mutating), validating: inOrder(this.#validating) };
    return this.#ordered;
  }

  #follow(store: Store, resource: Resource, known: Map<string, readonly Webhook[]>): StoreWatch {
    const scope = { resource: groupResourceOf(resource) };
    const set = ({ key, object }: Entry): void => {
      // why trusted: the store holds under a resource only what its kind let through
      const { webhooks = [] } = trusted<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>(object);
      known.set(
        key.name,
        webhooks.map((webhook) => webhookOf(webhook, key.name)),
      );
    };
    const page = store.list(scope);
    for (const entry of page.entries) set(entry);
    return store.watch(scope, page.revision, {
      onEvents: (events) => {
        for (const { type, entry } of events) {
          if (type === 'DELETED') known.delete(entry.key.name);
          else set(entry);
        }
        this.#ordered = undefined;
      },
      onClose: () => {},
    });
  }
}

function inOrder(known: ReadonlyMap<string, readonly Webhook[]>): readonly Webhook[] {
  return [...known].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, webhooks]) => webhooks);
}
