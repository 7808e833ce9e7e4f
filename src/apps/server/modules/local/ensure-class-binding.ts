import type { ConfigMap, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { configMaps, storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { INSTALLATION } from '../../ensure-objects.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { BINDS_BY_NODE_COUNT, bindingModeFor } from './objects.ts';

/** What stands in the marker while a class is made anew. */
const pendingKey = (name: string): string => `class-${name}`;

/** Classes, and what their binding mode follows from. */
export interface ClassBinding {
  readonly classes: readonly string[];
  readonly nodeCount: number;
}

/**
 * Gives classes that the platform made the binding mode that the number of nodes asks for. A class can't be changed there, so it is made anew with all else as it was; claims
 * and volumes know it by its name. Classes of others are left alone. Call before anything acts and anybody is let in; a crash in between is made good by the next call.
 */
export async function ensureClassBinding(client: Client, { classes, nodeCount }: ClassBinding): Promise<void> {
  const marker = await client.get(configMaps, INSTALLATION);
  const mode = bindingModeFor(nodeCount);
  for (const name of classes) {
    const pending = draftIn(marker.data?.[pendingKey(name)]);
    if (pending !== undefined) await replace(client, { ...pending, volumeBindingMode: mode });
    const found = await find(client, name);
    if (found !== undefined && found.volumeBindingMode !== mode && isOwn(found, marker)) await replace(client, draftOf(found, mode));
  }
}

/** The platform made it: it says so, or, of earlier versions, it is as old as the installation. */
function isOwn({ metadata, provisioner }: StorageClass, marker: ConfigMap): boolean {
  if (provisioner !== DRIVER_NAME) return false;
  if (metadata.annotations?.[BINDS_BY_NODE_COUNT] === 'true') return true;
  // why: the classes were made before the marker, and what a user made comes after it
  return Date.parse(metadata.creationTimestamp) <= Date.parse(marker.metadata.creationTimestamp);
}

function draftOf({ metadata, ...rest }: StorageClass, volumeBindingMode: string): Draft<StorageClass> {
  const { name, labels, annotations } = metadata;
  return {
    ...rest,
    metadata: { name, ...(labels === undefined ? {} : { labels }), annotations: { ...annotations, [BINDS_BY_NODE_COUNT]: 'true' } },
    volumeBindingMode,
  };
}

async function replace(client: Client, draft: Draft<StorageClass>): Promise<void> {
  const name = draft.metadata.name ?? '';
  await note(client, { [pendingKey(name)]: JSON.stringify(draft) });
  await client.delete(storageClasses, { namespace: '', name }).catch(ignoring('NotFound'));
  await client.create(storageClasses, draft);
  await note(client, { [pendingKey(name)]: null });
}

async function note(client: Client, data: Readonly<Record<string, string | null>>): Promise<void> {
  await client.patch(configMaps, { key: INSTALLATION, patch: { type: 'merge', body: { data } } });
}

function draftIn(text: string | undefined): Draft<StorageClass> | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? trusted<Draft<StorageClass>>(value) : undefined;
}

async function find(client: Client, name: string): Promise<StorageClass | undefined> {
  return client.get(storageClasses, { namespace: '', name }).catch(ignoring('NotFound'));
}

function ignoring(code: 'NotFound'): (error: unknown) => undefined {
  return (error) => {
    if (!hasCode(error, code)) throw error;
    return undefined;
  };
}
