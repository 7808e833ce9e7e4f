import type { Descriptions } from './descriptions.ts';

const STATUS = 'Where it stands. Kept by the platform.';
const SELECTOR = 'Labels of the pods that belong to it; the labels of the template must fit. Can not be changed.';
const TEMPLATE = 'What each of its pods is like.';
const HISTORY = 'How many earlier revisions are kept for a rollback.';
const READY_FOR = 'How many seconds a pod has to be ready until it counts as available.';

/** Texts for what makes pods, and for what leads to them. */
export const APPLICATION_DESCRIPTIONS: Descriptions = {
  'v1.Deployment': {
    '': 'Keeps a number of like pods running, and replaces them step by step when their template changes.',
    spec: 'What is to run.',
    status: STATUS,
  },
  'v1.DeploymentSpec': {
    replicas: 'How many pods there are to be. Absent = 1.',
    selector: SELECTOR,
    template: TEMPLATE,
    strategy:
      'How pods are replaced: RollingUpdate (the default) a few at a time, Recreate all at once. A volume that one node writes needs Recreate.',
    minReadySeconds: READY_FOR,
    revisionHistoryLimit: HISTORY,
    progressDeadlineSeconds: 'After how many seconds without progress it counts as failed.',
    paused: 'True = changes of the template wait.',
  },
  'v1.ReplicaSet': { '': 'Keeps a number of like pods running. Usually made by a Deployment.', spec: 'What is to run.', status: STATUS },
  'v1.ReplicaSetSpec': {
    replicas: 'How many pods there are to be. Absent = 1.',
    selector: SELECTOR,
    template: TEMPLATE,
    minReadySeconds: READY_FOR,
  },
  'v1.StatefulSet': {
    '': 'Keeps pods running that have names and volumes of their own: web-0 keeps its claim however often it is made anew.',
    spec: 'What is to run.',
    status: STATUS,
  },
  'v1.StatefulSetSpec': {
    replicas: 'How many pods there are to be. Absent = 1.',
    selector: SELECTOR,
    template: TEMPLATE,
    serviceName: 'The service that gives the pods their names in DNS. Can not be changed.',
    volumeClaimTemplates:
      'Claims that each pod gets, named after the template and the pod (data-web-0); the pod mounts them under the name of the template. Of a template that is there, spec.resources.requests.storage (only up), spec.volumeAttributesClassName, metadata.labels and metadata.annotations can be changed.',
    volumeClaimUpdatePolicy:
      'What becomes of claims that are there when their template changes: OnClaimDelete (the default) leaves them, so that only new claims are made of the new template; InPlace grows and changes them, one after the other. A field of KEP-4650.',
    persistentVolumeClaimRetentionPolicy:
      'What becomes of the claims when the set is deleted, or made smaller: Retain (the default) or Delete.',
    podManagementPolicy: 'OrderedReady (the default) makes one pod after the other, Parallel all at once.',
    updateStrategy: 'RollingUpdate (the default) replaces pods from the last to the first, OnDelete those that are deleted.',
    ordinals: 'The number of the first pod.',
    minReadySeconds: READY_FOR,
    revisionHistoryLimit: HISTORY,
  },
  'v1.StatefulSetPersistentVolumeClaimRetentionPolicy': {
    whenDeleted: 'When the set is deleted: Retain or Delete.',
    whenScaled: 'When the set is made smaller: Retain or Delete.',
  },
  'v1.DaemonSet': { '': 'Runs one pod on every node, or on those that fit.', spec: 'What is to run.', status: STATUS },
  'v1.DaemonSetSpec': {
    selector: SELECTOR,
    template: TEMPLATE,
    updateStrategy: 'RollingUpdate (the default) replaces pods node by node, OnDelete those that are deleted.',
    minReadySeconds: READY_FOR,
    revisionHistoryLimit: HISTORY,
  },
  'v1.ControllerRevision': {
    '': 'The state of a StatefulSet or DaemonSet as it was, for rollbacks.',
    data: 'The state.',
    revision: 'Its number; the highest is the newest.',
  },
  'v1.Job': { '': 'Runs pods until enough of them have succeeded.', spec: 'What is to run, and how often.', status: STATUS },
  'v1.JobSpec': {
    template: 'What each pod is like; its restartPolicy is Never or OnFailure. Can not be changed.',
    completions: 'How many pods have to succeed. Can not be changed.',
    parallelism: 'How many pods run at a time.',
    backoffLimit: 'How often pods may fail until the job has failed. Absent = 6.',
    activeDeadlineSeconds: 'After how many seconds the job has failed, whatever runs.',
    ttlSecondsAfterFinished: 'How many seconds after its end the job is deleted. Absent = never.',
    completionMode: 'NonIndexed (the default), or Indexed: each pod has a number of its own.',
    suspend: 'True = run no pods for now.',
    podFailurePolicy: 'What a failure of a certain kind means.',
    manualSelector: 'True = the selector is yours; leave it absent.',
    selector: 'Labels of its pods; set by the server.',
  },
  'v1.CronJob': { '': 'Makes a Job again and again, at the times of its schedule.', spec: 'What is to run, and when.', status: STATUS },
  'v1.CronJobSpec': {
    schedule: 'When: minute, hour, day of month, month, day of week, for example "*/10 * * * *"; or @hourly, @daily, @weekly, @monthly.',
    timeZone: 'The time zone of the schedule, for example Europe/Berlin. Absent = that of the server.',
    jobTemplate: 'What each job is like.',
    concurrencyPolicy: 'What happens where the last job still runs: Allow (the default), Forbid or Replace.',
    suspend: 'True = start nothing for now.',
    startingDeadlineSeconds: 'How many seconds late a job may start.',
    successfulJobsHistoryLimit: 'How many jobs that succeeded are kept. Absent = 3.',
    failedJobsHistoryLimit: 'How many jobs that failed are kept. Absent = 1.',
  },
  'v1.PodTemplate': { '': 'A template of pods for programs that make them.', template: TEMPLATE },
  'v1.ReplicationController': {
    '': 'Keeps a number of like pods running: what there was before Deployments and ReplicaSets.',
    spec: 'What is to run.',
    status: STATUS,
  },
  'v1.ReplicationControllerSpec': {
    replicas: 'How many pods there are to be. Absent = 1.',
    selector: 'Labels of the pods that belong to it. Absent = those of the template.',
    template: TEMPLATE,
    minReadySeconds: READY_FOR,
  },
  'v1.ServiceAccount': { '': 'Who a pod is to the API.' },
  'v1.Service': { '': 'One name and address for a group of pods.', spec: 'Which pods, and at which ports.', status: STATUS },
  'v1.ServiceSpec': {
    type: 'ClusterIP (the default), NodePort, LoadBalancer or ExternalName.',
    selector: 'Labels of the pods behind it.',
    ports: 'The ports that it has, and where they lead.',
    clusterIP: 'Its address; given by the server. None = no address, only names.',
    externalName: 'The DNS name that it stands for, with the type ExternalName.',
  },
  'v1.Endpoints': { '': 'The addresses behind a service. Older than EndpointSlice.' },
  'v1.EndpointSlice': { '': 'Some of the addresses behind a service.' },
  'v1.Ingress': { '': 'Leads requests from outside to services, by host and path.', spec: 'Which requests, and where to.', status: STATUS },
  'v1.IngressClass': { '': 'Which program serves an Ingress.', spec: 'The program and its settings.' },
  'v1.NetworkPolicy': { '': 'Who may talk to certain pods, and whom they may talk to.', spec: 'Which pods, and with whom.' },
  'v2.HorizontalPodAutoscaler': {
    '': 'Changes the number of pods by what is measured.',
    spec: 'What to scale, by what, and between which bounds.',
    status: STATUS,
  },
};
