import type { ModuleManifest } from '../manifest.ts';
import { populatorFlags } from './flags.ts';

/** Volumes that are filled from elsewhere: archives, directories of other claims, and the registry of whoever fills them from other things. */
export const populators: ModuleManifest = {
  name: 'populators',
  needs: ['csi'],
  plugin: {
    name: 'populator',
    displayName: { en: 'Volume populators', zh: '卷填充器' },
    description: {
      en: 'Volumes that are filled from archives and from directories of other claims; the registry of other populators.',
      zh: '用归档文件或其他声明的目录填充卷；其他填充器的注册。',
    },
    isInstalledAtFirst: true,
  },
  flags: populatorFlags,
  load: async () => (await import('./parts.ts')).populatorsParts,
};
