import { definitionsOf } from '#api/definitions/brought-along.ts';
import { snapshotMetadataServices } from '#api/generated/definitions.ts';
import { VOLUMES_GROUP } from '#api/definitions/rollbacks.ts';
import { BUILT_IN_FILL_IMAGE } from '#api/populators/fill-order.ts';
import { MOVE_REASONS } from '#api/reasons/moves.ts';
import { pods } from '#api/resources.ts';
import { SNAPSHOT_SCHEDULE_REASONS } from '#api/reasons/snapshot-schedules.ts';
import { CHANGED_BLOCKS_REASONS } from '#api/reasons/changed-blocks.ts';
import { SNAPSHOT_REASONS } from '#api/reasons/snapshots.ts';
import { ROLLBACK_REASONS } from '#api/reasons/rollbacks.ts';
import { type ComponentController, part } from '#controllers/component.ts';
import { askProgressOverHttp } from '#controllers/csi/populators/progress.ts';
import { snapshotsView } from '#controllers/csi/snapshots/changed-blocks/ready-snapshot.ts';
import { createMetadataServiceController } from '#controllers/csi/snapshots/changed-blocks/service-controller.ts';
import { isOwnService } from '#controllers/csi/snapshots/changed-blocks/service-plan.ts';
import { createSnapshotControllers } from '#controllers/csi/snapshots/snapshot-controllers.ts';
import { createMoveController } from '#controllers/stowage/move/controller.ts';
import { createRollbackController } from '#controllers/stowage/rollback/controller.ts';
import { createSnapshotScheduleController } from '#controllers/stowage/snapshot-schedule/controller.ts';
import { hookAdmission } from '#controllers/stowage/snapshot-schedule/hook-admission.ts';
import { settingsOf } from '#kit/config.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import { csiFlags } from '../csi/flags.ts';
import { populatorFlags } from '../populators/flags.ts';
import type { ApiPort } from '../../api-port.ts';
import type { ControllerSet, ModuleDeps, ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';
import { serveBlocks } from './serve-blocks.ts';

const CBT_GROUP = snapshotMetadataServices.group;

/** Its kinds in the group that other systems have kinds in, too. */
const OWN = ['volumerollbacks', 'volumemoves', 'snapshotschedules'];

/** What the module snapshots is at work with. */
export const snapshotsParts: ModuleParts = {
  reasons: [SNAPSHOT_REASONS, ROLLBACK_REASONS, MOVE_REASONS, SNAPSHOT_SCHEDULE_REASONS, CHANGED_BLOCKS_REASONS],
  admission: ({ mayDo }) => [
    hookAdmission((user: UserInfo, namespace) =>
      mayDo({ type: 'resource', user, verb: 'create', resource: pods, subresource: 'exec', namespace, name: '' }),
    ),
  ],
  controllerNames: [
    'snapshot',
    'snapshot-claim-protection',
    'restore-protection',
    'snapshot-content',
    'group-snapshot',
    'group-snapshot-content',
    'rollback',
    'move',
    'snapshot-schedule',
    'snapshot-metadata-service',
  ],
  controllers: ({ config, ...deps }) => {
    // why not on a cluster: the sidecar of each driver serves its own there
    const port = deps.api?.port;
    const { driverTimeoutSec } = settingsOf(csiFlags, config);
    const { populatorImage } = settingsOf(populatorFlags, config);
    // why nothing where nobody said: external-snapshotter gives a driver six times as long as external-provisioner does
    const ofDrivers = createSnapshotControllers(driverTimeoutSec === undefined ? deps : { ...deps, timeoutMs: driverTimeoutSec * 1_000 });
    return {
      always: [
        ...ofDrivers,
        part('stowage-rollback', createRollbackController(deps)),
        part('stowage-move', createMoveController({ ...deps, image: populatorImage ?? BUILT_IN_FILL_IMAGE, ask: askProgressOverHttp })),
        part('stowage-snapshot-schedule', createSnapshotScheduleController(deps)),
        ...(port === undefined ? [] : [metadataServices(deps, port)]),
      ],
      ...(port === undefined ? {} : { follow: followBlocks(deps, port) }),
    };
  },
  definitions: () =>
    definitionsOf(
      'snapshot.storage.k8s.io',
      'groupsnapshot.storage.k8s.io',
      CBT_GROUP,
      ...OWN.map((plural) => `${plural}.${VOLUMES_GROUP}`),
    ),
  // why: the objects of the driver's services come and go with the controller, and hold nobody
  keeps: { resource: snapshotMetadataServices, isOwn: isOwnService },
  roles: () =>
    userRoles('snapshots', {
      'snapshot.storage.k8s.io': ['volumesnapshots'],
      'groupsnapshot.storage.k8s.io': ['volumegroupsnapshots'],
      [VOLUMES_GROUP]: OWN,
    }),
};

/** Says where blocks are told. */
function metadataServices({ informers, drivers, api }: ControllerDeps, { address }: ApiPort): ComponentController {
  const service = { address, caPem: api?.rootCaPem ?? '' };
  return part('stowage-snapshot-metadata', createMetadataServiceController({ informers, drivers, service }));
}

/** Tells of blocks while the module is at work. */
function followBlocks(deps: ControllerDeps, port: ApiPort): NonNullable<ControllerSet['follow']> {
  // why here: the informers are started before anybody may ask
  const view = snapshotsView(deps.informers);
  return () => serveBlocks(deps, { view, port });
}

type ControllerDeps = Omit<ModuleDeps, 'config'>;
