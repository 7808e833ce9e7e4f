import { persistentVolumeClaims } from '#api/resources.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { objectsInWords } from '#controllers/stowage/plugins/words.ts';
import { ensureClassBinding } from '../local/ensure-class-binding.ts';
import type { ModuleParts } from '../module.ts';
import { DIRECTORY_CLASS, localDirectoryObjects } from './objects.ts';

/** What the module local-directory is at work with. */
export const localDirectoryParts: ModuleParts = {
  initialObjects: ({ nodeCount }) => ({ [DIRECTORY_CLASS]: localDirectoryObjects(nodeCount) }),
  prepare: (client, { nodeCount }) => ensureClassBinding(client, { classes: [DIRECTORY_CLASS], nodeCount }),
  // why claims that have their volume too: without the class they can't grow
  uses: async (reader) => {
    const claims = (await reader.instances(persistentVolumeClaims)).filter((claim) => classOfClaim(claim) === DIRECTORY_CLASS);
    return claims.length === 0 ? [] : [`${objectsInWords(persistentVolumeClaims, claims)} of the class ${DIRECTORY_CLASS}`];
  },
};
