import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from '#api/resources.ts';
import type { UsesReader } from './plugin.ts';
import { objectsInWords } from './words.ts';

/** What asks for a driver, kind by kind. */
interface DriverUses {
  readonly reader: Pick<UsesReader, 'instances'>;
  /** Came with the plugin, and goes with it. */
  readonly isOwn: (resource: Resource, object: KubeObject) => boolean;
}

/** What a claim says that a driver is to make its volume (external-provisioner). */
const PROVISIONERS = ['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner'];

/** What would be without its driver, in words: volumes, claims that wait for one, classes, attachments, and pods with a volume of it that is their own. */
export async function observeDriverUses(driverName: string, { reader, isOwn }: DriverUses): Promise<readonly string[]> {
  const uses: string[] = [];
  const look = async <K extends KubeObject>(resource: Resource<K>, asksFor: (object: K) => boolean): Promise<void> => {
    const found = (await reader.instances(resource)).filter((object) => asksFor(object) && !isOwn(resource, object));
    if (found.length > 0) uses.push(`${objectsInWords(resource, found)} of the driver ${driverName}`);
  };
  await look(persistentVolumes, ({ spec }) => spec.csi?.driver === driverName);
  await look(persistentVolumeClaims, ({ metadata, spec }) => {
    const isWaiting = (spec.volumeName ?? '') === '';
    return isWaiting && PROVISIONERS.some((key) => metadata.annotations?.[key] === driverName);
  });
  await look(storageClasses, ({ provisioner }) => provisioner === driverName);
  await look(volumeAttributesClasses, (attributesClass) => attributesClass.driverName === driverName);
  await look(volumeAttachments, ({ spec }) => spec.attacher === driverName);
  await look(pods, ({ spec }) => (spec.volumes ?? []).some(({ csi }) => csi?.driver === driverName));
  return uses;
}
