import { describe, expect, it } from 'vitest';
import { nameFault, planScaffold, type Scaffold } from './scaffold.ts';

describe('scaffold', () => {
  it.each<{ scaffold: Scaffold; folder: string; files: string[]; exported: string }>([
    {
      scaffold: 'controller',
      folder: 'src/controllers/stowage/volume-groups',
      files: ['controller.ts', 'reconcile.ts', 'plan.ts', 'plan.test.ts', 'events.ts', 'README.md'],
      exported: 'export function createVolumeGroupsController(',
    },
    {
      scaffold: 'driver',
      folder: 'src/drivers/volume-groups',
      files: ['identity.ts', 'controller.ts', 'node.ts', 'controller.test.ts', 'README.md'],
      exported: 'export class VolumeGroupsIdentity ',
    },
    {
      scaffold: 'page',
      folder: 'src/apps/console/pages/volume-groups',
      files: ['volume-groups-page.tsx', 'volume-groups-columns.tsx', 'volume-groups-columns.test.ts'],
      exported: 'export function VolumeGroupsPage(',
    },
  ])('lays out a $scaffold', ({ scaffold, folder, files, exported }) => {
    const plan = planScaffold(scaffold, 'volume-groups');
    const texts = plan.folders[folder] ?? {};
    expect(Object.keys(plan.folders)).toEqual([folder]);
    expect(Object.keys(texts)).toEqual(files);
    expect(Object.values(texts).join('')).toContain(exported);
    expect(Object.keys(texts).some((file) => file.includes('.test.'))).toBe(true);
  });

  it.each([
    { name: 'Volumes', fault: 'kebab-case' },
    { name: '', fault: 'kebab-case' },
    { name: '../x', fault: 'kebab-case' },
    { name: 'a--b', fault: 'kebab-case' },
    { name: 'volume-utils', fault: 'says nothing' },
    { name: 'common', fault: 'says nothing' },
    { name: 'delete', fault: 'word of the language' },
  ])('refuses the name "$name"', ({ name, fault }) => {
    expect(nameFault(name)).toContain(fault);
  });

  it('takes a good name', () => {
    expect(nameFault('volume-groups')).toBeUndefined();
  });
});
