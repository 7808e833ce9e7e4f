import { describe, expect, it } from 'vitest';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { whyDoubtful, whyModeRefused } from './claim-modes.ts';
import type { StorageDescription } from './description.ts';
import { capabilitiesOf, type Described } from './resolve.ts';

const by = (name: string, description: StorageDescription): Described => ({ description, origin: { by: 'configMap', name } });
const itself = (description: StorageDescription): Described => ({ description, origin: { by: 'driver', name: 'd' } });
const classWith = (annotations: Record<string, string> = {}) => aStoredClass({ name: 'fast', annotations });

describe('CAP-2: what a class can do', () => {
  it.each<{
    name: string;
    annotations?: Record<string, string>;
    described: readonly Described[];
    filesystem: unknown;
    block: unknown;
    from?: string;
  }>([
    { name: 'nobody told', described: [], filesystem: undefined, block: undefined },
    {
      name: 'block devices as file systems, where nothing else is told',
      described: [by('sd-a', { accessModes: ['ReadWriteOnce'] })],
      filesystem: ['ReadWriteOnce'],
      block: ['ReadWriteOnce'],
      from: 'sd-a',
    },
    {
      name: 'the driver before ConfigMaps',
      described: [itself({ accessModes: ['ReadWriteOnce'] }), by('sd-a', { accessModes: ['ReadWriteMany'] })],
      filesystem: ['ReadWriteOnce'],
      block: ['ReadWriteOnce'],
      from: 'd',
    },
    {
      name: 'each value from the first that tells it',
      described: [by('sd-a', { snapshot: true }), by('sd-b', { accessModes: ['ReadWriteMany'], blockAccessModes: ['ReadWriteOnce'] })],
      filesystem: ['ReadWriteMany'],
      block: ['ReadWriteOnce'],
      from: 'sd-b',
    },
    {
      name: 'no more than the class allows',
      annotations: { 'cpaas.io/access-mode': 'ReadWriteOnce, RWX' },
      described: [by('sd-a', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] })],
      filesystem: ['ReadWriteOnce'],
      block: ['ReadWriteOnce'],
      from: 'fast',
    },
    {
      name: 'what the class allows, where nobody told',
      annotations: { 'cpaas.io/access-mode': 'ReadWriteMany' },
      described: [],
      filesystem: ['ReadWriteMany'],
      block: ['ReadWriteMany'],
      from: 'fast',
    },
    {
      name: 'all, where the class names no mode that there is',
      annotations: { 'cpaas.io/access-mode': 'Everything' },
      described: [by('sd-a', { accessModes: ['ReadOnlyMany'] })],
      filesystem: ['ReadOnlyMany'],
      block: ['ReadOnlyMany'],
      from: 'sd-a',
    },
  ])('$name', ({ annotations, described, filesystem, block, from }) => {
    const capabilities = capabilitiesOf(classWith(annotations), described);
    expect(capabilities.accessModes?.value).toEqual(filesystem);
    expect(capabilities.blockAccessModes?.value).toEqual(block);
    expect(capabilities.accessModes?.origin.name).toBe(from);
  });

  it('tells what does not count, and who said it', () => {
    const { accessModes } = capabilitiesOf(classWith(), [
      itself({ accessModes: ['ReadWriteOnce'] }),
      by('sd-a', { accessModes: ['ReadWriteMany'] }),
    ]);
    expect(accessModes?.overridden).toEqual([{ value: ['ReadWriteMany'], origin: { by: 'configMap', name: 'sd-a' } }]);
  });

  it('CLASS-11: has the class’s own words', () => {
    const { displayName, features } = capabilitiesOf(
      classWith({ 'cpaas.io/display-name': 'Fast', 'cpaas.io/features': 'snapshot, clone' }),
      [],
    );
    expect([displayName, features]).toEqual(['Fast', ['snapshot', 'clone']]);
    expect(capabilitiesOf(classWith({ 'cpaas.io/features': '' }), []).features).toBeUndefined();
  });
});

describe('CLASS-11: what a class lets a claim have', () => {
  it.each([
    { name: 'what it lists', access: 'ReadWriteOnce,ReadWriteMany', modes: ['ReadWriteMany'], says: undefined },
    { name: 'everything, where it lists nothing', access: '', modes: ['ReadWriteMany'], says: undefined },
    {
      name: 'nothing else',
      access: 'RWO',
      modes: ['ReadWriteOnce', 'ReadWriteMany'],
      says: 'storageclass "fast" allows ReadWriteOnce (its annotation cpaas.io/access-mode), and not ReadWriteMany: ask for one that it allows, or use another class',
    },
  ])('$name', ({ access, modes, says }) => {
    expect(whyModeRefused(aStoredClaim({ accessModes: modes }), classWith({ 'cpaas.io/access-mode': access }))).toBe(says);
  });

  it.each([
    {
      name: 'a volume mode',
      spec: { volumeMode: 'Block' },
      modes: ['ReadWriteOnce'],
      says: 'spec.volumeMode: "Block" is not among Filesystem',
    },
    {
      name: 'an access mode',
      spec: {},
      modes: ['ReadWriteMany'],
      says: 'spec.accessModes: "ReadWriteMany" is not among ReadWriteOnce, which the ConfigMap kube-public/sd-a says',
    },
    { name: 'nothing', spec: {}, modes: ['ReadWriteOnce'], says: undefined },
  ])('a warning tells that $name is not what the driver can do', ({ spec, modes, says }) => {
    const capabilities = capabilitiesOf(classWith(), [by('sd-a', { volumeModes: ['Filesystem'], accessModes: ['ReadWriteOnce'] })]);
    const doubt = whyDoubtful(aStoredClaim({ accessModes: modes, spec }), capabilities);
    if (says === undefined) expect(doubt).toBeUndefined();
    else expect(doubt).toContain(says);
  });
});
