import type { PersistentVolume, PersistentVolumeSpec, SecretReference, Volume } from '../../generated/kubernetes.ts';
import { pluginOfDriver } from './plugins.ts';

/** How a volume is known to a CSI driver. */
type CsiSource = NonNullable<PersistentVolumeSpec['csi']>;

/** What a source turns into. */
export interface TranslatedSource {
  readonly csi: CsiSource;
  /** Where the driver takes other modes than the source's users wrote. */
  readonly accessModes?: readonly string[];
}

/** What the translation needs to know beside the source. */
interface About {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly accessModes: readonly string[];
  readonly md5: (text: string) => string;
}

type Translator = (spec: PersistentVolumeSpec, about: About) => TranslatedSource | undefined;

/** The volume as the CSI driver that took over its source knows it; a volume of any other source as it is. Facts from k8s.io/csi-translation-lib plugins. Pure. */
export function translateVolume(volume: PersistentVolume, md5: (text: string) => string): PersistentVolume {
  const { labels = {}, annotations = {} } = volume.metadata;
  const translated = translateSource(volume.spec, { labels, annotations, accessModes: volume.spec.accessModes ?? [], md5 });
  if (translated === undefined) return volume;
  return { ...volume, spec: { ...volume.spec, ...translated } };
}

/** True for what {@link translateVolume} has translated: it has its old source beside the driver's, which no volume of an API can have. Pure. */
export function isTranslated({ spec }: Pick<PersistentVolume, 'spec'>): boolean {
  const source = spec.csi === undefined ? undefined : pluginOfDriver(spec.csi.driver)?.source;
  return source !== undefined && Object.hasOwn(spec, source);
}

/** The same translation for a volume that a pod names itself, in its namespace. Pure. */
export function translateInlineVolume(volume: Volume, namespace: string, md5: (text: string) => string): TranslatedSource | undefined {
  const { azureFile, rbd, cinder, name: _name, ...others } = volume;
  const spec: PersistentVolumeSpec = {
    ...pickShared(others),
    ...(azureFile === undefined ? {} : { azureFile: { ...azureFile, secretNamespace: namespace } }),
    ...(cinder === undefined ? {} : { cinder: { ...cinder, secretRef: undefined } }),
    ...(rbd === undefined ? {} : { rbd: { ...rbd, secretRef: withNamespace(rbd.secretRef, namespace) } }),
  };
  const translated = translateSource(spec, { labels: {}, annotations: {}, accessModes: [], md5 });
  return translated === undefined ? undefined : { csi: translated.csi, accessModes: [inlineModeOf(translated.csi)] };
}

/** Drivers whose volumes many nodes read where a pod asks for no more. */
const READ_BY_MANY: ReadonlySet<string> = new Set(['pd.csi.storage.gke.io', 'pxd.portworx.com', 'rbd.csi.ceph.com']);

function inlineModeOf({ driver, readOnly }: CsiSource): string {
  if (driver === 'file.csi.azure.com') return 'ReadWriteMany';
  return readOnly === true && READ_BY_MANY.has(driver) ? 'ReadOnlyMany' : 'ReadWriteOnce';
}

function withNamespace(reference: { readonly name?: string | undefined } | undefined, namespace: string): SecretReference | undefined {
  return reference === undefined ? undefined : { name: reference.name, namespace };
}

/** The sources that are the same in pods and PersistentVolumes. */
function pickShared(volume: Omit<Volume, 'name' | 'azureFile' | 'rbd' | 'cinder'>): PersistentVolumeSpec {
  const { awsElasticBlockStore, gcePersistentDisk, azureDisk, vsphereVolume, portworxVolume } = volume;
  return { awsElasticBlockStore, gcePersistentDisk, azureDisk, vsphereVolume, portworxVolume };
}

function translateSource(spec: PersistentVolumeSpec, about: About): TranslatedSource | undefined {
  for (const translate of TRANSLATORS) {
    const translated = translate(spec, about);
    if (translated !== undefined) return translated;
  }
  return undefined;
}

const awsEbs: Translator = ({ awsElasticBlockStore: source }) => {
  if (source === undefined) return undefined;
  // why: `aws://ZONE/vol-…` and `aws:///vol-…` name the same as `vol-…`
  const volumeHandle = source.volumeID.startsWith('aws://') ? (source.volumeID.split('/').at(-1) ?? '') : source.volumeID;
  const volumeAttributes = { partition: String(source.partition ?? 0) };
  return { csi: { driver: 'ebs.csi.aws.com', volumeHandle, ...mountOf(source), volumeAttributes } };
};

const UNSPECIFIED = 'UNSPECIFIED';

