import type { ReasonSection } from './reason-section.ts';

/** Of the controllers that fill volumes from elsewhere, and of the program in their pods. */
export const POPULATOR_REASONS: ReasonSection = {
  title: { en: 'Events of claims that are filled', zh: '填充声明时的事件' },
  tables: [
    {
      rows: [
        {
          names: ['PopulatorCreated', 'PopulatorProgress', 'PopulatorFinished'],
          means: {
            en: "The pod that fills the volume was made; another quarter is filled in; the volume is full, and the claim's (Normal). The condition `Populating` of the claim says how far it is.",
            zh: '填充卷的容器组已创建；又完成四分之一；卷已填充并属于该声明（Normal）。声明的 `Populating` 条件说明进度。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['PopulatorFailed'],
          means: {
            en: "The volume could not be filled: the archive can't be fetched or unpacked, is not the one of the checksum, has paths that lead out of the volume, or more than fits. Nothing of it was given to the claim.",
            zh: '无法填充卷：归档无法获取或解包、校验和不符、包含指向卷外的路径，或内容超出容量。声明没有得到任何内容。',
          },
          remedy: {
            en: 'As the message says. It is tried again (1 s, doubling to 5 min; what can never work each 5 min), and at once when the object that the claim names is changed. A claim that is too small: delete it, and ask for more. `kubectl logs -n stowage-populators populate-UID-of-the-claim`.',
            zh: '按消息处理。1 秒起加倍至 5 分钟自动重试（不可能成功的每 5 分钟重试）；修改声明引用的对象后立即重试。声明过小时：删除后申请更大的容量。`kubectl logs -n stowage-populators populate-声明的UID`。',
          },
        },
        {
          names: ['PopulatorWaiting'],
          means: {
            en: "What is made to fill the claim does not come on: its driver makes no volume for it, its pod has no node, or its image can't be had. The message has the words of whoever can't help it.",
            zh: '为填充声明而创建的内容没有进展：驱动未能创建卷、容器组没有可用节点，或镜像无法获取。消息给出具体原因。',
          },
          remedy: { en: 'As the message says; it goes on by itself.', zh: '按消息处理，之后自动继续。' },
        },
        {
          names: ['FillRefused', 'FillFailed'],
          means: {
            en: 'What the program in the pod says: the same will never work, or may the next time. The event `PopulatorFailed` has its words.',
            zh: '容器组中程序的结论：相同内容不可能成功，或下次可能成功。事件 `PopulatorFailed` 给出其说明。',
          },
          remedy: { en: 'As the message says.', zh: '按消息处理。' },
        },
        {
          names: ['PopulatorDataSourceNotFound'],
          means: {
            en: 'The object that the claim names, or the claim that this names, does not exist.',
            zh: '声明引用的对象，或该对象引用的声明不存在。',
          },
          remedy: { en: 'Create it: the claim is filled as soon as it is there.', zh: '创建它：出现后立即填充声明。' },
        },
        {
          names: ['PopulateOperationStartError'],
          means: {
            en: "The claim can't be filled as it stands: it asks for a block device, or no ReferenceGrant lets it use an object of another namespace.",
            zh: '声明当前无法填充：它申请块设备，或没有 ReferenceGrant 允许使用其他命名空间的对象。',
          },
          remedy: { en: 'As the message says, which has the grant to paste.', zh: '按消息处理，其中有可直接粘贴的授权。' },
        },
        {
          names: ['UnrecognizedDataSourceKind'],
          means: {
            en: 'Nobody has registered (VolumePopulator) that he fills volumes from objects of the kind that the claim names.',
            zh: '没有人注册（VolumePopulator）可以用声明引用的类型填充卷。',
          },
          remedy: {
            en: 'Install the populator of that kind, or name another source in a new claim.',
            zh: '安装该类型的填充器，或在新声明中使用其他来源。',
          },
        },
      ],
    },
  ],
};
