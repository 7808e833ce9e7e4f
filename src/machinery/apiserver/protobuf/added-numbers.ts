import type { FieldFacts } from './field-facts.ts';

const CORE = 'k8s.io.api.core.v1';
const STORAGE = 'k8s.io.api.storage.v1';
const TIME = '.k8s.io.apimachinery.pkg.apis.meta.v1.Time';
const CONDITIONS: FieldFacts = ['healthConditions', 1, `.${CORE}.VolumeHealthCondition`, 'repeated', ''];

/** Fields of Kubernetes 1.37 that Stowage serves beside those of the facts (`api/schema/additions.ts`), by package and message (k8s.io/api v0.37.2). */
export const ADDED_NUMBERS: Readonly<Record<string, Readonly<Record<string, readonly FieldFacts[]>>>> = {
  [CORE]: {
    EmptyDirVolumeSource: [['mode', 3, 'int32', 'optional', 'p']],
    VolumeMount: [['bindMountOptions', 8, 'string', 'repeated', '']],
    PersistentVolumeClaimStatus: [['healthStatus', 10, `.${CORE}.VolumeHealthStatus`, 'optional', 'p']],
    PodStatus: [['volumeHealth', 22, `.${CORE}.PodVolumeHealth`, 'repeated', '']],
    VolumeHealthCondition: [
      ['status', 1, 'string', 'optional', 'r'],
      ['reason', 2, 'string', 'optional', 'r'],
      ['message', 3, 'string', 'optional', ''],
    ],
    VolumeHealthStatus: [CONDITIONS, ['lastTransitionTime', 2, TIME, 'optional', 'v']],
    PodVolumeHealth: [
      ['name', 1, 'string', 'optional', 'r'],
      ['healthConditions', 2, `.${CORE}.VolumeHealthCondition`, 'repeated', ''],
      ['lastTransitionTime', 3, TIME, 'optional', 'v'],
    ],
  },
  [STORAGE]: {
    CSINode: [['status', 3, `.${STORAGE}.CSINodeStatus`, 'optional', 'v']],
    CSINodeStatus: [['storageHealth', 1, `.${STORAGE}.StorageHealth`, 'repeated', '']],
    StorageHealth: [
      ['name', 1, 'string', 'optional', 'r'],
      ['healthConditions', 2, `.${STORAGE}.StorageHealthCondition`, 'repeated', ''],
    ],
    StorageHealthCondition: [
      ['status', 1, 'string', 'optional', 'r'],
      ['reason', 2, 'string', 'optional', 'r'],
      ['message', 3, 'string', 'optional', ''],
      ['accessMode', 4, 'string', 'optional', 'p'],
      ['volumeMode', 5, 'string', 'optional', 'p'],
      ['lastTransitionTime', 6, TIME, 'optional', 'v'],
    ],
  },
};
