/** A storage plugin that was part of Kubernetes once, or a provisioner from before CSI: by what it is named, and who does its work now. */
export interface InTreePlugin {
  /** As people call it. */
  readonly title: string;
  /** The provisioner that classes name; undefined for those that never provisioned. */
  readonly provisioner?: string;
  /** The field of a PersistentVolume's spec and of a pod's volume. */
  readonly source?: string;
  /** The CSI driver that takes over: classes and volumes are translated for it (CSI migration; k8s.io/csi-translation-lib plugins). */
  readonly driver?: string;
  /** A CSI driver for the same storage that reads other parameters: nothing can be translated. */
  readonly successor?: string;
}

/** Every one that upstream 1.36 still knows by name, and two of kubernetes-incubator/external-storage. */
const IN_TREE_PLUGINS: readonly InTreePlugin[] = [
  { title: 'AWS EBS', provisioner: 'kubernetes.io/aws-ebs', source: 'awsElasticBlockStore', driver: 'ebs.csi.aws.com' },
  { title: 'GCE PD', provisioner: 'kubernetes.io/gce-pd', source: 'gcePersistentDisk', driver: 'pd.csi.storage.gke.io' },
  { title: 'Azure Disk', provisioner: 'kubernetes.io/azure-disk', source: 'azureDisk', driver: 'disk.csi.azure.com' },
  { title: 'Azure File', provisioner: 'kubernetes.io/azure-file', source: 'azureFile', driver: 'file.csi.azure.com' },
  { title: 'Cinder', provisioner: 'kubernetes.io/cinder', source: 'cinder', driver: 'cinder.csi.openstack.org' },
  { title: 'vSphere', provisioner: 'kubernetes.io/vsphere-volume', source: 'vsphereVolume', driver: 'csi.vsphere.vmware.com' },
  { title: 'Portworx', provisioner: 'kubernetes.io/portworx-volume', source: 'portworxVolume', driver: 'pxd.portworx.com' },
  { title: 'Ceph RBD', provisioner: 'kubernetes.io/rbd', source: 'rbd', driver: 'rbd.csi.ceph.com' },
  { title: 'Ceph RBD', provisioner: 'ceph.com/rbd', successor: 'rbd.csi.ceph.com' },
  { title: 'CephFS', provisioner: 'kubernetes.io/cephfs', source: 'cephfs', successor: 'cephfs.csi.ceph.com' },
  { title: 'CephFS', provisioner: 'ceph.com/cephfs', successor: 'cephfs.csi.ceph.com' },
  { title: 'GlusterFS', provisioner: 'kubernetes.io/glusterfs', source: 'glusterfs' },
  { title: 'iSCSI', provisioner: 'kubernetes.io/iscsi', source: 'iscsi', successor: 'iscsi.csi.k8s.io' },
  { title: 'Fibre Channel', provisioner: 'kubernetes.io/fc', source: 'fc' },
  { title: 'Quobyte', provisioner: 'kubernetes.io/quobyte', source: 'quobyte', successor: 'csi.quobyte.com' },
  { title: 'ScaleIO', provisioner: 'kubernetes.io/scaleio', source: 'scaleIO', successor: 'csi-vxflexos.dellemc.com' },
  { title: 'StorageOS', provisioner: 'kubernetes.io/storageos', source: 'storageos', successor: 'csi.storageos.com' },
  { title: 'Flocker', provisioner: 'kubernetes.io/flocker', source: 'flocker' },
  { title: 'Photon', provisioner: 'kubernetes.io/photon-pd', source: 'photonPersistentDisk' },
  { title: 'FlexVolume', source: 'flexVolume' },
];

const BY_PROVISIONER = new Map(IN_TREE_PLUGINS.map((plugin) => [plugin.provisioner, plugin]));
const BY_SOURCE = new Map(IN_TREE_PLUGINS.map((plugin) => [plugin.source, plugin]));
const BY_DRIVER = new Map(IN_TREE_PLUGINS.map((plugin) => [plugin.driver, plugin]));

/** The plugin of a class's provisioner. */
export function pluginOfProvisioner(provisioner: string): InTreePlugin | undefined {
  return BY_PROVISIONER.get(provisioner);
}

/** The plugin of a volume's source, as its field is named. */
export function pluginOfSource(field: string): InTreePlugin | undefined {
  return BY_SOURCE.get(field);
}

/** The plugin that a CSI driver took over. */
export function pluginOfDriver(driverName: string): InTreePlugin | undefined {
  return BY_DRIVER.get(driverName);
}

/** Provisioner names that start so are no drivers' (`kubernetes.io/no-provisioner`, and those that were part of Kubernetes once). */
const IN_TREE_PREFIX = 'kubernetes.io/';

/** The driver that is asked for volumes of a class: the one that took over, where the provisioner was part of Kubernetes; undefined where nobody makes them. */
export function driverOfProvisioner(provisioner: string): string | undefined {
  const driver = pluginOfProvisioner(provisioner)?.driver;
  if (driver !== undefined) return driver;
  return provisioner === '' || provisioner.startsWith(IN_TREE_PREFIX) ? undefined : provisioner;
}

/** Who could do the work of a plugin without translation, as a sentence for people; a noun phrase says what for. Pure. */
export function replacementAdvice({ title, successor }: InTreePlugin, what: 'class' | 'volume'): string {
  const made = what === 'class' ? 'create a class' : 'create a csi PersistentVolume';
  return successor === undefined
    ? `${title} has no CSI driver that takes over: move the data, and ${made} of a driver that there is`
    : `the CSI driver of ${title} is ${successor}, which reads other parameters: add it (stowage driver add --socket PATH) and ${made} of it`;
}
