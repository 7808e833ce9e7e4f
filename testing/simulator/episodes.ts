import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { killSoon, randomFate } from './random-faults.ts';
import { type DriverName, SET_NAMES, type Step } from './step.ts';
import { NODE_COUNT } from './world.ts';

/** A story whose steps follow each other at once: what chance alone brings together too seldom. */
export type Episode = (roll: Roll, claim: string) => readonly Step[];

/** A claim that is deleted while its volume is being made, and somebody does not hear how that ended. */
export function fleetingClaim(roll: Roll, name: string): readonly Step[] {
  const className = pick(roll, ['net', 'spread', 'kept'] as const);
  const driver: DriverName = className === 'spread' ? `driver-${roll(NODE_COUNT)}` : 'driver-net';
  return [
    { do: 'deleteClaim', name },
    { do: 'wait', ms: pick(roll, [1_000, 12_000]) },
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      { do: 'driverFate', driver, method: 'createVolume', fate: randomFate(roll, 'createVolume') },
    ]),
    { do: 'createClaim', name, className, mib: 32 },
    { do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 3_000]) },
    { do: 'deleteClaim', name },
  ];
}

/** A claim that grows while somebody uses it, and not everything goes well. */
export function growingClaim(roll: Roll, name: string): readonly Step[] {
  const className = pick(roll, ['net', 'spread', 'local', 'net-wait'] as const);
  const node = roll(NODE_COUNT);
  const driver: DriverName = className.startsWith('net') ? 'driver-net' : `driver-${node}`;
  return [
    { do: 'createClaim', name, className, mib: 16 },
    { do: 'createPod', name: 'g', claims: [name] },
    { do: 'wait', ms: pick(roll, [200, 3_000, 12_000]) },
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, `node-${node}`),
      { do: 'driverFate', driver, method: 'controllerExpandVolume', fate: randomFate(roll, 'controllerExpandVolume') },
      { do: 'driverFate', driver: `driver-${node}`, method: 'nodeExpandVolume', fate: randomFate(roll, 'nodeExpandVolume') },
      { do: 'apiFate', part: pick<'controllers' | `node-${number}`>(roll, ['controllers', `node-${node}`]), fate: 'lostAnswer' },
      { do: 'fillPool', node },
    ]),
    { do: 'growClaim', name, mib: pick(roll, [48, 96]) },
    { do: 'wait', ms: pick(roll, [20, 1_000, 3_000]) },
    pick<Step>(roll, [
      { do: 'growClaim', name, mib: 160 },
      { do: 'deletePod', name: 'g' },
      { do: 'reboot', node },
      { do: 'deleteClaim', name },
    ]),
  ];
}

/** A claim that is copied while it is written to, or goes. */
export function copiedClaim(roll: Roll, name: string): readonly Step[] {
  const className = pick(roll, ['net', 'spread', 'kept'] as const);
  const driver: DriverName = className === 'spread' ? `driver-${roll(NODE_COUNT)}` : 'driver-net';
  return [
    { do: 'createClaim', name, className, mib: 16 },
    { do: 'createPod', name: 'g', claims: [name] },
    { do: 'wait', ms: pick(roll, [1_000, 12_000]) },
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      { do: 'driverFate', driver, method: 'createVolume', fate: randomFate(roll, 'createVolume') },
      { do: 'halt', driver, ms: 4_000 },
    ]),
    { do: 'createClaim', name: 'k', className, mib: pick(roll, [16, 128]), from: name },
    { do: 'wait', ms: pick(roll, [1, 20, 1_000]) },
    pick<Step>(roll, [
      { do: 'deleteClaim', name },
      { do: 'deleteClaim', name: 'k' },
      { do: 'createPod', name: 'h', claims: ['k'] },
      { do: 'deletePod', name: 'g' },
    ]),
    { do: 'wait', ms: pick(roll, [200, 12_000]) },
    { do: 'deleteClaim', name: pick(roll, [name, 'k']) },
  ];
}

