import type { ReasonSection } from './reason-section.ts';

/** Of what classes can do. */
export const CAPABILITY_REASONS: ReasonSection = {
  title: { en: 'What classes can do', zh: '存储类的能力' },
  tables: [
    {
      rows: [
        {
          names: ['AccessModeRefused'],
          means: {
            en: 'A claim asks for an access mode that its class does not list in the annotation `cpaas.io/access-mode`.',
            zh: '声明请求的访问模式不在存储类注解 `cpaas.io/access-mode` 的列表中。',
          },
          remedy: { en: 'Ask for one that it lists, or use another class.', zh: '请求列表中的访问模式，或使用其他存储类。' },
        },
        {
          names: ['StorageDescriptionInvalid'],
          means: {
            en: 'An event on a ConfigMap `sd-…` of `kube-public`: a value in it is wrong and is ignored, or the driver describes itself.',
            zh: '`kube-public` 中 ConfigMap `sd-…` 的事件：其中某个值有误而被忽略，或驱动会描述自身。',
          },
          remedy: { en: 'Write the value as the message says; the others hold.', zh: '按消息修改该值；其余值有效。' },
        },
      ],
    },
  ],
};
