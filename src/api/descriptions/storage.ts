import type { Descriptions } from './descriptions.ts';

/** Texts for the kinds of storage. */
export const STORAGE_DESCRIPTIONS: Descriptions = {
  'v1.PersistentVolumeClaim': {
    '': 'A request for storage by a user. It gets a PersistentVolume that fits: an existing one, or one that its storage class makes. Pods use storage by naming a claim.',
    spec: 'What is asked for. After creation only the size (up), the volume attributes class and an empty volumeName can change.',
    status: 'What the claim has got. Kept by the platform.',
  },
  'v1.PersistentVolumeClaimSpec': {
    accessModes:
      'How the volume must be mountable: ReadWriteOnce (one node writes), ReadOnlyMany, ReadWriteMany, ReadWriteOncePod (one pod writes). At least one.',
    resources: 'The size: requests.storage, for example 10Gi. Raise it to grow the volume; it can never shrink below what it has.',
    storageClassName:
      'The class that makes the volume. Absent = the default class; "" = no class, so that only a ready-made PersistentVolume without a class fits.',
    volumeMode: 'Filesystem (the default) mounts a directory; Block gives the raw device.',
    volumeName: 'The PersistentVolume to bind to. Usually filled in by the platform.',
    selector: 'Labels that a ready-made PersistentVolume must have. Volumes are not made on demand for a claim with a selector.',
    dataSource: 'Start with the content of another claim of the namespace, or of a VolumeSnapshot.',
    dataSourceRef: 'The same for any kind of source that a volume populator knows.',
    volumeAttributesClassName: 'A class of attributes that can be changed while the volume is in use.',
  },
  'v1.VolumeResourceRequirements': {
    requests: 'The least amount; storage is the one that counts, for example storage: 10Gi.',
    limits: 'The most that a volume may have, where a driver looks at it.',
  },
  'v1.PersistentVolumeClaimStatus': {
    phase: 'Pending while it waits for a volume, Bound once it has one, Lost where its volume is gone.',
    capacity: 'The real size of the volume.',
    accessModes: 'How the volume can be mounted.',
    conditions: 'What is going on, for example Resizing or FileSystemResizePending.',
    healthStatus: 'What the driver says is wrong with the volume; absent where it is well, or the driver does not say.',
  },
  'v1.VolumeHealthStatus': {
    healthConditions: 'What is wrong, each status and reason once.',
    lastTransitionTime: 'Since when.',
  },
  'v1.VolumeHealthCondition': {
    status: 'Degraded (it works, with less than it should have), Inaccessible (nothing can be read or written), or DataLoss.',
    reason: 'The driver’s word for it.',
    message: 'The same in a sentence.',
  },
  'v1.PodVolumeHealth': {
    name: 'The name of a volume of the pod.',
    healthConditions: 'What the driver says on the pod’s node is wrong with it, each status and reason once.',
    lastTransitionTime: 'Since when.',
  },
  'v1.CSINodeStatus': {
    storageHealth: 'What drivers say is wrong with the storage as this node reaches it; absent where all is well, or no driver says.',
  },
  'v1.StorageHealth': {
    name: 'The driver.',
    healthConditions: 'What it says is wrong.',
  },
  'v1.StorageHealthCondition': {
    status: 'StorageDegraded (it works, with less than it should have) or StorageUnreachable.',
    reason: 'The driver’s word for it.',
    message: 'The same in a sentence.',
    accessMode: 'The only access mode that it is about; absent = all.',
    volumeMode: 'The only volume mode that it is about; absent = both.',
    lastTransitionTime: 'Since when.',
  },
  'v1.PersistentVolume': {
    '': 'A piece of storage of the cluster: made by an administrator, or by a storage class for a claim.',
    spec: 'Where the volume is (exactly one source such as csi, nfs, hostPath or local) and how it can be used. The source can not be changed.',
    status: 'Where the volume stands in its life. Kept by the platform.',
  },
  'v1.PersistentVolumeSpec': {
    capacity: 'Its size: storage, for example 10Gi.',
    accessModes: 'How it can be mounted; a claim fits where all of its modes are among these.',
    persistentVolumeReclaimPolicy:
      'When its claim is deleted: Retain keeps volume and data, Delete removes both, Recycle empties an NFS or hostPath volume.',
    storageClassName: 'Only claims of this class fit; empty = only claims without a class.',
    volumeMode: 'Filesystem (the default) or Block; claims must ask for the same.',
    claimRef: 'The claim that the volume belongs to. Set it to keep the volume for one claim.',
    nodeAffinity: 'The nodes that can reach the volume. Needed for local volumes.',
    mountOptions: 'Options for mount, for example nfsvers=4.1. A wrong one makes mounting fail.',
    csi: 'A volume of a CSI driver.',
    nfs: 'A directory that an NFS server exports.',
    hostPath: 'A directory of the node. For one node only: data does not follow a pod.',
    local: 'A disk or directory of one node; needs nodeAffinity.',
  },
  'v1.PersistentVolumeStatus': {
    phase: 'Pending, Available (free), Bound (to a claim), Released (its claim is gone), Failed (cleaning up failed).',
    reason: 'Why it failed, in one word.',
    message: 'Why it failed, for people.',
    lastPhaseTransitionTime: 'When the phase last changed.',
  },
  'v1.CSIPersistentVolumeSource': {
    driver: 'The name of the CSI driver.',
    volumeHandle: 'The name by which the driver knows the volume.',
    fsType: 'The filesystem, for example ext4 or xfs.',
    readOnly: 'Mount it read-only everywhere.',
    volumeAttributes: 'What the driver wants to be told when the volume is used.',
  },
  'v1.NFSVolumeSource': { server: 'Host name or address of the server.', path: 'The exported path.', readOnly: 'Mount it read-only.' },
  'v1.HostPathVolumeSource': {
    path: 'The path on the node.',
    type: 'What must be there: "" (no check), Directory, DirectoryOrCreate, File, FileOrCreate, Socket, CharDevice, BlockDevice.',
  },
  'v1.StorageClass': {
    '': 'A kind of storage that claims can ask for by name. Can not be changed once it is there, but for expansion and mount options: make a new class instead.',
    provisioner: 'The CSI driver that makes the volumes, for example local.stowage.dev.',
    parameters: 'What the driver is told; which keys there are is up to the driver. Can not be changed.',
    reclaimPolicy: 'What becomes of a volume whose claim is deleted: Delete (the default) or Retain.',
    volumeBindingMode: 'Immediate makes volumes at once; WaitForFirstConsumer when a pod needs them, where that pod runs.',
    allowVolumeExpansion: 'Whether claims of the class can be made larger.',
    mountOptions: 'Options for mount; a wrong one makes mounting fail.',
    allowedTopologies: 'Where volumes may be made; without it, everywhere.',
  },
  'v1.CSIDriver': { '': 'What the platform must know of a CSI driver before it talks to it.', spec: 'How the driver wants to be used.' },
  'v1.CSIDriverSpec': {
    attachRequired: 'Whether a volume must be attached to a node before it is mounted there (default true).',
    podInfoOnMount: 'Whether the driver is told the name, namespace and account of the pod.',
    fsGroupPolicy: 'Whether the platform gives files to the pod’s fsGroup: ReadWriteOnceWithFSType (default), File, None.',
    storageCapacity: 'Whether the scheduler looks at the free space that the driver reports.',
    volumeLifecycleModes: 'Persistent, Ephemeral, or both.',
    requiresRepublish: 'Whether mounts are refreshed from time to time.',
  },
  'v1.CSINode': {
    '': 'Which CSI drivers a node has. Written by the node.',
    status: 'What the drivers say of the storage that the node reaches.',
  },
  'v1.CSINodeDriver': {
    name: 'The name of the driver.',
    nodeID: 'The name by which the driver knows the node.',
    topologyKeys: 'Labels of the node that say where it is, as the driver sees it.',
    allocatable: 'How many volumes of the driver the node can take.',
  },
  'v1.VolumeAttachment': { '': 'The wish that a volume be attached to a node, and what became of it. Written by the platform.' },
  'v1.VolumeAttachmentSpec': { attacher: 'The CSI driver that attaches.', nodeName: 'The node.', source: 'The volume.' },
  'v1.VolumeAttachmentStatus': {
    attached: 'Whether it is attached.',
    attachError: 'The last error of attaching.',
    detachError: 'The last error of detaching.',
  },
  'v1.VolumeAttributesClass': {
    '': 'Attributes of volumes that can be changed while they are in use, such as their speed. Claims name it in volumeAttributesClassName.',
    driverName: 'The CSI driver that knows the attributes. Can not be changed.',
    parameters: 'The attributes; the manual of the driver says which there are. Can not be changed: make a new class.',
  },
  'v1.CSIStorageCapacity': {
    '': 'How much of a storage class is free in a part of the cluster. Made by CSI drivers; the scheduler looks at it.',
    storageClassName: 'The class that the figures are for. Can not be changed.',
    nodeTopology: 'Labels of the nodes that can reach the storage; absent = none. Can not be changed.',
    capacity: 'How much is free.',
    maximumVolumeSize: 'The largest volume that could be made.',
  },
};
