import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { type DriverName, type Fate, type Part, BREAKDOWNS, REFUSALS, type Step } from './step.ts';
import { NODE_COUNT } from './world.ts';

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

/** One thing that goes wrong, or an end of it. */
export function randomFault(roll: Roll): Step {
  const index = roll(NODE_COUNT);
  const driver = pick<DriverName>(roll, ['driver-net', `driver-${index}`, `driver-${index}`]);
  const chance = roll(100);
  if (chance < 40) return fateOfCall(roll, driver, index);
  if (chance < 55) return { do: 'halt', driver, ms: pick(roll, [1_500, 4_000, 20_000]) };
  if (chance < 70)
    return {
      do: 'apiFate',
      part: pick<'controllers' | `node-${number}`>(roll, ['controllers', 'controllers', `node-${index}`]),
      fate: pick(roll, ['conflict', 'conflict', 'lostAnswer', 'unreachable']),
    };
  if (chance < 84) return killSoon(roll, pick(roll, parts(index)));
  if (chance < 87) return { do: 'kill', part: pick(roll, parts(index)) };
  if (chance < 89) return { do: 'reboot', node: index };
  if (chance < 92) return { do: 'jump', ms: pick(roll, [-60_000, -1_000, 5_000, 60_000]) };
  return pick<Step>(roll, [
    { do: 'fillPool', node: index },
    { do: 'freePool', node: index },
    { do: 'takeDriverAway', driver: pick(roll, ['local', 'net']) },
    { do: 'bringDriverBack', driver: 'local' },
    { do: 'bringDriverBack', driver: 'net' },
  ]);
}

function fateOfCall(roll: Roll, driver: DriverName, index: number): Step {
  const isNode = roll(4) === 0;
  const method = isNode ? pick(roll, NODE_METHODS) : pick(roll, CONTROLLER_METHODS);
  return { do: 'driverFate', driver: isNode ? `driver-${index}` : driver, method, fate: randomFate(roll, method) };
}

/** What may become of a call. */
export function randomFate(roll: Roll, method: string): Fate {
  const ms = pick(roll, [1_500, 8_000, 30_000]);
  return pick<Fate>(roll, [
    { kind: 'lostAnswer' },
    { kind: 'lostAnswer' },
    { kind: 'late', ms },
    { kind: 'slowAnswer', ms },
    // why not of CreateVolume: no driver says that a volume can't be which it has made
    { kind: 'refused', code: pick(roll, method === 'createVolume' ? BREAKDOWNS : REFUSALS) },
  ]);
}

/** A kill at one of the next effects of `part`. */
export function killSoon(roll: Roll, part: Part): Step {
  return { do: 'killAt', part, effects: 1 + roll(6), moment: pick(roll, ['before', 'after']) };
}

function parts(index: number): readonly Part[] {
  return ['server', 'controllers', 'controllers', `node-${index}`, `driver-${index}`, 'driver-net'];
}
