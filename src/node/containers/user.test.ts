import { expect, it } from 'vitest';
import type { PodSecurityContext, SecurityContext } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { planUser } from './user.ts';

function userOf(ofPod: PodSecurityContext | undefined, own: SecurityContext | undefined, user = { uid: 0, gid: 0 }) {
  const container = { name: 'main', image: 'busybox', ...(own === undefined ? {} : { securityContext: own }) };
  const pod = aStoredPod({ spec: { containers: [container], ...(ofPod === undefined ? {} : { securityContext: ofPod }) } });
  return planUser({ pod, container, image: { user } });
}

it.each<{ name: string; ofPod?: PodSecurityContext; own?: SecurityContext; want: unknown }>([
  { name: 'root without a context', want: { uid: 0, gid: 0, additionalGids: [] } },
  { name: 'the pod’s', ofPod: { runAsUser: 5, runAsGroup: 6 }, want: { uid: 5, gid: 6, additionalGids: [] } },
  {
    name: 'the container’s before the pod’s',
    ofPod: { runAsUser: 5, runAsGroup: 6 },
    own: { runAsUser: 7 },
    want: { uid: 7, gid: 6, additionalGids: [] },
  },
  { name: 'root again in one container', ofPod: { runAsUser: 5 }, own: { runAsUser: 0 }, want: { uid: 0, gid: 0, additionalGids: [] } },
  { name: 'groups once each', ofPod: { fsGroup: 9, supplementalGroups: [8, 9] }, want: { uid: 0, gid: 0, additionalGids: [8, 9] } },
  { name: 'not root', ofPod: { runAsNonRoot: true }, own: { runAsUser: 1 }, want: { uid: 1, gid: 0, additionalGids: [] } },
  {
    name: 'root where the container allows it',
    ofPod: { runAsNonRoot: true },
    own: { runAsNonRoot: false },
    want: { uid: 0, gid: 0, additionalGids: [] },
  },
])('runs as $name', ({ ofPod, own, want }) => {
  expect(userOf(ofPod, own)).toEqual(want);
});

it('runs as the image’s user where nobody says otherwise', () => {
  const user = { uid: 70, gid: 71 };
  expect(userOf(undefined, undefined, user)).toEqual({ uid: 70, gid: 71, additionalGids: [] });
  expect(userOf({ runAsUser: 5 }, undefined, user)).toEqual({ uid: 5, gid: 0, additionalGids: [] });
  expect(userOf({ runAsNonRoot: true }, undefined, user)).toMatchObject({ uid: 70 });
});

it('refuses root where the pod says that it must not be', () => {
  expect(() => userOf({ runAsNonRoot: true }, undefined)).toThrow(
    /container main has runAsNonRoot and would run as root: set securityContext.runAsUser/,
  );
});
