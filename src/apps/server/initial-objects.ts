import type { PersistentVolumeClaim, PodTemplateSpec } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { SYSTEM_PRIORITY_CLASSES } from '#api/priority.ts';
import { csiDrivers, namespaces, priorityClasses, serviceAccounts, statefulSets, storageClasses } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';

/** An object that the platform makes at its first start and never again: what a user deletes or edits stays so. */
export interface InitialObject {
  readonly resource: Resource;
  readonly draft: Draft<KubeObject>;
}

function initial<K extends KubeObject>(resource: Resource<K>, draft: Draft<K>): InitialObject {
  return { resource, draft };
}

/** The embedded node. */
export const NODE_NAME = 'node-1';
/** Provisioner name of the embedded driver (requirement CLASS-5). */
export const LOCAL_DRIVER = 'local.stowage.dev';

/** The namespaces that every cluster has (kube-apiserver makes the same). */
export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

/** What runs for the cluster itself may need the machine. */
const SYSTEM_LABELS: Readonly<Partial<Record<string, Record<string, string>>>> = {
  'kube-system': { 'pod-security.kubernetes.io/enforce': 'privileged' },
};

/** The priority classes that every cluster has. */
export function priorityObjects(): readonly InitialObject[] {
  const description = 'For pods that the cluster can not do without.';
  return [...SYSTEM_PRIORITY_CLASSES].map(([name, value]) => initial(priorityClasses, { metadata: { name }, value, description }));
}

/** Says of a class that the platform made it, and makes it anew where another number of nodes asks for another binding. */
export const BINDS_BY_NODE_COUNT = 'local.stowage.dev/binds-by-node-count';

/** With several nodes a volume is made where its pod goes: two volumes of one pod on different nodes would keep it from running. Pure. */
export function bindingModeFor(nodeCount: number): 'Immediate' | 'WaitForFirstConsumer' {
  return nodeCount === 1 ? 'Immediate' : 'WaitForFirstConsumer';
}

/** The names of the platform's own classes. */
export const OWN_CLASSES = ['local', 'local-directory'] as const;

/** The namespaces, the driver and the classes of a one-machine installation with so many nodes. */
export function platformObjects(nodeCount: number): readonly InitialObject[] {
  const volumeBindingMode = bindingModeFor(nodeCount);
  return [
    ...SYSTEM_NAMESPACES.map((name) => initial(namespaces, { metadata: { name, labels: SYSTEM_LABELS[name] ?? {} }, spec: {} })),
    initial(csiDrivers, {
      metadata: { name: LOCAL_DRIVER },
      spec: {
        attachRequired: false,
        podInfoOnMount: false,
        storageCapacity: true,
        fsGroupPolicy: 'File',
        volumeLifecycleModes: ['Persistent'],
      },
    }),
    initial(storageClasses, {
      metadata: {
        name: 'local',
        annotations: {
          'storageclass.kubernetes.io/is-default-class': 'true',
          'cpaas.io/display-name': 'Local storage',
          [BINDS_BY_NODE_COUNT]: 'true',
        },
      },
      provisioner: LOCAL_DRIVER,
      reclaimPolicy: 'Delete',
      volumeBindingMode,
      allowVolumeExpansion: true,
    }),
    initial(storageClasses, {
      metadata: {
        name: 'local-directory',
        annotations: { 'cpaas.io/display-name': 'Local directory', [BINDS_BY_NODE_COUNT]: 'true' },
      },
      provisioner: LOCAL_DRIVER,
      parameters: { type: 'directory' },
      reclaimPolicy: 'Delete',
      volumeBindingMode,
      allowVolumeExpansion: true,
    }),
  ];
}

/** Appends a line a second to a file on its claim, and prints the same line to its log. */
const DEMO_COMMAND =
  'trap "exit 0" TERM; while true; do line="$(date -u +%FT%TZ) $(hostname) was here"; echo "$line" | tee -a /data/log.txt; sleep 1; done';

/** The sample application: a namespace, and a StatefulSet whose pod writes to its claim. */
export function demoObjects(): readonly InitialObject[] {
  const namespace = 'demo';
  return [
    initial(namespaces, { metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } }, spec: {} }),
    // why: the pod needs it, and the controller that makes it starts later
    initial(serviceAccounts, { metadata: { name: 'default', namespace } }),
    initial(statefulSets, {
      metadata: { name: 'writer', namespace, labels: { app: 'writer' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'writer' } },
        // why trusted: templates have no names or uids of their own, though the type of their metadata asks for them
        template: trusted<PodTemplateSpec>({
          metadata: { labels: { app: 'writer' } },
          spec: {
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                name: 'writer',
                image: 'busybox',
                command: ['sh', '-c', DEMO_COMMAND],
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
          },
        }),
        volumeClaimTemplates: trusted<PersistentVolumeClaim[]>([
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ]),
      },
    }),
  ];
}
