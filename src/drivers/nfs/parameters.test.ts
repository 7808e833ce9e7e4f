import { describe, expect, it } from 'vitest';
import { parseParameters } from './parameters.ts';
import type { NfsSettings } from './settings.ts';
import { formatVolumeId, parseVolumeId } from './volume-id.ts';

const SETTINGS: NfsSettings = { mountOptions: [], mountTimeoutSec: 45, mountPermissions: '0', onDelete: 'delete' };
const CLASS = { server: '192.168.2.11', share: '/nfs/data' };
const VOLUME = { ...CLASS, subDir: 'pvc-1', name: 'pvc-1', onDelete: 'delete' };

describe('CLASS-7: the parameters of an NFS class', () => {
  it.each<{ name: string; parameters: Record<string, string>; settings?: Partial<NfsSettings>; wanted: object }>([
    { name: 'a directory of the name of the volume', parameters: CLASS, wanted: { ...VOLUME, mode: undefined } },
    { name: 'keys in any case', parameters: { Server: CLASS.server, SHARE: CLASS.share }, wanted: { ...VOLUME, mode: undefined } },
    { name: 'a name of its own', parameters: { ...CLASS, subDir: 'shop_${pv.metadata.name}' }, wanted: { subDir: 'shop_pvc-1' } },
    { name: 'permissions', parameters: { ...CLASS, mountPermissions: '0777' }, wanted: { mode: '0777' } },
    { name: 'what becomes of it', parameters: { ...CLASS, onDelete: 'archive' }, wanted: { onDelete: 'archive' } },
    {
      name: 'the settings of the plugin',
      parameters: CLASS,
      settings: { mountPermissions: '2770', onDelete: 'retain' },
      wanted: { mode: '2770', onDelete: 'retain' },
    },
    {
      name: 'its own before those',
      parameters: { ...CLASS, onDelete: 'delete' },
      settings: { onDelete: 'retain' },
      wanted: { onDelete: 'delete' },
    },
    { name: 'what belongs to the sidecars', parameters: { ...CLASS, 'csi.storage.k8s.io/fstype': 'nfs' }, wanted: VOLUME },
  ])('say $name', ({ parameters, settings, wanted }) => {
    expect(parseParameters('pvc-1', parameters, { ...SETTINGS, ...settings })).toMatchObject(wanted);
  });

  it.each([
    { parameters: { share: '/data' }, says: 'parameters["server"]: is required: the address of the NFS server, for example 192.168.2.11' },
    { parameters: { server: 'a' }, says: 'parameters["share"]: is required: the path that it exports, for example /nfs/data' },
    { parameters: { ...CLASS, share: 'data' }, says: 'parameters["share"]: "data": must be absolute: it is a path on the server' },
    {
      parameters: { ...CLASS, path: '/x' },
      says: 'parameters["path"]: is not known; there are server, share, subDir, mountPermissions, onDelete',
    },
    { parameters: { ...CLASS, onDelete: 'keep' }, says: 'parameters["onDelete"]: "keep": use delete, retain or archive' },
    {
      parameters: { ...CLASS, mountPermissions: '999' },
      says: 'parameters["mountPermissions"]: "999": use octal permissions, for example 0777, or 0 to leave them',
    },
    {
      parameters: { ...CLASS, subDir: 'all' },
      says: 'parameters["subDir"]: "all": must have ${pv.metadata.name} in it, so that two claims never share a directory',
    },
    {
      parameters: { ...CLASS, subDir: '../${pv.metadata.name}' },
      says: 'parameters["subDir"]: "../${pv.metadata.name}": must be one directory, without /: a nested one would leave its parents on the server',
    },
    {
      parameters: { ...CLASS, subDir: '${pvc.metadata.name}_${pv.metadata.name}' },
      says: 'the only variable that there is here is ${pv.metadata.name}',
    },
    { parameters: { ...CLASS, server: 'a#b' }, says: 'server, share and subDir can not have a # in them' },
  ])('are refused with field, value and remedy: $says', ({ parameters, says }) => {
    expect(() => parseParameters('pvc-1', parameters, SETTINGS)).toThrow(says);
  });
});

describe('the id of an NFS volume', () => {
  it('is that of csi-driver-nfs, and says where the volume lies', () => {
    const volume = { ...VOLUME, onDelete: 'archive' } as const;
    expect(formatVolumeId(volume)).toBe('192.168.2.11#nfs/data#pvc-1#pvc-1#archive');
    expect(parseVolumeId(formatVolumeId(volume))).toEqual(volume);
    expect(parseVolumeId('10.0.0.1#share#dir##')).toEqual({
      server: '10.0.0.1',
      share: '/share',
      subDir: 'dir',
      name: '',
      onDelete: 'delete',
    });
  });

  it.each(['', 'x', 'a#b', 'a#b#', '#b#c', 'a#b#..', 'a#b#c/../../d', 'a#b#/etc'])('is none: %j', (id) => {
    expect(parseVolumeId(id)).toBeUndefined();
  });
});
