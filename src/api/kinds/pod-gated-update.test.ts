import { expect, it } from 'vitest';
import { aPod } from '#testing/builders/pod.ts';
import { trusted } from '#kit/json.ts';
import type { Pod } from '../generated/kubernetes.ts';
import { podKind } from './pod.ts';

const meta = { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const pod = (spec: Readonly<Record<string, unknown>>): Pod => {
  const made = aPod({ name: 'p' });
  return podKind.applyDefaults(trusted<Pod>({ metadata: meta, spec: { ...made.spec, ...spec } }));
};
const GATED = { schedulingGates: [{ name: 'a.b/c' }] };
const term = (...keys: readonly string[]) => ({ matchExpressions: keys.map((key) => ({ key, operator: 'Exists' })) });
const on = (...nodeSelectorTerms: readonly object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';

it.each([
  { name: 'a first selector', before: GATED, after: { ...GATED, nodeSelector: { a: '1' } }, faults: [] },
  {
    name: 'one label more',
    before: { ...GATED, nodeSelector: { a: '1' } },
    after: { ...GATED, nodeSelector: { a: '1', b: '2' } },
    faults: [],
  },
  { name: 'a label less', before: { ...GATED, nodeSelector: { a: '1' } }, after: GATED, faults: ['spec.nodeSelector'] },
  {
    name: 'another label',
    before: { ...GATED, nodeSelector: { a: '1' } },
    after: { ...GATED, nodeSelector: { a: '2' } },
    faults: ['spec.nodeSelector'],
  },
  { name: 'first nodes, and no gate more', before: GATED, after: on(term('a')), faults: [] },
  { name: 'nodes with one thing more', before: { ...GATED, ...on(term('a')) }, after: { ...GATED, ...on(term('a', 'b')) }, faults: [] },
  {
    name: 'nodes with another thing first',
    before: { ...GATED, ...on(term('a')) },
    after: { ...GATED, ...on(term('b', 'a')) },
    faults: [`${TERMS}[0]`],
  },
  { name: 'more nodes', before: { ...GATED, ...on(term('a')) }, after: { ...GATED, ...on(term('a'), term('b')) }, faults: [TERMS] },
  { name: 'any nodes', before: { ...GATED, ...on(term('a')) }, after: GATED, faults: [TERMS] },
  { name: 'a selector once it has no gate', before: {}, after: { nodeSelector: { a: '1' } }, faults: ['spec'] },
  { name: 'another policy of names', before: GATED, after: { ...GATED, nodeSelector: { a: '1' }, dnsPolicy: 'Default' }, faults: ['spec'] },
  {
    name: 'pods that it wants to be near to',
    before: GATED,
    after: { ...GATED, affinity: { podAffinity: {} } },
    faults: ['spec'],
  },
])('API-2: a pod that waits behind a gate gets $name', ({ before, after, faults }) => {
  expect(podKind.validateUpdate(pod(after), pod(before)).map(({ field }) => field)).toEqual(faults);
});
