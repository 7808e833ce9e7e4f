import { moduleInfoes, projects } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import {
  csiDrivers,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
  volumeAttributesClasses,
} from '#api/resources.ts';
import { assertNever } from '#kit/assert-never.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { DELETION_GRACE } from '#api/undelete/deletion-grace.ts';
import { provisionedNameOf } from '#api/storage/names.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { NAMESPACE, POD_SPEC, requestOfSet } from './set-actors.ts';
import { GROUP_LABELS, requestOfSnapshot, SNAPSHOT_SOURCE } from './snapshot-actors.ts';
import { requestOfDeleted } from './undelete-actors.ts';
import type { ClassName, Step } from './step.ts';
import { NET_DRIVER, nodeNameOf, type World } from './world.ts';

type Asked = Extract<
  Step,
  {
    do:
      | 'createClaim'
      | 'deleteClaim'
      | 'undelete'
      | 'letGo'
      | 'growClaim'
      | 'setAttributes'
      | 'deleteVolumeOf'
      | 'takeSnapshot'
      | 'deleteSnapshot'
      | 'deleteSnapshotClass'
      | 'takeGroup'
      | 'deleteGroup'
      | 'deleteGroupClass'
      | 'createPod'
      | 'deletePod'
      | 'createSet'
      | 'scaleSet'
      | 'deleteSet'
      | 'cordon'
      | 'uncordon'
      | 'deleteClass'
      | 'createClass'
      | 'installPlugin'
      | 'uninstallPlugin'
      | 'createProject'
      | 'deleteProject';
  }
>;

type TenantStep =
  | 'createClaim'
  | 'deleteClaim'
  | 'undelete'
  | 'letGo'
  | 'growClaim'
  | 'setAttributes'
  | 'createPod'
  | 'deletePod'
  | 'createSet'
  | 'scaleSet'
  | 'deleteSet';

const PROJECT = 'shop';

/** The class of that name, as the simulation wants it. */
function classDraft(name: ClassName): Draft<StorageClass> {
  const provisioner = name === 'local' || name === 'spread' ? DRIVER_NAME : NET_DRIVER;
  const bindingMode = name === 'local' || name === 'net-wait' ? 'WaitForFirstConsumer' : 'Immediate';
  return aClass({
    name,
    provisioner,
    bindingMode,
    reclaimPolicy: name === 'kept' ? 'Retain' : 'Delete',
    ...(name === 'graced' ? { annotations: { [DELETION_GRACE]: '720h' } } : {}),
    rest: { allowVolumeExpansion: true },
  });
}

function claimDraft({
  name,
  className,
  mib,
  mode,
  from,
  fromSnapshot,
}: Extract<Step, { do: 'createClaim' }>): Draft<PersistentVolumeClaim> {
  return aClaim({
    name,
    storageClassName: className,
    size: `${mib}Mi`,
    accessModes: [mode ?? 'ReadWriteOnce'],
    ...(GROUP_LABELS[className] === undefined ? {} : { labels: GROUP_LABELS[className] }),
    ...(from === undefined ? {} : { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: from } } }),
    ...(fromSnapshot === undefined ? {} : { spec: { dataSource: { ...SNAPSHOT_SOURCE, name: fromSnapshot } } }),
  });
}

/** Makes what the simulation needs beside what the platform brings. */
export async function prepare({ users }: World): Promise<void> {
  await users.create(csiDrivers, { metadata: { name: NET_DRIVER }, spec: { attachRequired: true, podInfoOnMount: false } });
  for (const name of ['spread', 'net', 'net-wait', 'kept', 'graced'] as const) await users.create(storageClasses, classDraft(name));
  for (const name of ['gold', 'silver'])
    await users.create(volumeAttributesClasses, { metadata: { name }, driverName: NET_DRIVER, parameters: { speed: name } });
}

/** Asks the API for what a step says, as its user; answers what came of it. Refusals are answers. */
export async function ask(world: World, step: Asked): Promise<string> {
  try {
    await request(world, step);
    return 'OK';
  } catch (thrown) {
    return PlatformError.from(thrown).reason;
  }
}

async function request({ users }: World, step: Asked): Promise<unknown> {
  switch (step.do) {
    case 'createClaim':
      return users.create(persistentVolumeClaims, claimDraft(step));
    case 'deleteClaim':
      return users.delete(persistentVolumeClaims, { namespace: NAMESPACE, name: step.name });
    case 'undelete':
    case 'letGo':
      return requestOfDeleted(users, step);
    case 'growClaim':
      return patchClaim(users, step.name, { resources: { requests: { storage: `${step.mib}Mi` } } });
    case 'setAttributes':
      return patchClaim(users, step.name, { volumeAttributesClassName: step.className });
    case 'createPod':
      return users.create(pods, aPod({ name: step.name, claims: step.claims, spec: POD_SPEC }));
    case 'deletePod':
      return users.delete(pods, { namespace: NAMESPACE, name: step.name });
    case 'createSet':
    case 'scaleSet':
    case 'deleteSet':
      return requestOfSet(users, step);
    default:
      return requestOfAdmin(users, step);
  }
}

function requestOfAdmin(users: Client, step: Exclude<Asked, { do: TenantStep }>): Promise<unknown> {
  switch (step.do) {
    case 'deleteVolumeOf':
      return deleteVolumeOf(users, step.name);
    case 'cordon':
      return setUnschedulable(users, step.node, true);
    case 'uncordon':
      return setUnschedulable(users, step.node, false);
    case 'deleteClass':
      return users.delete(storageClasses, { namespace: '', name: step.className });
    case 'createClass':
      return users.create(storageClasses, classDraft(step.className));
    case 'takeSnapshot':
    case 'deleteSnapshot':
    case 'deleteSnapshotClass':
    case 'takeGroup':
    case 'deleteGroup':
    case 'deleteGroupClass':
      return requestOfSnapshot(users, step);
    default:
      return requestOfPlugins(users, step);
  }
}

function requestOfPlugins(
  users: Client,
  step: Extract<Asked, { do: 'installPlugin' | 'uninstallPlugin' | 'createProject' | 'deleteProject' }>,
): Promise<unknown> {
  switch (step.do) {
    case 'installPlugin':
      return users.create(moduleInfoes, installing(step.plugin));
    case 'uninstallPlugin':
      return users.delete(moduleInfoes, { namespace: '', name: installing(step.plugin).metadata.name ?? '' });
    case 'createProject':
      return users.create(projects, { metadata: { name: PROJECT }, spec: {} });
    case 'deleteProject':
      return users.delete(projects, { namespace: '', name: PROJECT });
    default:
      return assertNever(step);
  }
}

async function deleteVolumeOf(users: Client, name: string): Promise<unknown> {
  const claim = await users.get(persistentVolumeClaims, { namespace: NAMESPACE, name });
  return users.delete(persistentVolumes, { namespace: '', name: claim.spec.volumeName ?? provisionedNameOf(claim.metadata.uid) });
}

function setUnschedulable(users: Client, node: number, unschedulable: boolean): Promise<unknown> {
  const patch = { type: 'merge', body: { spec: { unschedulable } } } as const;
  return users.patch(nodes, { key: { namespace: '', name: nodeNameOf(node) }, patch });
}

function patchClaim(users: Client, name: string, spec: object): Promise<unknown> {
  const patch = { type: 'merge', body: { spec } } as const;
  return users.patch(persistentVolumeClaims, { key: { namespace: NAMESPACE, name }, patch });
}
