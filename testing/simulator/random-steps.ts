import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { CLASSES, type DriverName, type Fate, type Part, REFUSALS, type Step } from './step.ts';
import { NODE_COUNT } from './world.ts';

const CLAIMS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const PODS = ['p', 'q', 'r', 's'] as const;
const SIZES = [16, 32, 64] as const;
/** Of controllers' and nodes' calls, those that change something or that decisions rest on. */
const CONTROLLER_METHODS = [
  'createVolume',
  'createVolume',
  'deleteVolume',
  'deleteVolume',
  'controllerGetVolume',
  'controllerPublishVolume',
  'controllerUnpublishVolume',
  'controllerExpandVolume',
  'controllerModifyVolume',
  'getCapacity',
] as const;
const NODE_METHODS = ['nodeStageVolume', 'nodePublishVolume', 'nodeUnpublishVolume', 'nodeUnstageVolume', 'nodeExpandVolume'] as const;

/** The steps of a seed: tenants, an admin and misfortune, each at its own pace. */
export function randomSteps(roll: Roll, count: number): readonly Step[] {
  return Array.from({ length: count }, () => randomStep(roll));
}

function randomStep(roll: Roll): Step {
  const chance = roll(100);
  if (chance < 30) return { do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 3_000, 12_000, 60_000]) };
  if (chance < 62) return tenantStep(roll);
  if (chance < 68) return adminStep(roll);
  return faultStep(roll);
}

function tenantStep(roll: Roll): Step {
  const name = pick(roll, CLAIMS);
  const chance = roll(100);
  if (chance < 38) return createClaim(roll, name);
  if (chance < 62) return { do: 'deleteClaim', name };
  if (chance < 78)
    return { do: 'createPod', name: pick(roll, PODS), claims: roll(3) === 0 ? [...new Set([name, pick(roll, CLAIMS)])] : [name] };
  if (chance < 90) return { do: 'deletePod', name: pick(roll, PODS) };
  if (chance < 95) return { do: 'growClaim', name, mib: 128 };
  return { do: 'setAttributes', name, className: pick(roll, ['gold', 'silver']) };
}

function createClaim(roll: Roll, name: string): Step {
  const mode = pick(roll, ['ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'] as const);
  const from = roll(6) === 0 ? pick(roll, CLAIMS) : undefined;
  const base = { do: 'createClaim', name, className: pick(roll, CLASSES), mib: from === undefined ? pick(roll, SIZES) : 128 } as const;
  return { ...base, ...(mode === 'ReadWriteOnce' ? {} : { mode }), ...(from === undefined || from === name ? {} : { from }) };
}

function adminStep(roll: Roll): Step {
  const node = roll(NODE_COUNT);
  const className = pick(roll, CLASSES);
  return pick<Step>(roll, [
    { do: 'cordon', node },
    { do: 'uncordon', node },
    { do: 'uncordon', node },
    { do: 'deleteClass', className },
    { do: 'createClass', className },
    { do: 'createClass', className },
    { do: 'deleteVolumeOf', name: pick(roll, CLAIMS) },
  ]);
}

function faultStep(roll: Roll): Step {
  const index = roll(NODE_COUNT);
  const driver = pick<DriverName>(roll, ['driver-net', `driver-${index}`, `driver-${index}`]);
  const chance = roll(100);
  if (chance < 40) return driverFate(roll, driver, index);
  if (chance < 55) return { do: 'halt', driver, ms: pick(roll, [1_500, 4_000, 20_000]) };
  if (chance < 70)
    return {
      do: 'apiFate',
      part: pick<'controllers' | `node-${number}`>(roll, ['controllers', 'controllers', `node-${index}`]),
      fate: pick(roll, ['conflict', 'conflict', 'lostAnswer', 'unreachable']),
    };
  if (chance < 84) return killAt(roll, index);
  if (chance < 88) return { do: 'kill', part: pick(roll, parts(index)) };
  if (chance < 92) return { do: 'jump', ms: pick(roll, [-60_000, -1_000, 5_000, 60_000]) };
  return pick<Step>(roll, [
    { do: 'fillPool', node: index },
    { do: 'freePool', node: index },
    { do: 'takeDriverAway', driver: pick(roll, ['local', 'net']) },
    { do: 'bringDriverBack', driver: 'local' },
    { do: 'bringDriverBack', driver: 'net' },
  ]);
}

function driverFate(roll: Roll, driver: DriverName, index: number): Step {
  const isNode = roll(4) === 0;
  const ms = pick(roll, [1_500, 8_000, 30_000]);
  const fate = pick<Fate>(roll, [
    { kind: 'lostAnswer' },
    { kind: 'lostAnswer' },
    { kind: 'late', ms },
    { kind: 'slowAnswer', ms },
    { kind: 'refused', code: pick(roll, REFUSALS) },
  ]);
  if (isNode) return { do: 'driverFate', driver: `driver-${index}`, method: pick(roll, NODE_METHODS), fate };
  return { do: 'driverFate', driver, method: pick(roll, CONTROLLER_METHODS), fate };
}

function killAt(roll: Roll, index: number): Step {
  return { do: 'killAt', part: pick(roll, parts(index)), effects: 1 + roll(6), moment: pick(roll, ['before', 'after']) };
}

function parts(index: number): readonly Part[] {
  return ['server', 'controllers', 'controllers', `node-${index}`, `driver-${index}`, 'driver-net'];
}
