import type { Volume } from '../generated/kubernetes.ts';
import {
  type Check,
  containersOf,
  containersWhere,
  describeSetters,
  distinct,
  isForWindows,
  isInUserNamespace,
  named,
  plural,
  quoted,
} from './checking.ts';
import { seccompProfile } from './baseline-checks.ts';

export const allowPrivilegeEscalation: Check = ({ spec }) => {
  const bad = containersWhere(spec, (context) => context.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const detail = `${named('container', bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
};

export const restrictedCapabilities: Check = ({ spec }) => {
  const isBad = (name: string): boolean => name !== 'NET_BIND_SERVICE';
  const keeping = containersWhere(spec, ({ capabilities }) => !(capabilities?.drop ?? []).includes('ALL'));
  const adding = containersWhere(spec, ({ capabilities }) => (capabilities?.add ?? []).some(isBad));
  const added = containersOf(spec).flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []);
  const details = [
    ...(keeping.length === 0 ? [] : [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0
      ? []
      : [`${named('container', adding)} must not include ${quoted(distinct(added.filter(isBad)))} in securityContext.capabilities.add`]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const VOLUME_TYPES: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export const restrictedVolumes: Check = ({ spec: { volumes = [] } }) => {
  const bad = volumes.filter((volume) => !VOLUME_TYPES.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const verb = bad.length === 1 ? 'uses' : 'use';
  const types = distinct(bad.map(typeOf));
  const names = named(
    'volume',
    bad.map(({ name }) => name),
  );
  return {
    reason: 'restricted volume types',
    detail: `${names} ${verb} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  };
};

function typeOf(volume: Volume): string {
  const set = Object.entries(volume).filter(([field, value]) => field !== 'name' && value !== undefined);
  const types = set.map(([field]) => field);
  return types.find((type) => VOLUME_TYPES.has(type)) ?? types[0] ?? 'unknown';
}

export const runAsNonRoot: Check = ({ spec }) => {
  const ofPod = spec.securityContext?.runAsNonRoot;
  const reason = 'runAsNonRoot != true';
  const setters = describeSetters({
    isPodAtFault: ofPod === false,
    containers: containersWhere(spec, (context) => context.runAsNonRoot === false),
  });
  if (setters !== undefined) return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  const silent = containersWhere(spec, (context) => context.runAsNonRoot === undefined);
  if (ofPod === true || silent.length === 0) return undefined;
  return { reason, detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Check = ({ spec }) => {
  const setters = describeSetters({
    isPodAtFault: spec.securityContext?.runAsUser === 0,
    containers: containersWhere(spec, (context) => context.runAsUser === 0),
  });
  return setters === undefined ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
};

export const restrictedSeccompProfile: Check = (pod) => {
  const { spec } = pod;
  const bad = seccompProfile(pod);
  if (bad !== undefined) return bad;
  const silent = containersWhere(spec, (context) => context.seccompProfile === undefined);
  if (spec.securityContext?.seccompProfile !== undefined || silent.length === 0) return undefined;
  const detail = `pod or ${named('container', silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

/** Since 1.25 pods for Windows may. */
export function unlessWindows(check: Check): Check {
  return (pod) => (isForWindows(pod.spec) ? undefined : check(pod));
}

/** Since 1.35 pods of a user namespace may. */
export function unlessInUserNamespace(check: Check): Check {
  return (pod) => (isInUserNamespace(pod.spec) ? undefined : check(pod));
}
