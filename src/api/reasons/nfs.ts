import type { ReasonSection } from './reason-section.ts';

/** Of the driver nfs.csi.k8s.io. */
export const NFS_REASONS: ReasonSection = {
  title: { en: 'Volumes on NFS (driver `nfs.csi.k8s.io`)', zh: 'NFS 上的卷（驱动 `nfs.csi.k8s.io`）' },
  tables: [
    {
      rows: [
        {
          names: ['NfsMountFailed'],
          means: {
            en: 'A share could not be mounted; the message has the words of the server or the kernel.',
            zh: '无法挂载共享；消息包含服务器或内核的原文。',
          },
          remedy: { en: 'Do what the message says; it is tried again.', zh: '按消息提示处理；会自动重试。' },
        },
        {
          names: ['NfsShareUnwritable'],
          means: {
            en: 'The server does not let this node make or remove the directory of a volume.',
            zh: '服务器不允许该节点创建或删除卷的目录。',
          },
          remedy: {
            en: 'Export the share with `no_root_squash`, or let everybody write there; it is tried again.',
            zh: '以 `no_root_squash` 导出该共享，或允许所有人写入；会自动重试。',
          },
        },
        {
          names: ['NfsServerSilent'],
          means: {
            en: 'A server did not answer in time when it was asked how full a volume is.',
            zh: '查询卷的用量时，服务器未及时响应。',
          },
          remedy: {
            en: 'See that the server is up and that its port (2049) is open to the node.',
            zh: '确认服务器正常运行，且其端口（2049）对该节点开放。',
          },
        },
      ],
    },
  ],
};
