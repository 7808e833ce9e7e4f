import { dataDirSetting } from '../../server/data-dir-setting.ts';
import { defineCommand } from '../define-command.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { NO_WORDS } from '../verb.ts';
import { imagesOfNodes } from './images-of-nodes.ts';

/** `stowage image list`. */
export const list = defineCommand({
  about: 'Shows the images that were fetched or loaded.',
  examples: [['stowage image list -o json', 'for programs']],
  flags: { dataDir: dataDirSetting, ...outputConfig },
  words: NO_WORDS,
  run: async ({ print }, { config: { dataDir, output } }) => {
    const lists = await Promise.all((await imagesOfNodes(dataDir)).map((images) => images.list()));
    const images = new Map(lists.flat().map((image) => [image.names.join(' '), image]));
    if (output === 'json') return print(formatJson([...images.values()]));
    for (const names of images.keys()) print(names);
    if (images.size === 0) print('no images were fetched or loaded; busybox is built in');
  },
});
