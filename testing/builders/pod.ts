import type { Container, Pod, PodSpec, PodStatus, Volume } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { draftMeta, type MetaOverrides, stored, type StoredOverrides } from './metadata.ts';

/** What a test wants of a pod. */
export interface PodOverrides extends MetaOverrides {
  /** Names of claims in its namespace; the first is mounted at `/data-0`, and so on. */
  readonly claims?: readonly string[];
  /** Volumes beside the claims'. */
  readonly volumes?: readonly Volume[];
  /** What its one container runs; default `sleep 3600`. */
  readonly command?: readonly string[];
  readonly nodeName?: string;
  /** More of its container. */
  readonly container?: Partial<Container>;
  readonly spec?: Partial<PodSpec>;
  readonly status?: PodStatus;
}

/** A pod to create: `default/web` with one busybox container `main`. */
export function aPod(overrides: PodOverrides = {}): Draft<Pod> {
  const { claims = [], volumes = [], command = ['sleep', '3600'], nodeName, container, spec, status } = overrides;
  const mounts = claims.map((_claim, index) => ({ name: `data-${index}`, mountPath: `/data-${index}` }));
  const claimVolumes = claims.map((claimName, index) => ({ name: `data-${index}`, persistentVolumeClaim: { claimName } }));
  return {
    metadata: draftMeta({ name: 'web', namespace: 'default' }, overrides),
    spec: {
      containers: [{ name: 'main', image: 'busybox', command, ...(mounts.length === 0 ? {} : { volumeMounts: mounts }), ...container }],
      ...(claims.length + volumes.length === 0 ? {} : { volumes: [...claimVolumes, ...volumes] }),
      ...(nodeName === undefined ? {} : { nodeName }),
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** The same pod as the server would have stored it. */
export function aStoredPod(overrides: PodOverrides & StoredOverrides = {}): Pod {
  return stored({ apiVersion: 'v1', kind: 'Pod' }, aPod(overrides), overrides);
}
