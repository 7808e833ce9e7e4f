import type { ReasonSection } from './reason-section.ts';

/** Of the store of the API objects. */
export const STORE_REASONS: ReasonSection = {
  title: { en: 'Store', zh: '对象存储' },
  tables: [
    {
      rows: [
        {
          names: ['StoreBusy'],
          means: { en: '10,000 writes wait for the disk; this one was not taken.', zh: '有 10,000 个写入在等待磁盘。' },
          remedy: {
            en: 'Try again in a moment. If it stays, the disk is too slow or hangs.',
            zh: '稍后重试；若持续出现，磁盘过慢或无响应。',
          },
        },
        {
          names: ['StoreFull'],
          means: {
            en: 'The API objects take all the bytes that they may (from the memory of the machine or control group, or `--store-budget`). HTTP 507; reads and deletions go on, and a start comes up and says so.',
            zh: 'API 对象已占满允许的字节数（由机器或控制组的内存决定，或由 `--store-budget` 指定）。HTTP 507；读取和删除不受影响，启动也会成功并说明情况。',
          },
          remedy: {
            en: 'Delete what is not needed, or start with more memory or a larger `--store-budget`.',
            zh: '删除不需要的对象，或用更多内存、更大的 `--store-budget` 启动。',
          },
        },
        {
          names: ['StoreFailed'],
          means: { en: 'The disk refused a write; nothing was changed.', zh: '磁盘拒绝写入，没有任何改动。' },
          remedy: {
            en: 'As the message says: free space, make it writable, close the other program, or look at the disk. Writes go on by themselves afterwards.',
            zh: '按消息处理：释放空间、改为可写或检查磁盘；之后写入自动恢复。',
          },
        },
        {
          names: ['StoreClosed'],
          means: { en: 'The platform stops.', zh: '平台正在停止。' },
          remedy: { en: 'Try again once it runs.', zh: '平台运行后重试。' },
        },
        {
          names: ['StoreKeyMismatch'],
          means: {
            en: 'An object was to be written under another name than its own: a fault of Stowage.',
            zh: '对象将以不属于它的名称写入：Stowage 自身的故障。',
          },
          remedy: { en: 'Please report it with the log.', zh: '请附日志报告。' },
        },
      ],
    },
  ],
};
