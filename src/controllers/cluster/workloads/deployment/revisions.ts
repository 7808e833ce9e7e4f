import type { Deployment, PodTemplateSpec, ReplicaSet } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { controllerRef } from '../owners.ts';
import { hashOf } from '../template-hash.ts';
import { maxSurgeOf, replicasOf } from './shares.ts';

/** Which rollout of the deployment it is, counted from 1; what `kubectl rollout history` shows. */
export const REVISION = 'deployment.kubernetes.io/revision';
/** Earlier revisions that had the same template. */
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** Of a ReplicaSet: how many pods its deployment asked for, and was allowed at most, when it was scaled last. */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
/** See {@link DESIRED_REPLICAS}. */
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** Tells the pods of one template from those of another. */
const HASH_LABEL = 'pod-template-hash';

/** Annotations that belong to one object and are not passed on (deployment_util.go `annotationsToSkip`). */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

/** The ReplicaSets of a deployment. */
export interface DeploymentSets {
  /** The one with the deployment's template. */
  readonly current: ReplicaSet | undefined;
  /** All others, the oldest first. */
  readonly old: readonly ReplicaSet[];
}

/** Finds the ReplicaSet of the template as it is now; of several the oldest (deployment_util.go `FindNewReplicaSet`). Pure. */
export function sortSets({ spec }: Deployment, sets: readonly ReplicaSet[]): DeploymentSets {
  const sorted = sets.toSorted(compareAge);
  const current = sorted.find((set) => hasTemplate(set, spec.template));
  return { current, old: sorted.filter((set) => set !== current) };
}

/** True where `set` makes the pods of `template`. */
export function hasTemplate({ spec }: ReplicaSet, template: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(spec.template ?? {}), withoutHash(template));
}

function withoutHash(template: PodTemplateSpec): unknown {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  const { labels: _labels, creationTimestamp: _created, ...metadata } = template.metadata ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

function compareAge({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return compareRevisions(a.annotations, b.annotations) || (a.name < b.name ? -1 : 1);
}

type Annotations = Readonly<Record<string, string>> | undefined;

/** A whole number of 64 bits: what upstream counts revisions with. */
const REVISION_NUMBER = /^[+-]?\d{1,19}$/;

/** The number in {@link REVISION}; 0 where there is none. */
export function revisionNumber(annotations: Annotations): bigint {
  const text = annotations?.[REVISION] ?? '';
  const revision = REVISION_NUMBER.test(text) ? BigInt(text.replace('+', '')) : 0n;
  return BigInt.asIntN(64, revision) === revision ? revision : 0n;
}

function compareRevisions(a: Annotations, b: Annotations): number {
  const [left, right] = [revisionNumber(a), revisionNumber(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The ReplicaSet for the deployment's template, with `replicas` pods. Pure. */
export function newSetDraft(deployment: Deployment, old: readonly ReplicaSet[], replicas: number): Draft<ReplicaSet> {
  const { metadata, spec, status } = deployment;
  const hash = hashOf(withoutHash(spec.template), status?.collisionCount);
  const label = { [HASH_LABEL]: hash };
  const labels = { ...spec.template.metadata?.labels, ...label };
  // why trusted: a template's metadata has no name, though its type asks for one
  const template = trusted<PodTemplateSpec>({ ...spec.template, metadata: { ...spec.template.metadata, labels } });
  const annotations = { ...passedOn(metadata.annotations), [REVISION]: String(highestRevision(old) + 1n), ...scaleAnnotations(deployment) };
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...label } },
      template,
    },
  };
}

/** The annotations that say what `deployment` asks of its ReplicaSets. */
export function scaleAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const replicas = replicasOf(deployment);
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurgeOf(deployment)) };
}

/** What of the current ReplicaSet does not agree with its deployment yet: annotations and minReadySeconds; undefined where all does. Pure. */
export function currentSetPatch(deployment: Deployment, { current, old }: DeploymentSets): object | undefined {
  if (current === undefined) return undefined;
  const has = current.metadata.annotations ?? {};
  const next = highestRevision(old) + 1n;
  const before = revisionNumber(has);
  const history = [has[REVISION_HISTORY], String(before)].filter((part) => part !== undefined && part !== '').join(',');
  const wanted: Record<string, string> = {
    ...passedOn(deployment.metadata.annotations),
    ...(before >= next ? {} : { [REVISION]: String(next), ...(before === 0n ? {} : { [REVISION_HISTORY]: history }) }),
  };
  const annotations = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => has[key] !== value));
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const isSlow = (current.spec.minReadySeconds ?? 0) !== minReadySeconds;
  if (Object.keys(annotations).length === 0 && !isSlow) return undefined;
  return { metadata: { annotations }, ...(isSlow ? { spec: { minReadySeconds } } : {}) };
}

/** The old ReplicaSets beyond the limit of the history, without pods, the oldest revisions first (sync.go `cleanupDeployment`). Pure. */
export function planCleanup({ spec }: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - (spec.revisionHistoryLimit ?? Number.POSITIVE_INFINITY);
  if (surplus <= 0) return [];
  return alive
    .toSorted((a, b) => compareRevisions(a.metadata.annotations, b.metadata.annotations))
    .slice(0, surplus)
    .filter(
      ({ metadata, spec: { replicas }, status }) =>
        replicas === 0 && (status?.replicas ?? 0) === 0 && (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    );
}

function highestRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(({ metadata }) => revisionNumber(metadata.annotations)).reduce((highest, one) => (one > highest ? one : highest), 0n);
}

function passedOn(annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !OWN_ANNOTATIONS.has(key)));
}
