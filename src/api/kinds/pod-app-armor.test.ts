import { describe, expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { withAppArmorFields } from './pod-app-armor.ts';
import type { SecurityContext } from '../generated/kubernetes.ts';

const podWith = (annotation: string, securityContext?: SecurityContext) => {
  const pod = aStoredPod();
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { 'container.apparmor.security.beta.kubernetes.io/c': annotation } },
    spec: { ...pod.spec, containers: [{ name: 'c', ...(securityContext === undefined ? {} : { securityContext }) }, { name: 'other' }] },
  };
};

describe('API-2: withAppArmorFields', () => {
  it.each([
    { annotation: 'unconfined', profile: { type: 'Unconfined' } },
    { annotation: 'runtime/default', profile: { type: 'RuntimeDefault' } },
    { annotation: 'localhost/mine', profile: { type: 'Localhost', localhostProfile: 'mine' } },
    { annotation: 'localhost/', profile: undefined },
    { annotation: 'anything', profile: undefined },
  ])('reads $annotation', ({ annotation, profile }) => {
    const { containers } = withAppArmorFields(podWith(annotation)).spec;
    expect(containers.map(({ securityContext }) => securityContext?.appArmorProfile)).toEqual([profile, undefined]);
  });

  it('leaves what a field says', () => {
    const own = { runAsUser: 1, appArmorProfile: { type: 'RuntimeDefault' } };
    expect(withAppArmorFields(podWith('unconfined', own)).spec.containers[0]?.securityContext).toEqual(own);
  });
});