/** A snapshot that is taken while not everything goes well, and a claim that is made from it, in whatever order they go. */
export function snapshotOfClaim(roll: Roll, name: string): readonly Step[] {
  const isNet = roll(2) === 0;
  const className = isNet ? 'net' : 'spread';
  const driver: DriverName = isNet ? 'driver-net' : `driver-${roll(NODE_COUNT)}`;
  const wait = (): Step => ({ do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 12_000]) });
  const fault = (method: 'createSnapshot' | 'deleteSnapshot' | 'createVolume' | 'listSnapshots'): Step =>
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      killSoon(roll, driver),
      { do: 'driverFate', driver, method, fate: randomFate(roll, method) },
      { do: 'apiFate', part: 'controllers', fate: pick(roll, ['conflict', 'lostAnswer', 'unreachable']) },
      { do: 'takeDriverAway', driver: isNet ? 'net' : 'local' },
    ]);
  const going = (): Step =>
    pick<Step>(roll, [
      { do: 'deleteSnapshot', name: 's-3' },
      { do: 'deleteSnapshot', name: 's-3' },
      { do: 'deleteClaim', name },
      { do: 'deleteClaim', name: 'k' },
      { do: 'deleteSnapshotClass', driver: isNet ? 'net' : 'local' },
    ]);
  return [
    { do: 'createClaim', name, className, mib: 16 },
    { do: 'wait', ms: pick(roll, [1_000, 12_000]) },
    fault('createSnapshot'),
    { do: 'takeSnapshot', name: 's-3', claim: name, driver: isNet ? 'net' : 'local' },
    wait(),
    pick<Step>(roll, [wait(), going(), fault('createSnapshot')]),
    { do: 'bringDriverBack', driver: isNet ? 'net' : 'local' },
    fault(pick(roll, ['createVolume', 'listSnapshots'])),
    { do: 'createClaim', name: 'k', className, mib: pick(roll, [16, 64]), fromSnapshot: 's-3' },
    wait(),
    going(),
    { do: 'bringDriverBack', driver: isNet ? 'net' : 'local' },
    pick<Step>(roll, [
      fault('deleteSnapshot'),
      { do: 'driverFate', driver, method: 'deleteSnapshot', fate: randomFate(roll, 'deleteSnapshot') },
      // why: of drivers of nodes it is asked who has what is to be deleted
      { do: 'driverFate', driver, method: 'listSnapshots', fate: randomFate(roll, 'listSnapshots') },
    ]),
    pick<Step>(roll, [going(), { do: 'deleteSnapshot', name: 's-3' }]),
    wait(),
  ];
}

/** A group of claims that is taken while not everything goes well, and goes in whatever order. */
export function groupOfClaims(roll: Roll, name: string): readonly Step[] {
  const isNet = roll(2) === 0;
  const className = isNet ? 'net' : 'spread';
  const group = isNet ? 'net' : 'local';
  const driver: DriverName = isNet ? 'driver-net' : `driver-${roll(NODE_COUNT)}`;
  const wait = (): Step => ({ do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 12_000]) });
  const fault = (method: 'createVolumeGroupSnapshot' | 'deleteVolumeGroupSnapshot'): Step =>
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      killSoon(roll, driver),
      { do: 'driverFate', driver, method, fate: randomFate(roll, method) },
      { do: 'driverFate', driver, method, fate: randomFate(roll, method) },
      { do: 'apiFate', part: 'controllers', fate: pick(roll, ['conflict', 'lostAnswer', 'unreachable']) },
      { do: 'takeDriverAway', driver: group },
    ]);
  const going = (): Step =>
    pick<Step>(roll, [
      { do: 'deleteGroup', name: 'g-3' },
      { do: 'deleteGroup', name: 'g-3' },
      { do: 'deleteClaim', name },
      { do: 'deleteGroupClass', driver: group },
    ]);
  return [
    { do: 'createClaim', name, className, mib: 16 },
    // why one: on nodes the claims of a driver lie apart, and a group of them is refused
    pick<Step>(roll, [wait(), { do: 'createClaim', name: 'k', className, mib: 16 }]),
    { do: 'wait', ms: pick(roll, [1_000, 12_000]) },
    fault('createVolumeGroupSnapshot'),
    { do: 'takeGroup', name: 'g-3', driver: group },
    wait(),
    pick<Step>(roll, [wait(), going(), fault('createVolumeGroupSnapshot')]),
    { do: 'bringDriverBack', driver: group },
    wait(),
    fault('deleteVolumeGroupSnapshot'),
    going(),
    { do: 'bringDriverBack', driver: group },
    wait(),
    { do: 'deleteGroup', name: 'g-3' },
    wait(),
  ];
}

/** A set that gets larger, smaller and is gone, while its controllers are. */
export function changingSet(roll: Roll): readonly Step[] {
  const name = pick(roll, SET_NAMES);
  const replicas = (): number => roll(4);
  const wait = (): Step => ({ do: 'wait', ms: pick(roll, [20, 3_000, 12_000, 60_000]) });
  return [
    { do: 'createSet', name, replicas: 1 + roll(3), className: pick(roll, ['local', 'net', 'net-wait', 'spread']) },
    wait(),
    killSoon(roll, pick(roll, ['controllers', 'server'])),
    { do: 'scaleSet', name, replicas: replicas() },
    wait(),
    pick<Step>(roll, [
      { do: 'deleteSet', name },
      { do: 'scaleSet', name, replicas: replicas() },
      { do: 'reboot', node: roll(NODE_COUNT) },
    ]),
  ];
}

