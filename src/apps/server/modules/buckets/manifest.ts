import type { ModuleManifest } from '../manifest.ts';

/** Buckets (COSI): the kinds. */
export const buckets: ModuleManifest = {
  name: 'buckets',
  needs: [],
  plugin: {
    name: 'acp-cosi',
    displayName: { en: 'Object storage (COSI)', zh: '对象存储（COSI）' },
    description: {
      en: 'The kinds for buckets, and for access to them.',
      zh: '存储桶及其访问权限的资源类型。',
    },
    isInstalledAtFirst: true,
  },
  load: async () => (await import('./parts.ts')).bucketsParts,
};
