import { CAPABILITY_REASONS } from '#api/reasons/capabilities.ts';
import { part } from '#controllers/component.ts';
import { createDescriptionsController } from '#controllers/stowage/capabilities/descriptions-controller.ts';
import { modesAdmission } from '#controllers/stowage/capabilities/modes-admission.ts';
import type { ModuleParts } from '../module.ts';

/** What the module capabilities is at work with. */
export const capabilitiesParts: ModuleParts = {
  reasons: [CAPABILITY_REASONS],
  admission: ({ ownDrivers }) => [modesAdmission(ownDrivers)],
  controllers: ({ informers, clock, log, ownDrivers }) => {
    const names = (): readonly string[] => ownDrivers().map(({ driverName }) => driverName);
    const controller = createDescriptionsController({ client: informers.client, clock, log, ownDrivers: names });
    return { always: [part('stowage-capabilities', controller)] };
  },
};
