import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { PodSpec } from '../generated/kubernetes.ts';
import { formatFieldError } from '../meta/field-error.ts';
import { validateWishes } from './pod-placement.ts';

const SPREAD = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const TERM = { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } };
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

it.each([
  {
    name: 'right ones',
    spec: {
      topologySpreadConstraints: [{ ...SPREAD, minDomains: 2, nodeAffinityPolicy: 'Ignore' }],
      affinity: {
        nodeAffinity: { [PREFERRED]: [{ weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }] },
        podAffinity: { [REQUIRED]: [TERM] },
        podAntiAffinity: { [PREFERRED]: [{ weight: 100, podAffinityTerm: TERM }] },
      },
    },
    faults: [],
  },
  {
    name: 'a spread of nothing',
    spec: { topologySpreadConstraints: [{}] },
    faults: [
      's.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      's.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
      's.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"',
    ],
  },
  {
    name: 'a spread that stands twice',
    spec: { topologySpreadConstraints: [SPREAD, SPREAD] },
    faults: ['s.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"'],
  },
  {
    name: 'a spread over too few places, with policies and keys that are none',
    spec: {
      topologySpreadConstraints: [
        { ...SPREAD, whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0, nodeTaintsPolicy: 'Some', matchLabelKeys: ['a'] },
      ],
    },
    faults: [
      's.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than 0',
      's.topologySpreadConstraints[0].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
      's.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Some": supported values: "Honor", "Ignore"',
      's.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
  },
  {
    name: 'pods that it wants to be near to, nowhere',
    spec: { affinity: { podAffinity: { [REQUIRED]: [{ namespaces: ['A_B'] }] } } },
    faults: [
      expect.stringMatching(/\.podAffinity\.requiredDuringSchedulingIgnoredDuringExecution\[0\]\.namespace: Invalid value: "A_B"/),
      `s.affinity.podAffinity.${REQUIRED}[0].topologyKey: Required value: can not be empty`,
      expect.stringMatching(/\.topologyKey: Invalid value: "": name part must be non-empty/),
      expect.stringMatching(/\.topologyKey: Invalid value: "": name part must consist of/),
    ],
  },
  {
    name: 'pods that it wants to be away from, without weight, by keys that stand on both sides',
    spec: {
      affinity: {
        podAntiAffinity: {
          [PREFERRED]: [{ weight: 0, podAffinityTerm: { ...TERM, matchLabelKeys: ['k'], mismatchLabelKeys: ['k'] } }],
        },
      },
    },
    faults: [
      `s.affinity.podAntiAffinity.${PREFERRED}[0].weight: Invalid value: 0: must be in the range 1-100`,
      `s.affinity.podAntiAffinity.${PREFERRED}[0].podAffinityTerm.matchLabelKeys[0]: Invalid value: "k": exists in both matchLabelKeys and mismatchLabelKeys`,
    ],
  },
  {
    name: 'gates that are none, or stand twice',
    spec: { schedulingGates: [{ name: 'A B' }, { name: 'a.b/c' }, { name: 'a.b/c' }] },
    faults: [expect.stringMatching(/^s\.schedulingGates\[0\]: Invalid value: "A B"/), 's.schedulingGates[2]: Duplicate value: "a.b/c"'],
  },
  {
    name: 'nodes that it likes too much',
    spec: { affinity: { nodeAffinity: { [PREFERRED]: [{ weight: 101, preference: {} }] } } },
    faults: [`s.affinity.nodeAffinity.${PREFERRED}[0].weight: Invalid value: 101: must be in the range 1-100`],
  },
])('API-2: what a pod wishes of its place: $name', ({ spec, faults }) => {
  expect(validateWishes(trusted<PodSpec>(spec), 's').map(formatFieldError)).toEqual(faults);
});
