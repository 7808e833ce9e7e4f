import path from 'node:path';
import type { ConfigSchema } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { removeAddedDriver } from '../../server/drivers/added-drivers.ts';
import { addedDriversDir } from '../../server/drivers/driver-places.ts';
import { defineCommand } from '../define-command.ts';
import { NODE_NAMES, nodeSetting, refuseUnknownNode } from './node-setting.ts';

const flags = { dataDir: dataDirSetting, node: { ...nodeSetting, default: '', defaultText: 'every node' } } as const satisfies ConfigSchema;

/** `stowage driver remove`. */
export const remove = defineCommand({
  usage: 'NAME',
  about: `Lets go of a driver that was added, on every node where none is named. Its volumes stay where they are, and pods that use them can't start until it is added again.`,
  examples: [['stowage driver remove csi.example.com', 'on every node']],
  flags,
  words: { min: 1, max: 1, takes: 'takes the name of one driver' },
  run: async ({ print }, { config: { dataDir, node }, words: [name = ''] }) => {
    if (node !== '') refuseUnknownNode(node);
    const removed: string[] = [];
    for (const one of node === '' ? NODE_NAMES : [node])
      if (await removeAddedDriver(addedDriversDir(path.join(dataDir, 'drivers'), one), name)) removed.push(one);
    if (removed.length === 0)
      throw new PlatformError({
        code: 'NotFound',
        reason: 'DriverNotAdded',
        message: `no driver ${JSON.stringify(name)} was added${node === '' ? '' : ` on ${node}`}; stowage driver list shows those that were`,
      });
    print(`removed ${name} from ${removed.join(', ')}; its volumes stay where they are`);
  },
});
