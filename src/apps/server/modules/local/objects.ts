import { csiDrivers, storageClasses } from '#api/resources.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { type InitialObject, initial } from '../../initial-objects.ts';

/** Says of a class that the platform made it, and makes it anew where another number of nodes asks for another binding. */
export const BINDS_BY_NODE_COUNT = 'local.stowage.dev/binds-by-node-count';

/** With several nodes a volume is made where its pod goes: two volumes of one pod on different nodes would keep it from running. Pure. */
export function bindingModeFor(nodeCount: number): 'Immediate' | 'WaitForFirstConsumer' {
  return nodeCount === 1 ? 'Immediate' : 'WaitForFirstConsumer';
}

/** What all classes of the driver have, in an installation with so many nodes. */
export function localClass(nodeCount: number) {
  return {
    provisioner: DRIVER_NAME,
    reclaimPolicy: 'Delete',
    volumeBindingMode: bindingModeFor(nodeCount),
    allowVolumeExpansion: true,
  };
}

/** The driver and the class of an installation with so many nodes. */
export function localObjects(nodeCount: number): readonly InitialObject[] {
  return [
    initial(csiDrivers, {
      metadata: { name: DRIVER_NAME },
      spec: {
        attachRequired: false,
        podInfoOnMount: false,
        storageCapacity: true,
        fsGroupPolicy: 'File',
        volumeLifecycleModes: ['Persistent'],
      },
    }),
    initial(storageClasses, {
      metadata: {
        name: 'local',
        annotations: {
          'storageclass.kubernetes.io/is-default-class': 'true',
          'cpaas.io/display-name': 'Local storage',
          [BINDS_BY_NODE_COUNT]: 'true',
        },
      },
      ...localClass(nodeCount),
    }),
  ];
}