/** A pool that is full when a volume is to be made or to grow there, and empties later. */
export function fullPool(roll: Roll, name: string): readonly Step[] {
  const node = roll(NODE_COUNT);
  return [
    { do: 'deleteClaim', name: 'm' },
    { do: 'wait', ms: 3_000 },
    { do: 'fillPool', node },
    { do: 'createClaim', name: 'm', className: 'spread', mib: 32 },
    { do: 'growClaim', name, mib: 160 },
    { do: 'wait', ms: pick(roll, [1_000, 12_000, 60_000]) },
    { do: 'createPod', name: 'n', claims: ['m'] },
    { do: 'freePool', node },
    { do: 'deletePod', name: 'n' },
  ];
}

/** Attributes that change while their driver is not heard. */
export function changedAttributes(roll: Roll, name: string): readonly Step[] {
  return [
    { do: 'createClaim', name, className: pick(roll, ['net', 'kept']), mib: 16 },
    { do: 'wait', ms: pick(roll, [1_000, 12_000]) },
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      { do: 'driverFate', driver: 'driver-net', method: 'controllerModifyVolume', fate: randomFate(roll, 'controllerModifyVolume') },
    ]),
    { do: 'setAttributes', name, className: 'gold' },
    { do: 'wait', ms: pick(roll, [20, 1_000, 12_000]) },
    { do: 'setAttributes', name, className: 'silver' },
  ];
}

/** A plugin that comes and goes, used or not, while those who bring it die and a node can not serve its driver for a while. */
export function comingPlugin(roll: Roll): readonly Step[] {
  const plugin = pick(roll, ['nfs', 'nfs', 'projects', 'snapshot', 'volsync'] as const);
  const node = roll(NODE_COUNT);
  const wait: Step = { do: 'wait', ms: pick(roll, [20, 200, 1_000, 12_000]) };
  const fault = (): Step =>
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      { do: 'apiFate', part: 'controllers', fate: pick(roll, ['conflict', 'lostAnswer', 'unreachable']) },
      { do: 'breakNode', node },
      { do: 'reboot', node },
    ]);
  return [
    fault(),
    pick<Step>(roll, [
      { do: 'uninstallPlugin', plugin },
      { do: 'installPlugin', plugin },
    ]),
    wait,
    { do: 'mendNode', node },
    pick<Step>(roll, [{ do: 'createProject' }, { do: 'deleteProject' }, wait]),
    fault(),
    { do: 'installPlugin', plugin },
    wait,
    fault(),
    { do: 'uninstallPlugin', plugin },
    wait,
    { do: 'deleteProject' },
    { do: 'mendNode', node },
  ];
}

/** A claim that is deleted and brought back, or not, while not everything goes well. */
export function undoneDeletion(roll: Roll, name: string): readonly Step[] {
  const fault = (): Step =>
    pick<Step>(roll, [
      killSoon(roll, 'controllers'),
      killSoon(roll, 'server'),
      { do: 'apiFate', part: 'controllers', fate: pick(roll, ['lostAnswer', 'conflict', 'unreachable'] as const) },
    ]);
  const pause = (): Step => ({ do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 3_000]) });
  return [
    { do: 'deleteClaim', name },
    { do: 'wait', ms: 3_000 },
    { do: 'createClaim', name, className: 'graced', mib: 32 },
    { do: 'wait', ms: pick(roll, [1_000, 3_000]) },
    fault(),
    { do: 'deleteClaim', name },
    pause(),
    fault(),
    { do: pick(roll, ['undelete', 'undelete', 'letGo'] as const), name },
    pause(),
    { do: pick(roll, ['undelete', 'letGo', 'deleteClaim', 'deleteVolumeOf'] as const), name },
  ];
}

/** All of them; some oftener than others. */
export const EPISODES: readonly Episode[] = [
  fleetingClaim,
  fleetingClaim,
  growingClaim,
  growingClaim,
  copiedClaim,
  snapshotOfClaim,
  snapshotOfClaim,
  groupOfClaims,
  groupOfClaims,
  changingSet,
  fullPool,
  changedAttributes,
  comingPlugin,
  undoneDeletion,
  undoneDeletion,
];
