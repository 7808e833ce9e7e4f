import type {
  DaemonSet,
  DaemonSetSpec,
  Deployment,
  DeploymentSpec,
  PodTemplateSpec,
  ReplicaSet,
  ReplicaSetSpec,
  StatefulSet,
  StatefulSetSpec,
} from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import { draftMeta, type MetaOverrides, stored, type StoredOverrides } from './metadata.ts';

/** A template of one busybox container; `version` makes it differ from others. */
export function aTemplate(version = '1', spec: Partial<NonNullable<PodTemplateSpec['spec']>> = {}): PodTemplateSpec {
  const env = [{ name: 'VERSION', value: version }];
  return trusted<PodTemplateSpec>({
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], env }], ...spec },
  });
}

/** What a test wants of a workload: of its metadata, and of its spec. */
export type WorkloadOverrides<S> = MetaOverrides & { readonly spec?: Partial<S> };

/** `default/web`, three pods. */
export function aReplicaSet(overrides: WorkloadOverrides<ReplicaSetSpec> = {}): Draft<ReplicaSet> {
  return {
    metadata: draftMeta({ name: 'web', namespace: 'default' }, overrides),
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: aTemplate(), ...overrides.spec },
  };
}

/** `default/web`, three pods, a rolling update of one more at a time. */
export function aDeployment(overrides: WorkloadOverrides<DeploymentSpec> = {}): Draft<Deployment> {
  return {
    metadata: draftMeta({ name: 'web', namespace: 'default' }, overrides),
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate(),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      ...overrides.spec,
    },
  };
}

/** The same as the server would have stored it. */
export function aStoredDeployment(overrides: WorkloadOverrides<DeploymentSpec> & StoredOverrides = {}): Deployment {
  return stored({ apiVersion: 'apps/v1', kind: 'Deployment' }, aDeployment(overrides), overrides);
}

/** The same as the server would have stored it, with its status. */
export function aStoredReplicaSet(
  overrides: WorkloadOverrides<ReplicaSetSpec> & StoredOverrides & { readonly status?: ReplicaSet['status'] } = {},
): ReplicaSet {
  const set: ReplicaSet = stored({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, aReplicaSet(overrides), overrides);
  return overrides.status === undefined ? set : { ...set, status: overrides.status };
}

/** `default/web`, three pods in order, with one claim `data` each. */
export function aStatefulSet(overrides: WorkloadOverrides<StatefulSetSpec> = {}): Draft<StatefulSet> {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
  return {
    metadata: draftMeta({ name: 'web', namespace: 'default' }, overrides),
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: aTemplate(),
      // why trusted: a template of a claim has no more metadata than its name, though its type asks for it
      volumeClaimTemplates: trusted<StatefulSetSpec['volumeClaimTemplates']>([{ metadata: { name: 'data' }, spec }]),
      ...overrides.spec,
    },
  };
}

/** The same as the server would have stored it. */
export function aStoredStatefulSet(overrides: WorkloadOverrides<StatefulSetSpec> & StoredOverrides = {}): StatefulSet {
  return stored({ apiVersion: 'apps/v1', kind: 'StatefulSet' }, aStatefulSet(overrides), overrides);
}

/** `default/web`, one pod on each node. */
export function aDaemonSet(overrides: WorkloadOverrides<DaemonSetSpec> = {}): Draft<DaemonSet> {
  return {
    metadata: draftMeta({ name: 'web', namespace: 'default' }, overrides),
    spec: { selector: { matchLabels: { app: 'web' } }, template: aTemplate(), ...overrides.spec },
  };
}

/** The same as the server would have stored it. */
export function aStoredDaemonSet(overrides: WorkloadOverrides<DaemonSetSpec> & StoredOverrides = {}): DaemonSet {
  return stored({ apiVersion: 'apps/v1', kind: 'DaemonSet' }, aDaemonSet(overrides), overrides);
}
