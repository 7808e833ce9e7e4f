import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { bytesOf } from '#kit/quantity.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { volumeInformer } from '#testing/fakes/volume-informer.ts';
import { modelRounds, modelSeed, modelTimeoutMs } from '#testing/models/model-runs.ts';
import { compareModes, findMatchingVolume, findVolumesOnNode } from './find-matching-volume.ts';
import { VolumeIndex } from './volume-index.ts';

function poolOf(volumes: readonly PersistentVolume[]): VolumeIndex {
  const { informer, put } = volumeInformer();
  const index = new VolumeIndex(informer);
  for (const volume of volumes) put(volume);
  return index;
}

/** Upstream's rules as they are written there: loops over everything. Where upstream leaves the order to maps, the list's order decides. */
function model(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], isDelayed: boolean): string | undefined {
  const wanted = claim.spec.accessModes ?? [];
  const sets = new Map(volumes.map(({ spec }) => [(spec.accessModes ?? []).toSorted().join(), spec.accessModes ?? []]));
  const possible = [...sets.values()].filter((modes) => wanted.every((mode) => modes.includes(mode))).toSorted(compareModes);
  for (const modes of possible) {
    const found = modelOfSet(
      claim,
      volumes.filter(({ spec }) => (spec.accessModes ?? []).toSorted().join() === modes.toSorted().join()),
      isDelayed,
    );
    if (found !== undefined) return found.metadata.name;
  }
  return undefined;
}

function modelOfSet(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], isDelayed: boolean): PersistentVolume | undefined {
  const size = (volume: PersistentVolume): bigint => bytesOf(volume.spec.capacity?.['storage'] ?? '0');
  const ofClaim = ({ spec: { claimRef } }: PersistentVolume): boolean =>
    claimRef?.name === claim.metadata.name &&
    claimRef.namespace === claim.metadata.namespace &&
    [undefined, claim.metadata.uid].includes(claimRef.uid);
  const first: readonly ((volume: PersistentVolume) => boolean)[] = [
    (volume) => volume.spec.claimRef === undefined || ofClaim(volume),
    (volume) => size(volume) >= bytesOf(claim.spec.resources?.requests?.['storage'] ?? '0'),
    ({ spec }) => (spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem'),
    ({ spec }) => (spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? ''),
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  ];
  const then: readonly ((volume: PersistentVolume) => boolean)[] = [
    () => !isDelayed,
    ({ status }) => status?.phase === 'Available',
    ({ metadata }) => claim.spec.selector === undefined || matchesLabelSelector(claim.spec.selector, metadata.labels),
    ({ spec }) => (spec.storageClassName ?? '') === (claim.spec.storageClassName ?? ''),
  ];
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (!first.every((holds) => holds(volume))) continue;
    if (ofClaim(volume)) return volume;
    if (!then.every((holds) => holds(volume))) continue;
    if (smallest === undefined || size(volume) < size(smallest)) smallest = volume;
  }
  return smallest;
}

const MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
const modes = fc.subarray(MODES, { minLength: 1, maxLength: 4 });
const maybe = <T>(arb: fc.Arbitrary<T>, freq = 4): fc.Arbitrary<T | undefined> => fc.option(arb, { nil: undefined, freq });

const volumeParts = fc.record({
  sizeMi: fc.integer({ min: 1, max: 6 }),
  accessModes: modes,
  storageClassName: fc.constantFrom('', 'a'),
  volumeMode: fc.constantFrom(undefined, undefined, 'Filesystem', 'Filesystem', 'Block'),
  attributes: fc.constantFrom(undefined, undefined, undefined, '', 'gold'),
  phase: fc.constantFrom('Available', 'Available', 'Available', 'Released', 'Pending', 'Bound'),
  claim: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    { name: 'data' },
    { name: 'data', uid: 'u-1' },
    { name: 'data', uid: 'u-2' },
    { name: 'other' },
  ),
  label: fc.constantFrom('x', 'y'),
  isDeleting: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
});

const claimParts = fc.record({
  sizeMi: fc.integer({ min: 1, max: 6 }),
  accessModes: fc.subarray(MODES.slice(0, 3), { minLength: 1, maxLength: 2 }),
  storageClassName: fc.constantFrom('', 'a'),
  volumeMode: fc.constantFrom(undefined, undefined, 'Filesystem', 'Filesystem', 'Block'),
  attributes: fc.constantFrom(undefined, undefined, undefined, '', 'gold'),
  selector: fc.constantFrom(undefined, undefined, 'x', 'y'),
  isDelayed: fc.constantFrom(false, false, false, true),
});

type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

