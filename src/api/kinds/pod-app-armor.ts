import { deepEqual } from '#kit/json.ts';
import type { AppArmorProfile, Container, Pod, PodSpec } from '../generated/kubernetes.ts';
import { forbidden, invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

/** Where profiles stood before they were fields (core `DeprecatedAppArmorAnnotationKeyPrefix`). */
const ANNOTATION_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const LOCALHOST = 'localhost/';

/** AppArmor profiles of annotations as the fields that mean the same; a field wins (core registry/core/pod `applyAppArmorVersionSkew`). */
export function withAppArmorFields(pod: Pod): Pod {
  const annotations = pod.metadata.annotations ?? {};
  if (!Object.keys(annotations).some((key) => key.startsWith(ANNOTATION_PREFIX))) return pod;
  const { spec } = pod;
  const withProfile = <Item extends Container>(container: Item): Item => {
    const profile = profileOf(annotations[`${ANNOTATION_PREFIX}${container.name}`]);
    const isSaid = profile === undefined || container.securityContext?.appArmorProfile !== undefined;
    if (isSaid || deepEqual(profile, spec.securityContext?.appArmorProfile)) return container;
    return { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } };
  };
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(withProfile),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withProfile) }),
    },
  };
}

function profileOf(annotation: string | undefined): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = annotation?.startsWith(LOCALHOST) === true ? annotation.slice(LOCALHOST.length) : '';
  return name === '' ? undefined : { type: 'Localhost', localhostProfile: name };
}

/** Faults of such annotations at `field`: each names a container of the pod, and a profile. */
export function validateAppArmorAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  { containers, initContainers = [], ephemeralContainers = [] }: PodSpec,
  field: string,
): readonly FieldError[] {
  const names = new Set([...containers, ...initContainers, ...ephemeralContainers].map(({ name }) => name));
  return Object.entries(annotations ?? {}).flatMap(([key, profile]) => {
    if (!key.startsWith(ANNOTATION_PREFIX)) return [];
    const container = key.slice(ANNOTATION_PREFIX.length);
    const isProfile = ['', 'unconfined', 'runtime/default'].includes(profile) || profile.startsWith(LOCALHOST);
    return [
      ...(names.has(container) ? [] : [invalid(`${field}[${key}]`, container, 'container not found')]),
      ...(isProfile ? [] : [invalid(`${field}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)]),
    ];
  });
}

/** Faults of such annotations that change, at `field`: they are settled once the pod is there (core validation `ValidateAppArmorPodAnnotations`). */
export function validateAppArmorUpdate(
  after: Readonly<Record<string, string>> = {},
  before: Readonly<Record<string, string>> = {},
  field: string,
): readonly FieldError[] {
  const ofBoth = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key.startsWith(ANNOTATION_PREFIX));
  return ofBoth
    .filter((key) => after[key] !== before[key])
    .map((key) => forbidden(`${field}[${key}]`, `may not ${before[key] === undefined ? 'add' : 'remove or update'} AppArmor annotations`));
}
