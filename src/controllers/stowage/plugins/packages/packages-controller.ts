import { type PluginPackage, pluginPackages, type PluginSigner, pluginSigners } from '#api/generated/definitions.ts';
import { formatKey, keyOf, type KubeObject, parseKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import type { PluginCatalog } from '../plugin-catalog.ts';
import { PackageRefused } from './package-refused.ts';
import { readPublicKey } from './signature.ts';

/** What packages are followed with. */
export interface PackagesDeps {
  readonly informers: InformerFactory;
  readonly catalog: PluginCatalog;
}

/** Takes packages into the catalog as they come, go, and are trusted or no longer trusted, and says in their status what they are. */
export function createPackagesController({ informers, catalog }: PackagesDeps): Controller<PluginPackage> {
  const informer = informers.for(pluginPackages);
  const signers = informers.for(pluginSigners);
  /** For whom a package was opened: to open it once. */
  const opened = new Map<string, string>();
  return {
    name: 'plugin-packages',
    resource: pluginPackages,
    informer,
    triggers: [trigger(signers, () => [...informer.all()].map((item) => formatKey(keyOf(item))))],
    concurrency: 1,
    reconcile: async ({ client }, item) => {
      const { name, uid } = item.metadata;
      const trusted = [...signers.all()];
      const seen = JSON.stringify([uid, ...trusted.map(({ spec }) => spec.publicKey).toSorted()]);
      if (opened.get(name) === seen && item.status !== undefined) return done;
      await keepStatus(client, pluginPackages, { item, status: await take(item, { catalog, signers: trusted }) });
      opened.set(name, seen);
      return done;
    },
    reconcileGone: async (_ctx, key) => {
      const { name } = parseKey(key);
      opened.delete(name);
      catalog.remove(name);
      return done;
    },
  };
}

type PackageStatus = NonNullable<PluginPackage['status']>;

async function take(
  item: PluginPackage,
  { catalog, signers }: { readonly catalog: PluginCatalog; readonly signers: readonly PluginSigner[] },
): Promise<PackageStatus> {
  const { name } = item.metadata;
  try {
    // why here: where nobody uploads a package nothing of it is loaded
    const { loadPackage } = await import('./load-package.ts');
    const plugin = await loadPackage(item, { catalog, signers });
    catalog.put(name, plugin);
    const { version, channel, from } = plugin;
    const { digest, fingerprint, signer, refusal } = from ?? {};
    const phase = refusal === undefined ? 'Trusted' : refusal.reason === 'PluginUntrusted' ? 'Untrusted' : 'Unfit';
    return { phase, message: refusal?.message, plugin: plugin.name, version, channel, digest, fingerprint, signer };
  } catch (thrown) {
    if (!(thrown instanceof PackageRefused)) throw thrown;
    // why: where nobody refuses it (a cluster), it is told where it lies
    catalog.remove(name);
    return { phase: 'Invalid', message: thrown.message };
  }
}

/** Says of each trusted key which it is. */
export function createSignersController({ informers }: Pick<PackagesDeps, 'informers'>): Controller<PluginSigner> {
  return {
    name: 'plugin-signers',
    resource: pluginSigners,
    informer: informers.for(pluginSigners),
    triggers: [],
    concurrency: 1,
    reconcile: async ({ client }, item) => {
      await keepStatus(client, pluginSigners, { item, status: { fingerprint: fingerprintOf(item) } });
      return done;
    },
  };
}

function fingerprintOf({ spec }: PluginSigner): string {
  try {
    return readPublicKey(spec.publicKey).fingerprint;
  } catch (thrown) {
    return PlatformError.from(thrown).message;
  }
}

type WithStatus = KubeObject & { readonly status?: unknown };

async function keepStatus<K extends WithStatus>(
  client: Client,
  resource: Resource<K>,
  { item, status }: { readonly item: K; readonly status: Readonly<Record<string, unknown>> },
): Promise<void> {
  if (deepEqual(item.status, status)) return;
  const body = { status: Object.fromEntries(Object.entries(status).map(([key, value]) => [key, value ?? null])) };
  try {
    await client.patch(resource, { key: keyOf(item), patch: { type: 'merge', body } }, { subresource: 'status' });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
