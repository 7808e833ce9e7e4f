import { settingsOf } from '#kit/config.ts';
import type { ModuleManifest } from '../manifest.ts';
import { demoFlags } from './flags.ts';

/** The sample application. */
export const demo: ModuleManifest = {
  name: 'demo',
  needs: ['kubernetes', 'local'],
  plugin: {
    name: 'demo',
    displayName: { en: 'Sample application', zh: '示例应用' },
    description: {
      en: 'The namespace demo, with a pod that writes to its claim.',
      zh: '命名空间 demo，其中的容器组会写入其存储卷声明。',
    },
    isInstalledAtFirst: (config) => settingsOf(demoFlags, config).demo,
  },
  flags: demoFlags,
  load: async () => (await import('./parts.ts')).demoParts,
};
