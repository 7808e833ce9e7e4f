import { PlatformError } from '#kit/errors.ts';
import { imagesInUse } from '#node/images/image-place.ts';
import { readMountTable } from '#linux/mount-table.ts';
import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { defineCommand } from '../define-command.ts';
import { imagesOfNodes } from './images-of-nodes.ts';

/** `stowage image remove`. */
export const remove = defineCommand({
  usage: 'IMAGE',
  about: 'Forgets an image, and its files unless a container runs on them.',
  examples: [['stowage image remove registry.example.com/team/app:1.0', 'the next pod that names it fetches it']],
  flags: { dataDir: dataDirSetting },
  words: { min: 1, max: 1, takes: 'takes the name of one image' },
  run: async ({ print }, { config: { dataDir }, words: [name = ''] }) => {
    const used = imagesInUse(await readMountTable());
    let isRemoved = false;
    for (const images of await imagesOfNodes(dataDir)) isRemoved = (await images.remove(name, used)) || isRemoved;
    if (!isRemoved)
      throw new PlatformError({
        code: 'NotFound',
        reason: 'ImageNotFound',
        message: `no image ${JSON.stringify(name)} was fetched or loaded: see stowage image list`,
      });
    print(`removed ${name}`);
  },
});
