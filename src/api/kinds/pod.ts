import { isConditionTrue } from '../conditions.ts';
import { toDouble } from '#kit/exact-json.ts';
import type { Pod } from '../generated/kubernetes.ts';
import { formatAge } from '../meta/duration.ts';
import type { KindDefinition } from '../meta/kind.ts';
import { summarizePod } from '../pod-status-text.ts';
import { pods } from '../resources.ts';
import { ageColumn, column, nameColumn, NONE } from './columns.ts';
import { withAppArmorFields } from './pod-app-armor.ts';
import { DEFAULT_GRACE_SEC, defaultPod, newPodStatus } from './pod-defaults.ts';
import { validatePodUpdate } from './pod-update.ts';
import { validatePod } from './pod-validation.ts';
import { podWarnings } from './pod-warnings.ts';

/** core/v1 Pod. */
export const podKind: KindDefinition<Pod> = {
  resource: pods,
  schema: 'io.k8s.api.core.v1.Pod',
  subresources: ['status', 'log', 'binding', 'eviction', 'exec', 'attach', 'portforward', 'proxy', 'ephemeralcontainers'],
  metadataKeptByStatus: ['ownerReferences'],
  applyDefaults: defaultPod,
  prepareForCreate: (pod) => newPodStatus(withAppArmorFields(pod)),
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  // why new ones only: nobody changes pods by hand
  warnings: (pod, previous) => (previous === undefined ? podWarnings(pod, '') : []),
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork === true),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIP ?? '',
    'status.podIPs': ({ status }) => status?.podIP ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  columns: [
    nameColumn(),
    column({ name: 'Ready', description: 'How many of its containers are ready.' }, (pod) => {
      const { readyCount, totalCount } = summarizePod(pod);
      return `${readyCount}/${totalCount}`;
    }),
    column({ name: 'Status', description: 'What its containers do, in one word.' }, (pod) => summarizePod(pod).status),
    column({ name: 'Restarts', description: 'How often its containers were started again.' }, formatRestarts),
    ageColumn(),
    column({ name: 'IP', description: 'Its address.', isWide: true }, ({ status }) => orNone(status?.podIP)),
    column({ name: 'Node', description: 'The node that it is on.', isWide: true }, ({ spec }) => orNone(spec.nodeName)),
    column({ name: 'Nominated Node', description: 'The node that makes room for it.', isWide: true }, ({ status }) =>
      orNone(status?.nominatedNodeName),
    ),
    column({ name: 'Readiness Gates', description: 'How many of its extra conditions hold.', isWide: true }, formatGates),
  ],
  initialFinalizers: [],
  answersDeletedObject: true,
  deletionGraceSec,
};

/** A pod that runs nowhere, or no longer, goes at once (core registry/core/pod `CheckGracefulDelete`). */
function deletionGraceSec({ spec, status }: Pod): number {
  const isRunning = (spec.nodeName ?? '') !== '' && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
  return isRunning ? Math.max(toDouble(spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SEC), 0) : 0;
}

function formatRestarts(pod: Pod, nowMs: number): string {
  const { restartCount, lastRestart } = summarizePod(pod);
  return restartCount === 0 || lastRestart === undefined ? String(restartCount) : `${restartCount} (${formatAge(lastRestart, nowMs)} ago)`;
}

function formatGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  return `${gates.filter(({ conditionType }) => isConditionTrue(status?.conditions, conditionType)).length}/${gates.length}`;
}

function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? NONE : text;
}
