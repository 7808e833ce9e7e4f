import type { Pod, PodSpec, PodTemplateSpec } from '#api/generated/kubernetes.ts';
import type { Draft, DraftMeta, KubeObject } from '#api/meta/object.ts';
import { controllerRef } from './owners.ts';

/** What of a pod is not in its template. */
export interface PodIdentity {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** What stands before the random part of the name. */
  readonly generateName?: string;
}

/** The pod that `owner` makes from `template` (controller_utils `GetPodFromTemplate`). Pure. */
export function podFromTemplate(owner: KubeObject, template: PodTemplateSpec | undefined, identity: PodIdentity): Draft<Pod> {
  const { name, generateName, labels, annotations, finalizers = [] } = identity;
  const given = template?.metadata;
  const allFinalizers = [...(given?.finalizers ?? []), ...finalizers];
  const metadata: DraftMeta = {
    name,
    namespace: owner.metadata.namespace,
    ...(generateName === undefined ? {} : { generateName }),
    labels: { ...given?.labels, ...labels },
    annotations: { ...given?.annotations, ...annotations },
    ...(allFinalizers.length === 0 ? {} : { finalizers: allFinalizers }),
    ownerReferences: [controllerRef(owner)],
  };
  return { metadata, spec: template?.spec ?? NO_SPEC };
}

/** Refused by the API, with the field that is missing. */
const NO_SPEC: PodSpec = { containers: [] };

/** Longest name of an owner in its pods' names, in characters (apiserver names `maxGeneratedNameLength`). */
const MAX_BASE = 58;

/** `owner-`, cut so that the random part still fits. */
export function nameBase(owner: string): string {
  return `${owner.slice(0, MAX_BASE - 1)}-`;
}

/** Length of the random part, in characters. */
export const SUFFIX_LENGTH = 5;
