import type {
  CSIStorageCapacity,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  StorageClass,
} from '#api/generated/kubernetes.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { draftMeta, stored } from '#testing/builders/metadata.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import type { World } from './volume-choice.ts';

/** A number below the bound. */
export type Roll = (bound: number) => number;

/** A world, and the claims of one pod in it, none of which is bound. */
export interface RandomCase {
  readonly world: World;
  readonly claims: readonly PersistentVolumeClaim[];
}

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** One to three nodes, up to eight volumes, up to four claims of a pod and two of others; selectors, modes, sizes, classes, reservations, affinities, capacities at random. */
export function randomCase(roll: Roll): RandomCase {
  const nodes = Array.from({ length: 1 + roll(3) }, (_unused, index) =>
    aStoredNode({ name: `n${index}`, labels: { [ZONE]: pick(roll, ['x', 'y']) } }),
  );
  if (roll(2) === 0) return tightCase(roll, nodes);
  const claims = Array.from({ length: 1 + roll(4) }, (_unused, index) => randomClaim(roll, `c${index}`, nodes));
  const others = Array.from({ length: roll(3) }, (_unused, index) => randomClaim(roll, `o${index}`, nodes));
  const volumes = Array.from({ length: roll(9) }, (_unused, index) => randomVolume(roll, `pv-${index}`, [...claims, ...others]));
  return {
    claims,
    world: {
      nodes,
      volumes,
      claims: [...claims, ...others],
      classes: CLASSES,
      publishing: ['lvm.example'],
      capacities: randomCapacities(roll, nodes),
    },
  };
}

/** Claims and volumes that would all do for each other, but for sizes and selectors, and hardly enough of them: what the claims take from each other decides. */
function tightCase(roll: Roll, nodes: readonly Node[]): RandomCase {
  const count = 2 + roll(3);
  const claims = Array.from({ length: count }, (_unused, index) =>
    aStoredClaim({
      name: `c${index}`,
      size: `${1 + roll(3)}Mi`,
      storageClassName: pick(roll, ['local', 'local', 'local', 'lvm']),
      ...(roll(2) === 0 ? { spec: { selector: { matchLabels: { rack: pick(roll, ['x', 'y']) } } } } : {}),
    }),
  );
  const volumes = Array.from({ length: count - 1 + roll(3) }, (_unused, index) =>
    aStoredVolume({
      name: `pv-${index}`,
      size: `${1 + roll(4)}Mi`,
      storageClassName: pick(roll, ['local', 'local', 'local', 'lvm']),
      labels: { rack: pick(roll, ['x', 'y']) },
      spec: roll(3) === 0 ? randomAffinity(roll) : {},
      status: { phase: 'Available' },
    }),
  );
  return {
    claims,
    world: { nodes, volumes, claims, classes: CLASSES, publishing: ['lvm.example'], capacities: randomCapacities(roll, nodes) },
  };
}

const CLASSES: readonly StorageClass[] = [
  aStoredClass({ name: 'local', provisioner: NO_PROVISIONER, bindingMode: 'WaitForFirstConsumer' }),
  aStoredClass({ name: 'lvm', provisioner: 'lvm.example', bindingMode: 'WaitForFirstConsumer' }),
  aStoredClass({
    name: 'zoned',
    provisioner: 'disk.example',
    bindingMode: 'WaitForFirstConsumer',
    rest: { allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['x'] }] }] },
  }),
];

function pick<T>(roll: Roll, values: readonly [T, ...T[]]): T {
  return values[roll(values.length)] ?? values[0];
}

function randomClaim(roll: Roll, name: string, nodes: readonly Node[]): PersistentVolumeClaim {
  const rack = pick(roll, ['x', 'y']);
  const selector = pick(roll, [
    undefined,
    undefined,
    undefined,
    { matchLabels: { rack } },
    { matchExpressions: [{ key: 'rack', operator: 'NotIn', values: [rack] }] },
  ]);
  const isSelected = roll(8) === 0;
  return aStoredClaim({
    name,
    size: `${1 + roll(4)}Mi`,
    accessModes: [pick(roll, ['ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'])],
    storageClassName: pick(roll, ['local', 'local', 'local', 'lvm', 'zoned']),
    ...(isSelected ? { annotations: { 'volume.kubernetes.io/selected-node': `n${roll(nodes.length)}` } } : {}),
    spec: {
      ...(selector === undefined ? {} : { selector }),
      ...(roll(8) === 0 ? { volumeMode: 'Block' } : {}),
      ...(roll(12) === 0 ? { volumeAttributesClassName: 'gold' } : {}),
    },
  });
}

function randomVolume(roll: Roll, name: string, claims: readonly PersistentVolumeClaim[]): PersistentVolume {
  const accessModes = MODES.filter((_mode, index) => (index === 0 ? roll(8) > 0 : roll(2) === 0));
  return aStoredVolume({
    name,
    size: `${1 + roll(5)}Mi`,
    accessModes: accessModes.length === 0 ? ['ReadWriteMany'] : accessModes,
    storageClassName: pick(roll, ['local', 'local', 'local', 'lvm', 'other']),
    labels: { rack: pick(roll, ['x', 'y']) },
    ...(roll(12) === 0 ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    spec: {
      ...randomReservation(roll, claims),
      ...randomAffinity(roll),
      ...(roll(8) === 0 ? { volumeMode: 'Block' } : {}),
      ...(roll(12) === 0 ? { volumeAttributesClassName: 'gold' } : {}),
    },
    status: { phase: pick(roll, ['Available', 'Available', 'Available', 'Available', 'Available', 'Released', 'Pending']) },
  });
}

function randomReservation(roll: Roll, claims: readonly PersistentVolumeClaim[]): Partial<PersistentVolumeSpec> {
  const claim = claims[roll(claims.length)];
  if (claim === undefined || roll(6) > 0) return {};
  const { name, namespace, uid } = claim.metadata;
  const reference = { name, namespace };
  return {
    claimRef: pick<NonNullable<PersistentVolumeSpec['claimRef']>>(roll, [
      reference,
      { ...reference, uid },
      { ...reference, uid: 'another' },
    ]),
  };
}

function randomAffinity(roll: Roll): Partial<PersistentVolumeSpec> {
  const expression = pick(roll, [
    undefined,
    undefined,
    { key: HOST, operator: 'In', values: [`n${roll(3)}`] },
    { key: HOST, operator: 'NotIn', values: [`n${roll(3)}`] },
    { key: ZONE, operator: 'In', values: [pick(roll, ['x', 'y'])] },
    { key: 'disk', operator: 'Exists' },
  ]);
  return expression === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } };
}

/** One segment for each host, or for each zone; some say nothing. */
function randomCapacities(roll: Roll, nodes: readonly Node[]): readonly CSIStorageCapacity[] {
  const key = pick(roll, [HOST, ZONE]);
  const segments = [...new Set(nodes.map(({ metadata }) => metadata.labels?.[key] ?? ''))].filter(() => roll(5) > 0);
  return segments.map((segment) => ({
    ...stored({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIStorageCapacity' }, { metadata: draftMeta({ name: `lvm-${segment}` }, {}) }),
    storageClassName: 'lvm',
    nodeTopology: { matchLabels: { [key]: segment } },
    capacity: `${roll(10)}Mi`,
    ...(roll(4) === 0 ? { maximumVolumeSize: `${roll(4)}Mi` } : {}),
  }));
}
