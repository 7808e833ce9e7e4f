import { storageClasses } from '#api/resources.ts';
import { type InitialObject, initial } from '../../initial-objects.ts';
import { BINDS_BY_NODE_COUNT, localClass } from '../local/objects.ts';

/** The class of the plugin. */
export const DIRECTORY_CLASS = 'local-directory';

/** The class of directories, in an installation with so many nodes. */
export function localDirectoryObjects(nodeCount: number): readonly InitialObject[] {
  return [
    initial(storageClasses, {
      metadata: {
        name: DIRECTORY_CLASS,
        annotations: { 'cpaas.io/display-name': 'Local directory', [BINDS_BY_NODE_COUNT]: 'true' },
      },
      parameters: { type: 'directory' },
      ...localClass(nodeCount),
    }),
  ];
}
