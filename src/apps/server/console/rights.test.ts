import { describe, expect, it } from 'vitest';
import { consoleRights } from './rights.ts';

const namespaceNames = (): readonly string[] => ['shop', 'analytics', 'kube-system'];
const user = { name: 'dev', groups: [] };

describe('CON-4: where the console leads a user', () => {
  it.each([
    { name: 'an administrator', may: () => true, rights: { namespaces: 'all', seesAdministration: true } },
    {
      name: 'who has rights in two namespaces',
      may: (plural: string, namespace: string) => plural === 'persistentvolumeclaims' && ['shop', 'analytics'].includes(namespace),
      rights: { namespaces: ['analytics', 'shop'], seesAdministration: false },
    },
    { name: 'who has none', may: () => false, rights: { namespaces: [], seesAdministration: false } },
    {
      name: 'who sees all claims and no volumes',
      may: (plural: string) => plural !== 'persistentvolumes',
      rights: { namespaces: 'all', seesAdministration: false },
    },
  ])('$name', ({ may, rights }) => {
    expect(consoleRights({ mayList: (_user, { plural }, namespace) => may(plural, namespace), namespaceNames }, user)).toEqual(rights);
  });
});
