import type { Namespace } from '#api/generated/kubernetes.ts';
import { configMaps, serviceAccounts } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { DEFAULT_ACCOUNT, isStale, ROOT_CA, rootCaData } from './plan.ts';

/** Makes in `namespace` what every namespace has and is not there. */
export async function reconcileNamespaceContents(ctx: Ctx, { metadata, status }: Namespace, rootCaPem: string): Promise<Outcome> {
  if (metadata.deletionTimestamp !== undefined || status?.phase === 'Terminating') return done;
  const namespace = metadata.name;
  await ensureCreated(() => ctx.client.create(serviceAccounts, { metadata: { name: DEFAULT_ACCOUNT, namespace } }));
  await ensureRootCa(ctx, namespace, rootCaPem);
  return done;
}

async function ensureRootCa(ctx: Ctx, namespace: string, rootCaPem: string): Promise<void> {
  const data = rootCaData(rootCaPem);
  const annotations = {
    'kubernetes.io/description':
      'The certificate of the authority that signs the certificate of the Kubernetes API. It is written again when it is changed.',
  };
  const isNew = await ensureCreated(() => ctx.client.create(configMaps, { metadata: { name: ROOT_CA, namespace, annotations }, data }));
  if (isNew) return;
  const found = await ctx.client.get(configMaps, { namespace, name: ROOT_CA });
  if (isStale(found, rootCaPem)) await ctx.client.update(configMaps, { ...found, data, binaryData: {} });
}

/** True where it was made now; false where it was there, or its namespace is going away. */
async function ensureCreated(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'AlreadyExists')) return false;
    throw thrown;
  }
}
