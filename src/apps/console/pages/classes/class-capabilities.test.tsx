// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { ClassCapabilities } from '#api/capabilities/resolve.ts';
import { initTexts } from '../../i18n/i18n.ts';
import { ClassCapabilitiesList } from './class-capabilities.tsx';

afterEach(cleanup);

const CAN: ClassCapabilities = {
  accessModes: {
    value: ['ReadWriteOnce'],
    origin: { by: 'class', name: 'fast' },
    overridden: [{ value: ['ReadWriteOnce', 'ReadWriteMany'], origin: { by: 'configMap', name: 'sd-a' } }],
  },
  blockAccessModes: { value: [], origin: { by: 'driver', name: 'd.example' }, overridden: [] },
  snapshot: { value: true, origin: { by: 'configMap', name: 'sd-a' }, overridden: [] },
  expansion: { value: false, origin: { by: 'class', name: 'fast' }, overridden: [] },
  features: ['clone'],
};

it.each([
  {
    language: 'en',
    says: [
      ['Volume modes', 'not told A ConfigMap sd-… in kube-public can tell what the driver does.'],
      [
        'Access modes of file systems',
        'ReadWriteOnce as the class fast says',
        'does not count: ReadWriteOnce, ReadWriteMany as the ConfigMap kube-public/sd-a says',
      ],
      ['Access modes of block devices', 'none as the driver d.example itself says'],
      ['Snapshots', 'yes as the ConfigMap kube-public/sd-a says'],
      ['Growth', 'no as the class fast says'],
      ['Features', 'clone as the annotation cpaas.io/features says'],
    ],
  },
  {
    language: 'zh-CN',
    says: [
      ['卷模式', '未说明 可由 kube-public 中的 ConfigMap sd-… 说明驱动的能力。'],
      ['文件系统的访问模式', 'ReadWriteOnce 由存储类 fast 说明', '不生效：ReadWriteOnce, ReadWriteMany 由 ConfigMap kube-public/sd-a 说明'],
      ['块设备的访问模式', '无 由驱动 d.example 自身说明'],
      ['快照', '是 由 ConfigMap kube-public/sd-a 说明'],
      ['扩容', '否 由存储类 fast 说明'],
      ['特性', 'clone 由注解 cpaas.io/features 说明'],
    ],
  },
] as const)('CAP-2: who says what a class can do, and what does not count ($language)', ({ language, says }) => {
  initTexts(language);
  const { container } = render(<ClassCapabilitiesList can={CAN} />);
  const rows = [...container.querySelectorAll('dl > div')].map((row) => [...row.children].map(({ textContent }) => textContent));
  expect(rows).toEqual(says);
});
