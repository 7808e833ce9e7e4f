import { describe, expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import { validateAppArmorUpdate, withAppArmorFields } from './pod-app-armor.ts';
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

const KEY = 'container.apparmor.security.beta.kubernetes.io/c';
it.each([
  { name: 'nothing of it', before: { [KEY]: 'unconfined', other: '1' }, after: { [KEY]: 'unconfined', other: '2' }, says: [] },
  {
    name: 'another profile',
    before: { [KEY]: 'unconfined' },
    after: { [KEY]: 'runtime/default' },
    says: ['may not remove or update AppArmor annotations'],
  },
  { name: 'none any more', before: { [KEY]: 'unconfined' }, after: undefined, says: ['may not remove or update AppArmor annotations'] },
  { name: 'a first one', before: undefined, after: { [KEY]: 'unconfined' }, says: ['may not add AppArmor annotations'] },
])('API-2: an annotation of a profile, changed to $name', ({ before, after, says }) => {
  expect(validateAppArmorUpdate(after, before, 'm').map(({ detail }) => detail)).toEqual(says);
});
