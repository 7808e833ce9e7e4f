import type { CronJob, Deployment, Namespace, Pod, PodTemplate, PodTemplateSpec } from '#api/generated/kubernetes.ts';
import { formatFieldErrors } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import type { CheckedPod, Violation } from '#api/pod-security/checking.ts';
import { describeViolations, evaluatePodSecurity } from '#api/pod-security/evaluate.ts';
import {
  compareLevels,
  formatLevelVersion,
  isFullyPrivileged,
  type LevelVersion,
  POD_SECURITY_PREFIX,
  type PodSecurityPolicy,
  policyOfLabels,
} from '#api/pod-security/level.ts';
import {
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  namespaces,
  pods,
  podTemplates,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { Metrics } from '#kit/metrics.ts';
import { forbidden, invalid } from '../../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../../contract/admission.ts';
import { PodSecurityMetrics } from './metrics.ts';
import { warningsOfPods } from './namespace-pods.ts';

/** Parts of a pod under whose name nothing of its spec changes. */
const IGNORED: ReadonlySet<string> = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

/** Where each kind that makes pods has its template. */
const TEMPLATES: ReadonlyMap<string, (object: KubeObject) => PodTemplateSpec | undefined> = new Map([
  [groupResourceOf(podTemplates), (object) => trusted<PodTemplate>(object).template],
  [groupResourceOf(cronJobs), (object) => trusted<CronJob>(object).spec.jobTemplate.spec?.template],
  // why trusted as Deployment: they all have the template in the same place
  ...[deployments, replicaSets, replicationControllers, statefulSets, daemonSets, jobs].map(
    (resource) => [groupResourceOf(resource), (object: KubeObject) => trusted<Deployment>(object).spec?.template] as const,
  ),
]);

/** The admission plugin `PodSecurity`: holds pods to the Pod Security Standard that the labels of their namespace ask for (pod-security-admission). */
export function podSecurity({ clock, metrics }: { readonly clock: Clock; readonly metrics: Metrics }): AdmissionPlugin {
  const counted = new PodSecurityMetrics(metrics);
  return {
    name: 'PodSecurity',
    validate: (request, view) => {
      const { verb, object, kind } = request;
      if (verb === 'delete' || object === undefined) return;
      const resource = groupResourceOf(kind.resource);
      if (resource === groupResourceOf(namespaces)) return validateNamespace({ clock, request, view }, trusted<Namespace>(object));
      if (resource === groupResourceOf(pods)) return validatePod({ counted, request, view }, trusted<Pod>(object));
      const template = TEMPLATES.get(resource)?.(object);
      if (template !== undefined && request.subresource === '') noteTemplate({ counted, request, view }, template);
    },
  };
}

interface Asked {
  readonly request: AdmissionRequest;
  readonly view: StoreView;
}

/** @throws ApiError `FailedPrecondition` (422) where labels can't be read */
async function validateNamespace(asked: Asked & { readonly clock: Clock }, namespace: Namespace): Promise<void> {
  const { clock, request, view } = asked;
  if (request.subresource !== '') return;
  const { policy, faults } = policyOfLabels(namespace.metadata.labels);
  const previous = request.previous === undefined ? undefined : policyOfLabels(request.previous.metadata.labels);
  // why: what was stored before may stay as wrong as it is
  if (faults.length > 0 && !deepEqual(faults, previous?.faults)) throw invalid(namespaces, request.key.name, faults);
  if (previous === undefined || !isStricter(policy.enforce, previous.policy.enforce)) return;
  const { name } = namespace.metadata;
  const { items } = view.list(pods, name);
  for (const warning of await warningsOfPods(items, { namespace: name, enforce: policy.enforce, clock })) request.warn(warning);
}

function isStricter(next: LevelVersion, previous: LevelVersion): boolean {
  if (deepEqual(next, previous) || next.level === 'privileged') return false;
  return next.minor !== previous.minor || compareLevels(next.level, previous.level) > 0;
}

type Counting = Asked & { readonly counted: PodSecurityMetrics };

/** @throws ApiError `PermissionDenied` where the pod may not be */
function validatePod(asked: Counting, pod: Pod): void {
  const { counted, request, view } = asked;
  if (IGNORED.has(request.subresource)) return;
  const { policy, faults } = policyIn(view, request.key.namespace);
  if (faults.length === 0 && isFullyPrivileged(policy)) {
    counted.evaluated(request, { decision: 'allow', mode: 'enforce', of: policy.enforce });
    note(request, 'enforce-policy', 'privileged:latest');
    return;
  }
  if (request.previous !== undefined && !isSignificant(pod, trusted<Pod>(request.previous))) return;
  const checked = { annotations: pod.metadata.annotations ?? {}, spec: pod.spec };
  const enforced = formatLevelVersion(policy.enforce);
  note(request, 'enforce-policy', enforced);
  const violations = evaluatePodSecurity(policy.enforce, checked);
  counted.evaluated(request, { decision: violations.length === 0 ? 'allow' : 'deny', mode: 'enforce', of: policy.enforce });
  noteViolations(asked, checked, { policy, faults, isRefused: violations.length > 0 });
  if (violations.length === 0) return;
  const why = `violates PodSecurity ${JSON.stringify(enforced)}: ${describeViolations(violations)}`;
  throw forbidden(request.kind.resource, request.key.name, why);
}

/** A template is never refused: the pods that are made of it are. */
function noteTemplate(asked: Counting, { metadata, spec }: PodTemplateSpec): void {
  const { policy, faults } = policyIn(asked.view, asked.request.key.namespace);
  if (spec === undefined) return;
  if (faults.length === 0 && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return;
  noteViolations(asked, { annotations: metadata?.annotations ?? {}, spec }, { policy, faults, isRefused: false });
}

interface Noted {
  readonly policy: PodSecurityPolicy;
  readonly faults: readonly FieldError[];
  /** True = nobody is warned of what is refused anyway. */
  readonly isRefused: boolean;
}

function noteViolations({ counted, request }: Counting, pod: CheckedPod, { policy, faults, isRefused }: Noted): void {
  if (faults.length > 0) {
    note(request, 'error', `Failed to parse policy: ${formatFieldErrors(faults)}`);
    counted.failed(request);
  }
  const tell = (mode: 'audit' | 'warn', say: (text: string) => void): void => {
    const violations: readonly Violation[] = evaluatePodSecurity(policy[mode], pod);
    if (violations.length === 0) return;
    say(`would violate PodSecurity ${JSON.stringify(formatLevelVersion(policy[mode]))}: ${describeViolations(violations)}`);
    counted.evaluated(request, { decision: 'deny', mode, of: policy[mode] });
  };
  tell('audit', (text) => note(request, 'audit-violations', text));
  if (!isRefused) tell('warn', (text) => request.warn(text));
}

function note({ annotations }: AdmissionRequest, key: string, text: string): void {
  annotations.set(`${POD_SECURITY_PREFIX}${key}`, text);
}

function policyIn(view: StoreView, namespace: string): ReturnType<typeof policyOfLabels> {
  return policyOfLabels(view.get(namespaces, { namespace: '', name: namespace })?.metadata.labels);
}

/** Of what may change on a pod only images, and containers that are added, matter. */
function isSignificant({ spec: next }: Pod, { spec: before }: Pod): boolean {
  const imagesOf = (list: readonly { readonly image?: string | undefined }[] = []): readonly (string | undefined)[] =>
    list.map(({ image }) => image);
  if (!deepEqual(imagesOf(next.containers), imagesOf(before.containers))) return true;
  if (!deepEqual(imagesOf(next.initContainers), imagesOf(before.initContainers))) return true;
  const known = new Map((before.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  return (next.ephemeralContainers ?? []).some(({ name, image }) => !known.has(name) || known.get(name) !== image);
}
