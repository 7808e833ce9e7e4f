import { definitionsOf } from '#api/definitions/brought-along.ts';
import { archives, claimDirectories, volumePopulators } from '#api/generated/definitions.ts';
import type { Resource } from '#api/meta/resource.ts';
import { BUILT_IN_FILL_IMAGE } from '#api/populators/fill-order.ts';
import { POPULATOR_REASONS } from '#api/reasons/populators.ts';
import { claimsBeingFilled } from '#controllers/csi/populators/claims-being-filled.ts';
import { createPopulatorControllers } from '#controllers/csi/populators/populator-controllers.ts';
import { settingsOf } from '#kit/config.ts';
import { initial, type InitialObject } from '../../initial-objects.ts';
import type { ModuleParts } from '../module.ts';
import { userRoles } from '../user-roles.ts';
import { populatorFlags } from './flags.ts';

/** What the module populators is at work with. */
export const populatorsParts: ModuleParts = {
  reasons: [POPULATOR_REASONS],
  definitions: () => definitionsOf('populator.storage.k8s.io', 'populators.stowage.dev'),
  roles: () => userRoles('populators', { 'populators.stowage.dev': [archives.plural, claimDirectories.plural] }),
  initialObjects: () => ({ populators: [archives, claimDirectories].map(registration) }),
  uses: claimsBeingFilled,
  controllerNames: ['populator', 'data-source-kind'],
  controllers: ({ informers, config, api, clock, metrics }) => {
    const { populatorImage, archiveHosts } = settingsOf(populatorFlags, config);
    // why: pods of an embedded platform reach no other machine (docs/en/access.md)
    const place = { image: populatorImage ?? BUILT_IN_FILL_IMAGE, usesHostNetwork: api !== undefined };
    const hosts = archiveHosts.split(',').filter((host) => host !== '');
    return { always: createPopulatorControllers({ informers, clock, metrics, place, archiveHosts: hosts }) };
  },
};

/** Says that volumes are filled from objects of this kind. */
function registration({ plural, group, kind }: Resource): InitialObject {
  return initial(volumePopulators, { metadata: { name: `${plural}.${group}` }, sourceKind: { group, kind } });
}
