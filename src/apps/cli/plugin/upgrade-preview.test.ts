import { describe, expect, it } from 'vitest';
import type { ClusterRole, CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { configMaps } from '#api/resources.ts';
import { broughtBy } from '#controllers/stowage/plugins/brought.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { trusted } from '#kit/json.ts';
import { aDefinition, aSchema } from '#testing/builders/definition.ts';
import { previewUpgrade } from './upgrade-preview.ts';

type Parts = Pick<Plugin, 'definitions' | 'roles' | 'objects'>;
const role = (...verbs: readonly string[]): Parts['roles'] => [
  { metadata: { name: 'stowage:disk:view' }, rules: [{ apiGroups: ['shop.example.com'], resources: ['disks'], verbs }] },
];
const object = (name: string): Parts['objects'] => ({ a: [{ resource: configMaps, draft: { metadata: { name, namespace: 'default' } } }] });
const BEFORE: Parts = { definitions: [aDefinition()], roles: role('get', 'list'), objects: object('a') };

function preview(next: Partial<Parts>, before: Parts = BEFORE): readonly string[] {
  return previewUpgrade(trusted<Plugin>({ ...before, ...next }), {
    brought: broughtBy(before),
    // why trusted: what is looked at of objects of the API is what their drafts have
    definitions: trusted<readonly CustomResourceDefinition[]>(before.definitions),
    roles: trusted<readonly ClusterRole[]>(before.roles),
  });
}
const fields = (spec: object) => [aDefinition({ versions: [{ schema: aSchema({ type: 'object', properties: spec }) }] })];

describe('PLUG-1: what is said of an upgrade beforehand', () => {
  it.each<{ name: string; next: Partial<Parts>; says: readonly string[] }>([
    { name: 'nothing', next: {}, says: ['nothing of its kinds, roles and objects changes'] },
    {
      name: 'a kind that comes and one that goes',
      next: { definitions: [aDefinition({ names: { plural: 'tapes', kind: 'Tape' } })] },
      says: ['comes: kind tapes.shop.example.com', 'goes: kind disks.shop.example.com'],
    },
    { name: 'objects', next: { objects: object('b') }, says: ['comes: configmaps default/b', 'goes: configmaps default/a'] },
    { name: 'roles', next: { roles: [] }, says: ['goes: clusterrole stowage:disk:view'] },
    {
      name: 'a version of a kind',
      next: { definitions: [aDefinition({ versions: [{ name: 'v1' }, { name: 'v2' }] })] },
      says: ['changes: kind disks.shop.example.com: version v2 comes'],
    },
    {
      name: 'fields, by their types',
      next: {
        definitions: fields({
          size: { type: 'string' },
          nodes: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        }),
      },
      says: [
        'changes: kind disks.shop.example.com: field spec.size (string), spec.nodes (array), spec.nodes[] (object), spec.nodes[].name (string) come; field spec.size (integer), spec.color (string) go',
      ],
    },
    {
      name: 'rules of a kind',
      next: {
        definitions: fields({ size: { type: 'integer', minimum: 5, maximum: 10 }, color: { type: 'string', default: 'grey' } }),
      },
      says: ['changes: kind disks.shop.example.com: its rules, defaults or columns'],
    },
    {
      name: 'rights',
      next: { roles: role('get', 'delete') },
      says: [
        'changes: clusterrole stowage:disk:view: gains {APIGroups:["shop.example.com"], Resources:["disks"], Verbs:["delete"]}; loses {APIGroups:["shop.example.com"], Resources:["disks"], Verbs:["list"]}',
      ],
    },
  ])('names $name', ({ next, says }) => {
    expect(preview(next)).toEqual(says);
  });

  it('names the first of many fields, and says how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, { type: 'string' }]));
    expect(preview({ definitions: fields({ size: { type: 'integer' }, color: { type: 'string' }, ...many }) })[0]).toMatch(
      /spec\.f11 \(string\), and 8 more come$/,
    );
  });
});
