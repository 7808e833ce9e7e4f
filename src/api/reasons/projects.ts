import type { ReasonSection } from './reason-section.ts';

/** Of projects and what is allocated to them. */
export const PROJECT_REASONS: ReasonSection = {
  title: { en: 'Projects', zh: '项目' },
  tables: [
    {
      rows: [
        {
          names: ['ClassNotAllocated'],
          means: {
            en: 'A claim asks for a class that is allocated to other projects than that of its namespace, or to none yet (labels `project.cpaas.io/…` of the class). Claims that have their class keep it.',
            zh: '声明请求的存储类已分配给其他项目，或尚未分配给任何项目（存储类上的 `project.cpaas.io/…` 标签）。已有存储类的声明不受影响。',
          },
          remedy: {
            en: 'Use a class of the project, put the namespace into the project (label `cpaas.io/project`), or have an administrator label the class `project.cpaas.io/PROJECT: "true"`.',
            zh: '使用本项目的存储类；将命名空间加入该项目（标签 `cpaas.io/project`）；或请管理员为存储类添加标签 `project.cpaas.io/项目: "true"`。',
          },
        },
      ],
    },
  ],
};
