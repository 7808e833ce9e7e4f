import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import {
  type DriverName,
  type Fate,
  type Part,
  BREAKDOWNS,
  CONTROLLER_METHODS,
  NODE_METHODS,
  type Refusal,
  REFUSALS,
  type Step,
} from './step.ts';
import { NODE_COUNT } from './world.ts';

/** Some are called more often than others, or matter more. */
const FATEFUL_METHODS = [...CONTROLLER_METHODS, 'createVolume', 'deleteVolume'] as const;

/** What the drivers of single nodes have not. */
const NET_METHODS: ReadonlySet<string> = new Set(['controllerPublishVolume', 'controllerUnpublishVolume', 'controllerModifyVolume']);

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
  if (chance < 90) return { do: 'cutOff', node: index, ms: pick(roll, [3_000, 45_000, 200_000]) };
  if (chance < 93) return { do: 'jump', ms: pick(roll, [-60_000, -1_000, 5_000, 60_000]) };
  return pick<Step>(roll, [
    { do: 'takeDriverAway', driver: pick(roll, ['local', 'net']) },
    { do: 'bringDriverBack', driver: 'local' },
    { do: 'bringDriverBack', driver: 'net' },
  ]);
}

function fateOfCall(roll: Roll, driver: DriverName, index: number): Step {
  const isNode = roll(5) < 2;
  const method = isNode ? pick(roll, NODE_METHODS) : pick(roll, FATEFUL_METHODS);
  const asked = isNode ? (`driver-${index}` as const) : NET_METHODS.has(method) ? 'driver-net' : driver;
  return { do: 'driverFate', driver: asked, method, fate: randomFate(roll, method) };
}

/** What may become of a call. */
export function randomFate(roll: Roll, method: string): Fate {
  const ms = pick(roll, [1_500, 8_000, 30_000]);
  return pick<Fate>(roll, [
    { kind: 'lostAnswer' },
    { kind: 'lostAnswer' },
    { kind: 'late', ms },
    { kind: 'slowAnswer', ms },
    { kind: 'refused', code: pick(roll, BREAKDOWNS) },
    { kind: 'refused', code: pick(roll, refusalsOf(method)) },
  ]);
}

function refusalsOf(method: string): readonly Refusal[] {
  // why not of CreateVolume: no driver says that a volume can't be which it has made
  if (method === 'createVolume') return BREAKDOWNS;
  // why not of NodeExpandVolume: one that can't while the volume is in use is rightly not asked again until the pod has gone (CSI NodeExpandVolume Errors)
  return method === 'nodeExpandVolume' ? REFUSALS.filter((code) => code !== 'FailedPrecondition') : REFUSALS;
}

/** A kill at one of the next effects of `part`. */
export function killSoon(roll: Roll, part: Part): Step {
  return { do: 'killAt', part, effects: 1 + roll(6), moment: pick(roll, ['before', 'after']) };
}

function parts(index: number): readonly Part[] {
  return ['server', 'controllers', 'controllers', `node-${index}`, `driver-${index}`, 'driver-net'];
}