const gcePd: Translator = ({ gcePersistentDisk: source }, { labels, accessModes }) => {
  if (source === undefined) return undefined;
  const label = labels['failure-domain.beta.kubernetes.io/zone'] ?? labels['topology.kubernetes.io/zone'] ?? '';
  const zones = label.split('__').filter((zone) => zone !== '');
  const place = zones.length > 1 ? `regions/${(zones[0] ?? '').split('-').slice(0, 2).join('-')}` : `zones/${zones[0] ?? UNSPECIFIED}`;
  const csi = {
    driver: 'pd.csi.storage.gke.io',
    volumeHandle: `projects/${UNSPECIFIED}/${place}/disks/${source.pdName}`,
    ...mountOf(source),
    volumeAttributes: { partition: (source.partition ?? 0) === 0 ? '' : String(source.partition) },
  };
  // why: the plugin never looked at the modes, the driver refuses those that a disk can't have
  return {
    csi,
    accessModes: accessModes.every((mode) => mode === 'ReadOnlyMany') && accessModes.length > 0 ? ['ReadOnlyMany'] : ['ReadWriteOnce'],
  };
};

const azureDisk: Translator = ({ azureDisk: source }) => {
  if (source === undefined) return undefined;
  const { diskURI, kind, cachingMode, fsType, readOnly } = source;
  const volumeAttributes = {
    'csi-migration': 'true',
    kind: kind ?? 'Managed',
    ...(cachingMode === undefined ? {} : { cachingMode }),
    ...(fsType === undefined ? {} : { fsType }),
  };
  return { csi: { driver: 'disk.csi.azure.com', volumeHandle: diskURI, ...mountOf({ fsType, readOnly }), volumeAttributes } };
};

const azureFile: Translator = ({ azureFile: source }, { annotations }) => {
  if (source === undefined) return undefined;
  const { secretName, shareName, secretNamespace = 'default', readOnly } = source;
  const account = /azure-storage-account-(.+)-secret/.exec(secretName)?.[1] ?? secretName;
  const resourceGroup = annotations['kubernetes.io/azure-file-resource-group'] ?? '';
  return {
    csi: {
      driver: 'file.csi.azure.com',
      volumeHandle: `${resourceGroup}#${account}#${shareName}#`,
      ...mountOf({ readOnly }),
      volumeAttributes: { sharename: shareName },
      nodeStageSecretRef: { name: secretName, namespace: secretNamespace },
    },
  };
};

const cinder: Translator = ({ cinder: source }) =>
  source === undefined
    ? undefined
    : { csi: { driver: 'cinder.csi.openstack.org', volumeHandle: source.volumeID, ...mountOf(source), volumeAttributes: {} } };

const vSphere: Translator = ({ vsphereVolume: source }) => {
  if (source === undefined) return undefined;
  const { volumePath, fsType, storagePolicyName = '' } = source;
  const volumeAttributes: Readonly<Record<string, string>> = storagePolicyName === '' ? {} : { storagepolicyname: storagePolicyName };
  return { csi: { driver: 'csi.vsphere.vmware.com', volumeHandle: volumePath, ...mountOf({ fsType }), volumeAttributes } };
};

const portworx: Translator = ({ portworxVolume: source }) =>
  source === undefined
    ? undefined
    : { csi: { driver: 'pxd.portworx.com', volumeHandle: source.volumeID, ...mountOf(source), volumeAttributes: {} } };

/** Images that the plugin made are known by the rest of their name after this. */
const RBD_IMAGE_PREFIX = 'kubernetes-dynamic-pvc-';

const rbd: Translator = ({ rbd: source }, { annotations, md5 }) => {
  if (source === undefined) return undefined;
  const { monitors, image, pool = 'rbd', secretRef } = source;
  const clusterID = annotations['clusterID'] ?? md5(monitors.join(','));
  const [, dynamicPart] = image.split(RBD_IMAGE_PREFIX);
  const poolHex = [...new TextEncoder().encode(pool)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const composed = dynamicPart === undefined ? image : `mig_mons-${clusterID}_image-${dynamicPart}_${poolHex}`;
  return {
    accessModes: [source.readOnly === true ? 'ReadOnlyMany' : 'ReadWriteOnce'],
    csi: {
      driver: 'rbd.csi.ceph.com',
      volumeHandle: annotations['rbd.csi.ceph.com/volume-handle'] ?? composed,
      ...mountOf(source),
      volumeAttributes: {
        clusterID,
        pool,
        imageName: image,
        imageFeatures: annotations['imageFeatures'] ?? 'layering',
        staticVolume: 'true',
        migration: 'true',
        tryOtherMounters: 'true',
      },
      ...(secretRef === undefined ? {} : { nodeStageSecretRef: secretRef, controllerExpandSecretRef: secretRef }),
    },
  };
};

const TRANSLATORS: readonly Translator[] = [awsEbs, gcePd, azureDisk, azureFile, cinder, vSphere, portworx, rbd];

function mountOf({
  fsType,
  readOnly,
}: {
  readonly fsType?: string | undefined;
  readonly readOnly?: boolean | undefined;
}): Pick<CsiSource, 'fsType' | 'readOnly'> {
  return { ...(fsType === undefined || fsType === '' ? {} : { fsType }), ...(readOnly === true ? { readOnly } : {}) };
}
