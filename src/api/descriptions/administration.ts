import type { Descriptions } from './descriptions.ts';

const STATUS = 'Where it stands. Kept by the platform.';

/** Texts for what administrators bound, permit and extend. */
export const ADMINISTRATION_DESCRIPTIONS: Descriptions = {
  'v1.ResourceQuota': {
    '': 'Bounds what all objects of a namespace take together. What does not fit is refused when it is made.',
    spec: 'The bounds.',
    status: 'The bounds and what is used of them. Kept by the platform.',
  },
  'v1.ResourceQuotaSpec': {
    hard: 'The most of each thing, for example requests.storage: 100Gi, persistentvolumeclaims: "10", gold.storageclass.storage.k8s.io/requests.storage: 50Gi, count/jobs.batch: "5".',
    scopes:
      'Only for pods of these kinds: Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass, CrossNamespacePodAffinity. Can not be changed.',
    scopeSelector: 'The same with values, for example only pods of a PriorityClass, or claims of a VolumeAttributesClass.',
  },
  'v1.LimitRange': {
    '': 'Bounds what one pod, container or claim of a namespace may ask for, and says what containers ask for that say nothing.',
    spec: 'The bounds.',
  },
  'v1.LimitRangeItem': {
    type: 'What it bounds: Container, Pod or PersistentVolumeClaim.',
    min: 'The least that may be asked for.',
    max: 'The most that may be asked for.',
    default: 'The limit of containers that have none.',
    defaultRequest: 'The request of containers that have none.',
    maxLimitRequestRatio: 'How many times its request a limit may be.',
  },
  'v1.PodDisruptionBudget': {
    '': 'How many of certain pods may be evicted at a time.',
    spec: 'Which pods, and how many have to stay.',
    status: STATUS,
  },
  'v1.PodDisruptionBudgetSpec': {
    selector: 'Labels of the pods; an empty selector is for all of the namespace.',
    minAvailable: 'How many have to stay, or which share, for example 50%.',
    maxUnavailable: 'How many may be missing, or which share. Only one of the two.',
    unhealthyPodEvictionPolicy:
      'AlwaysAllow = pods that are not ready may always go; IfHealthyBudget (the default) = only while enough others are.',
  },
  'v1.PriorityClass': {
    '': 'How important pods are.',
    value: 'More is more important; at most 1000000000. Can not be changed.',
    globalDefault: 'True for the class of pods that name none; one class at most.',
    preemptionPolicy: 'Never = its pods take no place of others. Can not be changed.',
    description: 'What the class is for.',
  },
  'v1.RuntimeClass': {
    '': 'What runs the containers of its pods.',
    handler: 'Its name on the nodes: runc. Can not be changed.',
    overhead: 'What a pod takes beside its containers.',
    scheduling: 'Nodes that have the handler, and the taints that its pods bear.',
  },
  'v1.Role': { '': 'Rights in one namespace.', rules: 'What may be done to what.' },
  'v1.ClusterRole': { '': 'Rights in every namespace, or to what has none.', rules: 'What may be done to what.' },
  'v1.RoleBinding': { '': 'Gives somebody the rights of a role in one namespace.' },
  'v1.ClusterRoleBinding': { '': 'Gives somebody the rights of a ClusterRole everywhere.' },
  'v1.CustomResourceDefinition': { '': 'Adds a kind to the API.', spec: 'What the kind is like.', status: STATUS },
  'v1.ValidatingAdmissionPolicy': {
    '': 'Rules in CEL that say whether an object may be written; a binding puts them into force.',
    spec: 'What it is about, and what must be true.',
    status: STATUS,
  },
  'v1.ValidatingAdmissionPolicyBinding': {
    '': 'Puts a ValidatingAdmissionPolicy into force.',
    spec: 'Which policy, with which parameters, for what, and what happens when it is broken.',
  },
  'v1.MutatingAdmissionPolicy': {
    '': 'Changes in CEL that are made to an object before it is written; a binding puts them into force.',
    spec: 'What it is about, and what it changes.',
  },
  'v1.MutatingAdmissionPolicyBinding': {
    '': 'Puts a MutatingAdmissionPolicy into force.',
    spec: 'Which policy, with which parameters, and for what.',
  },
  'v1.ValidatingWebhookConfiguration': { '': 'Programs that are asked whether an object may be written.' },
  'v1.MutatingWebhookConfiguration': { '': 'Programs that may change an object before it is written.' },
};
