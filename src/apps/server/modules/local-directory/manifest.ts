import type { ModuleManifest } from '../manifest.ts';

/** Volumes that are plain directories: a second class of the driver `local.stowage.dev`. */
export const localDirectory: ModuleManifest = {
  name: 'local-directory',
  needs: ['local'],
  plugin: {
    name: 'local-directory',
    displayName: { en: 'Local directories', zh: '本地目录' },
    description: {
      en: 'The class local-directory: volumes of this machine that are directories without a size of their own.',
      zh: '存储类 local-directory：本机上没有独立容量的目录卷。',
    },
    isInstalledAtFirst: true,
    splitFrom: 'platform',
  },
  load: async () => (await import('./parts.ts')).localDirectoryParts,
};
