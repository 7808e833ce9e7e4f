import type { ModuleManifest } from '../manifest.ts';

/** Directories on NFS servers as volumes: the driver `nfs.csi.k8s.io` on each node. */
export const nfs: ModuleManifest = {
  name: 'nfs',
  needs: ['csi'],
  plugin: {
    name: 'nfs',
    displayName: { en: 'NFS CSI', zh: 'NFS CSI' },
    description: {
      en: 'The driver nfs.csi.k8s.io: classes whose volumes are directories on NFS servers.',
      zh: '驱动 nfs.csi.k8s.io：其存储类的卷是 NFS 服务器上的目录。',
    },
    isInstalledAtFirst: false,
  },
  load: async () => (await import('./parts.ts')).nfsParts,
};
