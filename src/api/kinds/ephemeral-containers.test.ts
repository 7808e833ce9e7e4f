import { expect, it } from 'vitest';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { EphemeralContainer, Pod } from '../generated/kubernetes.ts';
import { podKind } from './pod.ts';

const debug = (over: Partial<EphemeralContainer> = {}): EphemeralContainer => ({
  name: 'debug',
  image: 'busybox',
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  ...over,
});
const having = (...ephemeralContainers: readonly EphemeralContainer[]): Pod =>
  podKind.applyDefaults(aStoredPod({ spec: { ephemeralContainers } }));

it.each<{ name: string; before: Pod; after: Pod; says: readonly string[] }>([
  { name: 'one more', before: having(debug()), after: having(debug(), debug({ name: 'second', targetContainerName: 'main' })), says: [] },
  { name: 'one less', before: having(debug()), after: having(), says: ['existing ephemeral containers "debug" may not be removed'] },
  {
    name: 'another image',
    before: having(debug()),
    after: having(debug({ image: 'other' })),
    says: ['existing ephemeral containers "debug" may not be changed'],
  },
  { name: 'a name that is taken', before: having(), after: having(debug({ name: 'main' })), says: ['spec.ephemeralContainers[0].name'] },
  {
    name: 'a target that is not there',
    before: having(),
    after: having(debug({ targetContainerName: 'other' })),
    says: ['spec.ephemeralContainers[0].targetContainerName'],
  },
  {
    name: 'what only other containers have',
    before: having(),
    after: having(
      debug({
        resources: { limits: { cpu: '1' } },
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        lifecycle: { preStop: { sleep: { seconds: 1 } } },
      }),
    ),
    says: ['spec.ephemeralContainers[0].lifecycle', 'spec.ephemeralContainers[0].ports', 'spec.ephemeralContainers[0].resources'],
  },
])('API-1: a pod may get $name or is told', ({ before, after, says }) => {
  const faults = podKind.validateUpdate(after, before, 'ephemeralcontainers').map(({ field, detail }) => `${field} ${detail}`);
  expect(faults).toHaveLength(says.length);
  for (const [index, text] of says.entries()) expect(faults[index]).toContain(text);
});

it('they come later, and by their own way', () => {
  expect(podKind.validate(having(debug())).map(({ field, detail }) => `${field} ${detail}`)).toContain(
    'spec.ephemeralContainers cannot be set on create',
  );
  expect(podKind.validate(having(debug()), having(debug()))).toEqual([]);
  expect(podKind.validateUpdate(having(debug()), having())).toEqual([expect.objectContaining({ field: 'spec', type: 'Forbidden' })]);
});
