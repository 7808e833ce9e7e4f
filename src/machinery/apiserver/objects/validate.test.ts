import { expect, it } from 'vitest';
import type { PodSpec } from '#api/generated/kubernetes.ts';
import { podKind } from '#api/kinds/pod.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import { trusted } from '#kit/json.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { AnyObject } from './json-object.ts';
import { validateChange } from './validate.ts';

const podOf = (spec: Partial<PodSpec>, labels: Readonly<Record<string, string>> = {}): AnyObject => {
  const pod = aStoredPod({ spec });
  return trusted<AnyObject>(podKind.applyDefaults({ ...pod, metadata: { ...pod.metadata, labels } }));
};
const kind = trusted<KindDefinition>(podKind);
const change = (next: AnyObject, previous: AnyObject): readonly string[] =>
  validateChange({ kind, subresource: '' }, next, previous).faults.map(({ field }) => field);
const privileged = { allowPrivilegeEscalation: false, privileged: true };

it('API-4: an object that was stored under older rules can still be changed, and gets no new faults', () => {
  const old = { containers: [{ name: 'c', image: 'i', securityContext: privileged }] };
  expect(change(podOf(old, { a: '1' }), podOf(old))).toEqual([]);
  const worse = { ...old, restartPolicy: 'Sometimes' };
  expect(change(podOf(worse), podOf(old))).toEqual(expect.arrayContaining(['spec.restartPolicy']));
  expect(change(podOf(worse), podOf(old))).not.toContain('spec.containers[0].securityContext');
});

it('API-4: a default that is younger than the object is no change of it', () => {
  const volumes = [{ name: 'm', image: { reference: 'models:1' } }];
  const old = { containers: [{ name: 'c', image: 'i' }], volumes };
  const stored = podOf(old);
  const older = trusted<AnyObject>({ ...stored, spec: { ...trusted<{ spec: object }>(stored).spec, volumes } });
  expect(change(podOf(old, { a: '1' }), older)).toEqual([]);
});
