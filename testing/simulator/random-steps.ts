import { pick, type Roll } from '#testing/fuzz/random-json.ts';
import { EPISODES } from './episodes.ts';
import { randomFault } from './random-faults.ts';
import { CLASSES, PLUGINS, SET_NAMES, SNAPSHOT_DRIVERS, type Step } from './step.ts';
import { NODE_COUNT } from './world.ts';

const CLAIMS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const PODS = ['p', 'q', 'r', 's'] as const;
const SNAPSHOTS = ['s-1', 's-2'] as const;
const GROUPS = ['g-1', 'g-2'] as const;
const SIZES = [16, 32, 64] as const;

/** The steps of a seed: tenants, an admin and misfortune, each at its own pace. */
export function randomSteps(roll: Roll, count: number): readonly Step[] {
  const steps: Step[] = [];
  while (steps.length < count) steps.push(...nextSteps(roll));
  return steps.slice(0, count);
}

function nextSteps(roll: Roll): readonly Step[] {
  const chance = roll(100);
  if (chance < 30) return [{ do: 'wait', ms: pick(roll, [1, 20, 200, 1_000, 3_000, 12_000, 60_000]) }];
  if (chance < 60) return [tenantStep(roll)];
  if (chance < 65) return pick(roll, EPISODES)(roll, pick(roll, CLAIMS));
  if (chance < 70) return [adminStep(roll)];
  if (chance < 73) return [pluginStep(roll)];
  return [randomFault(roll)];
}

function tenantStep(roll: Roll): Step {
  const name = pick(roll, CLAIMS);
  const chance = roll(100);
  if (chance < 38) return createClaim(roll, name);
  if (chance < 62) return { do: 'deleteClaim', name };
  if (chance < 78)
    return { do: 'createPod', name: pick(roll, PODS), claims: roll(3) === 0 ? [...new Set([name, pick(roll, CLAIMS)])] : [name] };
  if (chance < 87) return { do: 'deletePod', name: pick(roll, PODS) };
  if (chance < 92) return snapshotStep(roll, name);
  if (chance < 94) return { do: 'growClaim', name, mib: pick(roll, [48, 128, 160]) };
  if (chance < 97) return setStep(roll);
  return { do: 'setAttributes', name, className: pick(roll, ['gold', 'silver']) };
}

function snapshotStep(roll: Roll, claim: string): Step {
  const name = pick(roll, SNAPSHOTS);
  return pick<Step>(roll, [
    { do: 'takeSnapshot', name, claim, driver: pick(roll, SNAPSHOT_DRIVERS) },
    { do: 'takeSnapshot', name, claim, driver: pick(roll, SNAPSHOT_DRIVERS) },
    { do: 'deleteSnapshot', name },
    { do: 'deleteSnapshotClass', driver: pick(roll, SNAPSHOT_DRIVERS) },
    { do: 'takeGroup', name: pick(roll, GROUPS), driver: pick(roll, SNAPSHOT_DRIVERS) },
    { do: 'deleteGroup', name: pick(roll, GROUPS) },
    { do: 'deleteGroupClass', driver: pick(roll, SNAPSHOT_DRIVERS) },
    { do: 'createClaim', name: claim, className: pick(roll, CLASSES), mib: 128, fromSnapshot: name },
  ]);
}

function setStep(roll: Roll): Step {
  const name = pick(roll, SET_NAMES);
  return pick<Step>(roll, [
    { do: 'createSet', name, replicas: 1 + roll(3), className: pick(roll, CLASSES) },
    { do: 'scaleSet', name, replicas: roll(4) },
    { do: 'deleteSet', name },
  ]);
}

function createClaim(roll: Roll, name: string): Step {
  const mode = pick(roll, ['ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany'] as const);
  const from = roll(6) === 0 ? pick(roll, CLAIMS) : undefined;
  const base = { do: 'createClaim', name, className: pick(roll, CLASSES), mib: from === undefined ? pick(roll, SIZES) : 128 } as const;
  return { ...base, ...(mode === 'ReadWriteOnce' ? {} : { mode }), ...(from === undefined || from === name ? {} : { from }) };
}

function pluginStep(roll: Roll): Step {
  const plugin = pick(roll, PLUGINS);
  const node = roll(NODE_COUNT);
  return pick<Step>(roll, [
    { do: 'installPlugin', plugin },
    { do: 'installPlugin', plugin },
    { do: 'installPlugin', plugin: 'nfs' },
    { do: 'uninstallPlugin', plugin },
    { do: 'uninstallPlugin', plugin },
    { do: 'createProject' },
    { do: 'deleteProject' },
    { do: 'breakNode', node },
    { do: 'mendNode', node },
  ]);
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
