import type { Descriptions } from './descriptions.ts';

/** Texts for what uses storage. */
export const WORKLOAD_DESCRIPTIONS: Descriptions = {
  'v1.Namespace': { '': 'A space for names: objects in it are separate from those in others, and go with it.' },
  'v1.Node': { '': 'A machine that runs pods.' },
  'v1.NodeSpec': { unschedulable: 'Take no new pods.', taints: 'Keep pods away that do not tolerate these.' },
  'v1.Pod': {
    '': 'One or more containers that run together on one node and share volumes.',
    spec: 'What is to run. After creation only images, added tolerations and the deadline can change.',
    status: 'What runs. Kept by the platform.',
  },
  'v1.PodSpec': {
    containers: 'The containers; at least one.',
    initContainers: 'Containers that run to their end, one after the other, before the others start.',
    volumes: 'Storage that the containers can mount by name.',
    restartPolicy: 'What happens when a container ends: Always (the default), OnFailure, Never.',
    terminationGracePeriodSeconds: 'How many seconds the pod has to end before it is killed (30).',
    nodeName: 'The node; filled in by the scheduler.',
    nodeSelector: 'Labels that the node must have.',
    securityContext: 'User, groups and other rights for all containers; fsGroup is the group that owns the files of volumes.',
  },
  'v1.Container': {
    name: 'Unique in the pod.',
    image: 'What to run, for example busybox.',
    command: 'Replaces the image’s entry point.',
    args: 'Arguments of the command.',
    env: 'Environment variables.',
    volumeMounts: 'Which volumes to mount where.',
    volumeDevices: 'Which block volumes to give as devices, and where.',
    resources: 'Processor and memory: what it needs (requests) and may use at most (limits).',
  },
  'v1.VolumeMount': {
    name: 'The name of a volume of the pod.',
    mountPath: 'Where the container sees it.',
    subPath: 'Mount only this directory or file of the volume.',
    readOnly: 'Do not let the container write.',
    bindMountOptions:
      'What is not to work in it: noexec (run files), nosuid (become another user by a file), nodev (devices). Not for images.',
  },
  'v1.VolumeDevice': {
    name: 'The name of a volume of the pod that is a claim of mode Block.',
    devicePath: 'Where the container sees the device.',
  },
  'v1.Volume': {
    '': 'A volume of a pod: a name and exactly one source. Without a source it is an empty directory.',
    name: 'Unique in the pod; volumeMounts refer to it.',
    persistentVolumeClaim: 'A claim of the namespace.',
    ephemeral: 'A claim that is made for the pod and goes with it.',
    emptyDir: 'A directory that is empty at the start and goes with the pod.',
    hostPath: 'A path of the node.',
    configMap: 'The entries of a ConfigMap as files.',
    secret: 'The entries of a Secret as files.',
    projected: 'Several sources in one directory.',
    csi: 'A volume that a CSI driver makes for the pod alone.',
    nfs: 'A directory that an NFS server exports.',
  },
  'v1.PersistentVolumeClaimVolumeSource': { claimName: 'The name of a claim of the pod’s namespace.', readOnly: 'Mount it read-only.' },
  'v1.EmptyDirVolumeSource': {
    medium: '"" is the node’s disk, Memory is the main memory.',
    sizeLimit: 'The most that it may hold.',
    mode: 'Its permissions when it is made, at most 01777; absent: anybody may read and write. A fsGroup of the pod adds those of the group.',
  },
  'v1.EphemeralVolumeSource': { volumeClaimTemplate: 'The claim to make; its name is POD-VOLUME.' },
  'v1.Secret': {
    '': 'Small confidential data.',
    data: 'Entries in base64.',
    stringData: 'Entries as plain text; written into data.',
    type: 'What the data is for.',
  },
  'v1.ConfigMap': { '': 'Small data that is not confidential.', data: 'Entries as text.', binaryData: 'Entries in base64.' },
  'v1.Event': { '': 'Something that happened to an object.' },
  'v1.Lease': { '': 'Who may act for a while: used to elect a leader and to show that a node is alive.' },
};
