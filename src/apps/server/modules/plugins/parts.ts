import { definitionsOf } from '#api/definitions/brought-along.ts';
import { PACKAGES_GROUP } from '#api/definitions/plugin-packages.ts';
import { PLUGIN_PACKAGE_REASONS } from '#api/reasons/plugin-packages.ts';
import { PLUGIN_REASONS } from '#api/reasons/plugins.ts';
import { part } from '#controllers/component.ts';
import { createCatalogController } from '#controllers/stowage/plugins/catalog-controller.ts';
import { createPluginsController } from '#controllers/stowage/plugins/controller.ts';
import { packageAdmission } from '#controllers/stowage/plugins/packages/package-admission.ts';
import { createPackagesController, createSignersController } from '#controllers/stowage/plugins/packages/packages-controller.ts';
import { removalAdmission } from '#controllers/stowage/plugins/removal-admission.ts';
import { settingsAdmission } from '#controllers/stowage/plugins/settings-admission.ts';
import type { ModuleParts } from '../module.ts';
import { pluginSteps } from './plugin-steps.ts';

/** What the module plugins is at work with. */
export const pluginsParts: ModuleParts = {
  reasons: [PLUGIN_REASONS, PLUGIN_PACKAGE_REASONS],
  definitions: () => definitionsOf('cluster.alauda.io', PACKAGES_GROUP),
  admission: ({ plugins }) => [removalAdmission(plugins), settingsAdmission(plugins), packageAdmission(plugins)],
  controllers: ({ informers, clock, plugins, runtime, nodes }) => {
    const host = { plugins, runtime, nodes, informers, steps: pluginSteps({ client: informers.client, clock }) };
    return {
      always: [
        part('stowage-plugins', createPluginsController({ informers, host })),
        part('stowage-plugins', createCatalogController({ informers, plugins, nodes })),
        part('stowage-plugins', createPackagesController({ informers, catalog: plugins })),
        part('stowage-plugins', createSignersController({ informers })),
      ],
    };
  },
};
