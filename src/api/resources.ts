import type {
  AutoscalingHorizontalPodAutoscaler,
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  ControllerRevision,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  EventsEvent,
  Ingress,
  IngressClass,
  Job,
  Lease,
  LimitRange,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PodTemplate,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceQuota,
  Role,
  RoleBinding,
  RuntimeClass,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
  VolumeAttachment,
  VolumeAttributesClass,
} from './generated/kubernetes.ts';
import type { KubeObject } from './meta/object.ts';
import type { Resource } from './meta/resource.ts';

interface Names {
  readonly group?: string;
  /** Absent = `v1`. */
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly isNamespaced: boolean;
}

function resource<K extends KubeObject>(names: Names): Resource<K> {
  return {
    group: names.group ?? '',
    version: names.version ?? 'v1',
    kind: names.kind,
    listKind: `${names.kind}List`,
    plural: names.plural,
    singular: names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    isNamespaced: names.isNamespaced,
  };
}

const STORAGE = 'storage.k8s.io';
/** The API group of roles and their bindings. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** core/v1 Namespace. */
export const namespaces = resource<Namespace>({ kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], isNamespaced: false });
/** core/v1 Node. */
export const nodes = resource<Node>({ kind: 'Node', plural: 'nodes', shortNames: ['no'], isNamespaced: false });
/** core/v1 Pod. */
export const pods = resource<Pod>({ kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'], isNamespaced: true });
/** core/v1 PersistentVolume. */
export const persistentVolumes = resource<PersistentVolume>({
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  isNamespaced: false,
});
/** core/v1 PersistentVolumeClaim. */
export const persistentVolumeClaims = resource<PersistentVolumeClaim>({
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  isNamespaced: true,
});
/** core/v1 Secret. */
export const secrets = resource<Secret>({ kind: 'Secret', plural: 'secrets', isNamespaced: true });
/** core/v1 ConfigMap. */
export const configMaps = resource<ConfigMap>({ kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'], isNamespaced: true });
/** core/v1 ServiceAccount. */
export const serviceAccounts = resource<ServiceAccount>({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  isNamespaced: true,
});
/** core/v1 Event. */
export const events = resource<Event>({ kind: 'Event', plural: 'events', shortNames: ['ev'], isNamespaced: true });
/** coordination.k8s.io/v1 Lease. */
export const leases = resource<Lease>({ group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases', isNamespaced: true });
/** storage.k8s.io/v1 StorageClass. */
export const storageClasses = resource<StorageClass>({
  group: STORAGE,
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  isNamespaced: false,
});
/** storage.k8s.io/v1 CSIDriver. */
export const csiDrivers = resource<CSIDriver>({ group: STORAGE, kind: 'CSIDriver', plural: 'csidrivers', isNamespaced: false });
/** storage.k8s.io/v1 CSINode. */
export const csiNodes = resource<CSINode>({ group: STORAGE, kind: 'CSINode', plural: 'csinodes', isNamespaced: false });
/** storage.k8s.io/v1 VolumeAttachment. */
export const volumeAttachments = resource<VolumeAttachment>({
  group: STORAGE,
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  isNamespaced: false,
});

/** rbac.authorization.k8s.io/v1 Role. */
export const roles = resource<Role>({ group: RBAC_GROUP, kind: 'Role', plural: 'roles', isNamespaced: true });
/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const roleBindings = resource<RoleBinding>({ group: RBAC_GROUP, kind: 'RoleBinding', plural: 'rolebindings', isNamespaced: true });
/** rbac.authorization.k8s.io/v1 ClusterRole. */
export const clusterRoles = resource<ClusterRole>({ group: RBAC_GROUP, kind: 'ClusterRole', plural: 'clusterroles', isNamespaced: false });
/** rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const clusterRoleBindings = resource<ClusterRoleBinding>({
  group: RBAC_GROUP,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  isNamespaced: false,
});

const APPS = 'apps';
/** apps/v1 Deployment. */
export const deployments = resource<Deployment>({
  group: APPS,
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  isNamespaced: true,
});
/** apps/v1 ReplicaSet. */
export const replicaSets = resource<ReplicaSet>({
  group: APPS,
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  isNamespaced: true,
});
/** core/v1 ReplicationController. */
export const replicationControllers = resource<ReplicationController>({
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  isNamespaced: true,
});
/** apps/v1 StatefulSet. */
export const statefulSets = resource<StatefulSet>({
  group: APPS,
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  isNamespaced: true,
});
/** apps/v1 DaemonSet. */
export const daemonSets = resource<DaemonSet>({
  group: APPS,
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  isNamespaced: true,
});
/** apps/v1 ControllerRevision. */
export const controllerRevisions = resource<ControllerRevision>({
  group: APPS,
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  isNamespaced: true,
});
/** batch/v1 Job. */
export const jobs = resource<Job>({ group: 'batch', kind: 'Job', plural: 'jobs', categories: ['all'], isNamespaced: true });
/** batch/v1 CronJob. */
export const cronJobs = resource<CronJob>({
  group: 'batch',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  isNamespaced: true,
});

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
export const validatingAdmissionPolicies = resource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding. */
export const validatingAdmissionPolicyBindings = resource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicy. */
export const mutatingAdmissionPolicies = resource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding. */
export const mutatingAdmissionPolicyBindings = resource<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration. */
export const validatingWebhookConfigurations = resource<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** admissionregistration.k8s.io/v1 MutatingWebhookConfiguration. */
export const mutatingWebhookConfigurations = resource<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** core/v1 Service. */
export const services = resource<Service>({
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  isNamespaced: true,
});

/** core/v1 Endpoints. */
export const endpoints = resource<Endpoints>({
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  isNamespaced: true,
});

/** core/v1 ResourceQuota. */
export const resourceQuotas = resource<ResourceQuota>({
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  isNamespaced: true,
});

/** core/v1 LimitRange. */
export const limitRanges = resource<LimitRange>({
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  isNamespaced: true,
});

/** core/v1 PodTemplate. */
export const podTemplates = resource<PodTemplate>({
  kind: 'PodTemplate',
  plural: 'podtemplates',
  isNamespaced: true,
});

/** storage.k8s.io/v1 CSIStorageCapacity. */
export const csiStorageCapacities = resource<CSIStorageCapacity>({
  group: STORAGE,
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  isNamespaced: true,
});

/** storage.k8s.io/v1 VolumeAttributesClass. */
export const volumeAttributesClasses = resource<VolumeAttributesClass>({
  group: STORAGE,
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  isNamespaced: false,
});

/** policy/v1 PodDisruptionBudget. */
export const podDisruptionBudgets = resource<PodDisruptionBudget>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  isNamespaced: true,
});

/** node.k8s.io/v1 RuntimeClass. */
export const runtimeClasses = resource<RuntimeClass>({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  isNamespaced: false,
});

/** scheduling.k8s.io/v1 PriorityClass. */
export const priorityClasses = resource<PriorityClass>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  isNamespaced: false,
});

/** networking.k8s.io/v1 Ingress. */
export const ingresses = resource<Ingress>({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  isNamespaced: true,
});

/** networking.k8s.io/v1 IngressClass. */
export const ingressClasses = resource<IngressClass>({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  isNamespaced: false,
});

/** networking.k8s.io/v1 NetworkPolicy. */
export const networkPolicies = resource<NetworkPolicy>({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  isNamespaced: true,
});

/** discovery.k8s.io/v1 EndpointSlice. */
export const endpointSlices = resource<EndpointSlice>({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  isNamespaced: true,
});

/** autoscaling/v2 HorizontalPodAutoscaler. */
export const horizontalPodAutoscalers = resource<AutoscalingHorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  isNamespaced: true,
});

