import type { Namespace } from '#api/generated/kubernetes.ts';
import { configMaps, namespaces, serviceAccounts } from '#api/resources.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { DEFAULT_ACCOUNT, ROOT_CA } from './plan.ts';
import { reconcileNamespaceContents } from './reconcile.ts';

/** What the controller needs. */
export interface ServiceAccountsDeps {
  readonly informers: InformerFactory;
  /** The certificate of the API's authority, as pods get it. */
  readonly rootCaPem: string;
}

/** Namespaces that are filled at a time. */
const CONCURRENCY = 4;

/** Gives every namespace its service account `default` and the ConfigMap with the API's authority. Only for the embedded API: a cluster has its own. */
export function createServiceAccountsController({ informers, rootCaPem }: ServiceAccountsDeps): Controller<Namespace> {
  return {
    name: 'service-accounts',
    resource: namespaces,
    informer: informers.for(namespaces),
    // why: who is there is all that matters, and ConfigMaps may be large
    triggers: [
      trigger(informers.metadataFor(serviceAccounts), namespaceIfNamed(DEFAULT_ACCOUNT)),
      trigger(informers.metadataFor(configMaps), namespaceIfNamed(ROOT_CA)),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, namespace) => reconcileNamespaceContents(ctx, namespace, rootCaPem),
  };
}

function namespaceIfNamed(name: string): (object: KubeObject) => readonly string[] {
  return ({ metadata }) => (metadata.name === name && metadata.namespace !== undefined ? [metadata.namespace] : []);
}