function volumeOf(parts: ValueOf<typeof volumeParts>, index: number): PersistentVolume {
  const attributes = parts.attributes === undefined ? {} : { volumeAttributesClassName: parts.attributes };
  return aStoredVolume({
    name: `pv-${String(index).padStart(2, '0')}`,
    size: `${parts.sizeMi}Mi`,
    accessModes: parts.accessModes,
    storageClassName: parts.storageClassName,
    labels: { rack: parts.label },
    ...(parts.isDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    spec: {
      volumeMode: parts.volumeMode,
      ...attributes,
      ...(parts.claim === undefined ? {} : { claimRef: { namespace: 'default', ...parts.claim } }),
    },
    status: { phase: parts.phase },
  });
}

function claimOf(parts: ValueOf<typeof claimParts>): PersistentVolumeClaim {
  const attributes = parts.attributes === undefined ? {} : { volumeAttributesClassName: parts.attributes };
  return aStoredClaim({
    uid: 'u-1',
    size: `${parts.sizeMi}Mi`,
    accessModes: parts.accessModes,
    storageClassName: parts.storageClassName,
    spec: {
      volumeMode: parts.volumeMode,
      ...attributes,
      ...(parts.selector === undefined ? {} : { selector: { matchLabels: { rack: parts.selector } } }),
    },
  });
}

/** The order in which upstream "sees" volumes, made definite: a begun binding first, then size, then name. */
function seen(volumes: readonly PersistentVolume[]): readonly PersistentVolume[] {
  const rank = (volume: PersistentVolume): string => {
    const bytes = String(bytesOf(volume.spec.capacity?.['storage'] ?? '0')).padStart(20, '0');
    return `${volume.spec.claimRef?.uid === undefined ? 1 : 0}/${bytes}/${volume.metadata.name}`;
  };
  return volumes.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

describe('findMatchingVolume', () => {
  it("VOL-3: chooses what upstream's loops choose, in 100,000 random cases", { timeout: modelTimeoutMs() }, () => {
    const rounds = modelRounds(100_000);
    let found = 0;
    fc.assert(
      fc.property(fc.array(volumeParts, { minLength: 4, maxLength: 24 }), claimParts, (volumesOf, claimFrom) => {
        const volumes = volumesOf.map(volumeOf);
        const claim = claimOf(claimFrom);
        const chosen = findMatchingVolume(claim, poolOf(volumes), { isDelayed: claimFrom.isDelayed })?.metadata.name;
        expect(chosen).toBe(model(claim, seen(volumes), claimFrom.isDelayed));
        if (chosen !== undefined) found += 1;
      }),
      { numRuns: rounds, ...modelSeed() },
    );
    expect(found).toBeGreaterThan(rounds / 100);
  });

  it('VOL-3: chooses the same after any history of changes as from the final state', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), maybe(volumeParts, 5)), { maxLength: 30 }),
        claimParts,
        (changes, claimFrom) => {
          const { informer, put, remove } = volumeInformer();
          const index = new VolumeIndex(informer);
          const current = new Map<number, PersistentVolume>();
          for (const [slot, parts] of changes) {
            const before = current.get(slot);
            if (parts !== undefined) {
              current.set(slot, volumeOf(parts, slot));
              put(volumeOf(parts, slot));
            } else if (before !== undefined) {
              current.delete(slot);
              remove(before);
            }
          }
          const claim = claimOf(claimFrom);
          expect(findMatchingVolume(claim, index)?.metadata.name).toBe(model(claim, seen([...current.values()]), false));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('does not offer a volume that is being given to another claim', () => {
    const volumes = ['a', 'b'].map((name) => aStoredVolume({ name, status: { phase: 'Available' } }));
    const index = poolOf(volumes);
    const claim = aStoredClaim();
    const first = findMatchingVolume(claim, index);
    const release = index.choose(first ?? aStoredVolume());
    expect([first?.metadata.name, findMatchingVolume(claim, index)?.metadata.name]).toEqual(['a', 'b']);
    release();
    expect(findMatchingVolume(claim, index)?.metadata.name).toBe('a');
  });

  it('looks at a handful of ten thousand volumes', () => {
    let looks = 0;
    const volumes = Array.from({ length: 10_000 }, (_unused, index) => {
      const volume = aStoredVolume({
        name: `pv-${String(index).padStart(5, '0')}`,
        size: `${index + 1}Mi`,
        status: { phase: 'Available' },
      });
      return {
        ...volume,
        get spec() {
          looks += 1;
          return volume.spec;
        },
      };
    });
    const index = poolOf(volumes);
    looks = 0;
    expect(findMatchingVolume(aStoredClaim({ size: '5000Mi' }), index)?.metadata.name).toBe('pv-04999');
    expect(looks).toBeLessThan(10);
  });
});

describe('findVolumesOnNode', () => {
  const onNode = (name: string) => ({
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
    },
  });
  const node = aStoredNode();
  it.each([
    {
      name: 'those that are usable there',
      volumes: [
        aStoredVolume({ name: 'a', size: '20Mi', status: { phase: 'Available' }, spec: onNode('node-1') }),
        aStoredVolume({ name: 'b', status: { phase: 'Available' }, spec: onNode('node-2') }),
      ],
      chosen: ['a'],
    },
    {
      name: 'no more than are asked for',
      volumes: ['a', 'b', 'c', 'd'].map((name) => aStoredVolume({ name, status: { phase: 'Available' } })),
      chosen: ['a', 'b', 'c'],
    },
    {
      name: 'none at all where the reserved one is elsewhere',
      volumes: [
        aStoredVolume({ name: 'a', claim: aStoredClaim(), spec: onNode('node-2'), status: { phase: 'Available' } }),
        aStoredVolume({ name: 'b', status: { phase: 'Available' } }),
      ],
      chosen: [],
    },
    {
      name: 'the smallest first over all sets of access modes',
      volumes: [
        aStoredVolume({ name: 'a', size: '20Mi', status: { phase: 'Available' } }),
        aStoredVolume({ name: 'b', accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], status: { phase: 'Available' } }),
      ],
      chosen: ['b', 'a'],
    },
  ])('takes $name', ({ volumes, chosen }) => {
    const found = findVolumesOnNode(aStoredClaim(), poolOf(volumes), { node, limit: 3 });
    expect(found.map(({ metadata }) => metadata.name)).toEqual(chosen);
  });

  it('knows volumes by the claim that they are reserved for', () => {
    const claim = aStoredClaim();
    expect(poolOf([aStoredVolume({ claim })]).reservedFor(formatKey(keyOf(claim)))).toHaveLength(1);
  });
});
