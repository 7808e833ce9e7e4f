import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { ask } from './actors.ts';
import { rowsOf } from './coverage.ts';
import type { Step } from './step.ts';
import { NET_DRIVER, nodeNameOf, type World } from './world.ts';

/** A request of a user that has not been answered after this long is left to itself. */
const PATIENCE_MS = 10;

type Asked = Parameters<typeof ask>[1];
type Kept = Exclude<Step, Asked>;

/** Steps that a user asks the API for. */
const ASKED: ReadonlySet<Step['do']> = new Set<Asked['do']>([
  'createClaim',
  'deleteClaim',
  'undelete',
  'letGo',
  'growClaim',
  'setAttributes',
  'deleteVolumeOf',
  'takeSnapshot',
  'deleteSnapshot',
  'deleteSnapshotClass',
  'takeGroup',
  'deleteGroup',
  'deleteGroupClass',
  'createPod',
  'deletePod',
  'createSet',
  'scaleSet',
  'deleteSet',
  'cordon',
  'uncordon',
  'deleteClass',
  'createClass',
  'installPlugin',
  'uninstallPlugin',
  'createProject',
  'deleteProject',
]);

/** Does one step. */
export async function perform(world: World, step: Step): Promise<void> {
  world.trace.add(`# ${JSON.stringify(step)}`);
  world.coverage.happened(...rowsOf(step));
  if (!isAsked(step)) return happen(world, step);
  void ask(world, step).then((outcome) => {
    world.trace.add(`${step.do}: ${outcome}`);
    if (outcome === 'OK') world.coverage.hadEffect(step.do);
  });
  return world.clock.step(PATIENCE_MS);
}

function isAsked(step: Step): step is Asked {
  return ASKED.has(step.do);
}

async function happen(world: World, step: Kept): Promise<void> {
  switch (step.do) {
    case 'wait':
      world.coverage.hadEffect('wait');
      return world.clock.step(step.ms);
    case 'jump':
      world.coverage.hadEffect('jump');
      return world.clock.jump(step.ms);
    case 'kill':
      if (world.kill(step.part)) world.coverage.hadEffect('kill');
      return;
    case 'cutOff':
      return world.network.cut(nodeNameOf(step.node), step.ms);
    case 'reboot':
      return world.reboot(step.node);
    case 'killAt':
      return world.fates.killAt(step.part, { effects: step.effects, moment: step.moment });
    case 'driverFate':
      return world.fates.ofNextCall(step.driver, step);
    case 'apiFate':
      return world.fates.ofNextWrite(step.part, step.fate);
    case 'halt':
      return halt(world, step);
    default:
      return changeMeans(world, step);
  }
}

type Means = Extract<Kept, { do: 'takeDriverAway' | 'bringDriverBack' | 'fillPool' | 'freePool' | 'breakNode' | 'mendNode' }>;

function changeMeans(world: World, step: Means): void {
  if (step.do === 'breakNode' || step.do === 'mendNode') {
    if (world.plugins.setBroken(nodeNameOf(step.node), step.do === 'breakNode')) world.coverage.hadEffect(step.do);
  } else if ('node' in step) world.setFull(step.node, step.do === 'fillPool');
  else world.setAway(step.driver === 'net' ? NET_DRIVER : DRIVER_NAME, step.do === 'takeDriverAway');
}

function halt(world: World, { driver, ms }: Extract<Step, { do: 'halt' }>): void {
  for (const name of [driver, driver.replace('driver', 'plugin')]) world.endpoints.get(name)?.halt(ms);
}
