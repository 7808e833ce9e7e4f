import type { Step } from './step.ts';

/** Steps that once broke something, the fewest that did; they break nothing any more. */
export interface SimCase {
  /** What broke. */
  readonly name: string;
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Every case; one that is found is added with its mend. */
export const CASES: readonly SimCase[] = [
  {
    name: 'a volume is detached while it is mounted: the pod came back while its detaching waited for the driver',
    seed: 85,
    steps: [
      { do: 'createClaim', name: 'e', className: 'net', mib: 32, mode: 'ReadWriteMany' },
      { do: 'cordon', node: 0 },
      { do: 'cordon', node: 2 },
      { do: 'wait', ms: 12000 },
      { do: 'createPod', name: 'r', claims: ['e'] },
      { do: 'wait', ms: 12000 },
      { do: 'halt', driver: 'driver-net', ms: 20000 },
      { do: 'deletePod', name: 'r' },
      { do: 'wait', ms: 4000 },
      { do: 'createPod', name: 'r', claims: ['e'] },
      { do: 'wait', ms: 60000 },
    ],
  },
  {
    name: 'a volume stays on a node for ever: after a restart that node did not say that it had it, and it was made on another',
    seed: 138,
    steps: [
      { do: 'createClaim', name: 'f', className: 'spread', mib: 32 },
      { do: 'createClaim', name: 'a', className: 'net-wait', mib: 64 },
      { do: 'kill', part: 'server' },
      { do: 'driverFate', driver: 'driver-2', method: 'controllerGetVolume', fate: { kind: 'refused', code: 'Aborted' } },
      { do: 'wait', ms: 60000 },
    ],
  },
  {
    name: 'a volume is left on a node: it was looked for while that node was making it, and taken for gone',
    seed: 1049,
    steps: [
      { do: 'fillPool', node: 2 },
      { do: 'wait', ms: 12000 },
      { do: 'driverFate', driver: 'driver-2', method: 'createVolume', fate: { kind: 'late', ms: 8000 } },
      { do: 'createClaim', name: 'f', className: 'spread', mib: 32 },
      { do: 'deleteClaim', name: 'f' },
      { do: 'deleteClaim', name: 'c' },
      { do: 'wait', ms: 12000 },
      { do: 'killAt', part: 'controllers', effects: 2, moment: 'after' },
      { do: 'createClaim', name: 'c', className: 'kept', mib: 32 },
    ],
  },
  {
    name: 'the volume of a bound claim is deleted: its PersistentVolume was written by controllers that were killed, and came to light while the next ones asked for it again',
    seed: 20798,
    steps: [
      { do: 'halt', driver: 'driver-1', ms: 20000 },
      { do: 'createClaim', name: 'c', className: 'net-wait', mib: 128, from: 'f' },
      { do: 'apiFate', part: 'node-2', fate: 'unreachable' },
      { do: 'wait', ms: 12000 },
      { do: 'driverFate', driver: 'driver-2', method: 'createVolume', fate: { kind: 'refused', code: 'Aborted' } },
      { do: 'createClaim', name: 'd', className: 'spread', mib: 32 },
      { do: 'wait', ms: 1 },
      { do: 'deleteClaim', name: 'd' },
      { do: 'wait', ms: 1000 },
      { do: 'halt', driver: 'driver-2', ms: 20000 },
      { do: 'wait', ms: 200 },
      { do: 'createClaim', name: 'a', className: 'net-wait', mib: 64 },
      { do: 'createPod', name: 'p', claims: ['c'] },
      { do: 'wait', ms: 12000 },
      { do: 'killAt', part: 'controllers', effects: 4, moment: 'after' },
      { do: 'createClaim', name: 'b', className: 'kept', mib: 32 },
      { do: 'wait', ms: 3000 },
    ],
  },
  {
    name: 'a volume lies on two nodes, and its pod writes into the one that nobody reads: where it might lie had changed between two tries',
    seed: 77,
    steps: [
      { do: 'halt', driver: 'driver-2', ms: 4000 },
      { do: 'reboot', node: 1 },
      { do: 'createClaim', name: 'a', className: 'net', mib: 128, mode: 'ReadWriteMany', from: 'b' },
      { do: 'reboot', node: 0 },
      { do: 'createClaim', name: 'd', className: 'spread', mib: 32, mode: 'ReadWriteOncePod' },
      { do: 'driverFate', driver: 'driver-0', method: 'createVolume', fate: { kind: 'lostAnswer' } },
      { do: 'wait', ms: 60000 },
      { do: 'createPod', name: 'p', claims: ['f', 'd'] },
      { do: 'createClaim', name: 'f', className: 'local', mib: 64, mode: 'ReadWriteOncePod' },
    ],
  },
  {
    name: 'a volume lies on two nodes: it was made elsewhere while the node was silent, and not to be chosen, on which it had been begun',
    seed: 200150,
    steps: [
      { do: 'driverFate', driver: 'driver-1', method: 'createVolume', fate: { kind: 'slowAnswer', ms: 8000 } },
      { do: 'createClaim', name: 'a', className: 'spread', mib: 16 },
      { do: 'deleteClass', className: 'spread' },
      { do: 'killAt', part: 'server', effects: 4, moment: 'after' },
      { do: 'scaleSet', name: 'x', replicas: 2 },
      { do: 'wait', ms: 60000 },
      { do: 'reboot', node: 1 },
      { do: 'createClass', className: 'spread' },
    ],
  },
  {
    name: 'a claim waits for ever: its PersistentVolume was deleted before the claim had it',
    seed: 5,
    steps: [
      { do: 'killAt', part: 'controllers', effects: 4, moment: 'after' },
      { do: 'createClaim', name: 'a', className: 'net', mib: 16 },
      { do: 'wait', ms: 300 },
      { do: 'deleteVolumeOf', name: 'a' },
      { do: 'wait', ms: 60000 },
    ],
  },
  {
    name: 'a volume is left on a node: that node refused the question for it, and it was taken for gone',
    seed: 700578,
    steps: [
      { do: 'halt', driver: 'driver-1', ms: 20000 },
      { do: 'createClaim', name: 'a', className: 'spread', mib: 32 },
      { do: 'deleteClaim', name: 'a' },
      { do: 'driverFate', driver: 'driver-2', method: 'controllerGetVolume', fate: { kind: 'refused', code: 'InvalidArgument' } },
      { do: 'wait', ms: 60000 },
    ],
  },
  {
    name: 'a plugin never comes: a node could not serve its driver, and nobody tried again when it could',
    seed: 22,
    steps: [
      { do: 'breakNode', node: 1 },
      { do: 'installPlugin', plugin: 'nfs' },
      { do: 'wait', ms: 12000 },
      { do: 'apiFate', part: 'controllers', fate: 'conflict' },
      { do: 'createProject' },
    ],
  },
  {
    name: 'a volume is detached while it is mounted: its attachment was deleted between the look at it and the word that it is in use',
    seed: 10,
    steps: [
      { do: 'createClaim', name: 'b', className: 'net-wait', mib: 16 },
      { do: 'createPod', name: 'g', claims: ['b'] },
      { do: 'wait', ms: 12000 },
      { do: 'growClaim', name: 'b', mib: 96 },
      { do: 'wait', ms: 3000 },
      { do: 'deletePod', name: 'g' },
      { do: 'createClaim', name: 'b', className: 'kept', mib: 128, from: 'e' },
      { do: 'killAt', part: 'server', effects: 3, moment: 'before' },
      { do: 'createPod', name: 's', claims: ['b'] },
      { do: 'createPod', name: 'p', claims: ['f'] },
      { do: 'createClaim', name: 'd', className: 'net', mib: 16 },
      { do: 'deleteClaim', name: 'e' },
    ],
  },
  {
    name: 'a copy is left in the pool while its claim waits for ever: its source grew before it came, so nobody asked for it again',
    seed: 9002204,
    steps: [
      { do: 'createClaim', name: 'a', className: 'net', mib: 16 },
      { do: 'wait', ms: 12000 },
      { do: 'driverFate', driver: 'driver-net', method: 'createVolume', fate: { kind: 'late', ms: 30000 } },
      { do: 'createClaim', name: 'k', className: 'net', mib: 16, from: 'a' },
      { do: 'wait', ms: 1000 },
      { do: 'growClaim', name: 'a', mib: 160 },
    ],
  },
  {
    name: 'a claim is kept for a snapshot of it that is to go itself, and is held by a claim that waits to be made from it',
    seed: 20798,
    steps: [
      { do: 'createClaim', name: 'e', className: 'spread', mib: 32 },
      { do: 'wait', ms: 60000 },
      { do: 'takeSnapshot', name: 's-3', claim: 'e', driver: 'local' },
      { do: 'createClaim', name: 'k', className: 'spread', mib: 64, fromSnapshot: 's-3' },
      { do: 'deleteSnapshot', name: 's-3' },
      { do: 'deleteClaim', name: 'e' },
    ],
  },
  {
    name: 'a snapshot is left at its driver: its answer was lost, its class went, and the refusal that came of that was taken for the last word',
    seed: 31008,
    steps: [
      { do: 'createClaim', name: 'c', className: 'net', mib: 16 },
      { do: 'wait', ms: 12000 },
      { do: 'driverFate', driver: 'driver-net', method: 'createSnapshot', fate: { kind: 'lostAnswer' } },
      { do: 'takeSnapshot', name: 's-3', claim: 'c', driver: 'net' },
      { do: 'wait', ms: 1 },
      { do: 'deleteSnapshotClass', driver: 'net' },
      { do: 'wait', ms: 60000 },
      { do: 'deleteSnapshot', name: 's-3' },
    ],
  },
];