/** events.k8s.io/v1 Event. */
export const regardingEvents = resource<EventsEvent>({
  group: 'events.k8s.io',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  isNamespaced: true,
});

/** The API group of CustomResourceDefinitions. */
export const API_EXTENSIONS_GROUP = 'apiextensions.k8s.io';
/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const customResourceDefinitions = resource<CustomResourceDefinition>({
  group: API_EXTENSIONS_GROUP,
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  isNamespaced: false,
});

/** Every built-in resource that the embedded API serves and that has objects of its own, in the order of discovery. */
export const BUILT_IN_RESOURCES: readonly Resource[] = [
  namespaces,
  nodes,
  pods,
  persistentVolumes,
  persistentVolumeClaims,
  secrets,
  configMaps,
  serviceAccounts,
  events,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  controllerRevisions,
  jobs,
  cronJobs,
  leases,
  storageClasses,
  csiDrivers,
  csiNodes,
  volumeAttachments,
  roles,
  roleBindings,
  clusterRoles,
  clusterRoleBindings,
  customResourceDefinitions,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
  mutatingWebhookConfigurations,
  services,
  endpoints,
  resourceQuotas,
  limitRanges,
  podTemplates,
  replicationControllers,
  csiStorageCapacities,
  volumeAttributesClasses,
  podDisruptionBudgets,
  priorityClasses,
  runtimeClasses,
  ingresses,
  ingressClasses,
  networkPolicies,
  endpointSlices,
  horizontalPodAutoscalers,
];
