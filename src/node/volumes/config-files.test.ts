import { describe, expect, it } from 'vitest';
import type { ConfigMap, PersistentVolume, Secret, Volume } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { takesFsGroup } from './claim-volume.ts';
import { collectConfigFiles, holdsSecrets } from './config-files.ts';

const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const settings: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: meta('settings'),
  data: { a: '1', b: '2' },
  binaryData: { raw: '/w==' },
};
const login: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: meta('login'), data: { pw: 'czNjcmV0' } };
const source = {
  pod: aStoredPod({ labels: { app: 'x' } }),
  config: {
    configMap: async (name: string) => (name === 'settings' ? settings : undefined),
    secret: async (name: string) => (name === 'login' ? login : undefined),
  },
  node: { hostIp: '10.0.0.1', cpus: 2, memoryBytes: 1n },
};

async function filesOf(volume: Omit<Volume, 'name'>) {
  const files = await collectConfigFiles(source, { name: 'v', ...volume });
  return files === undefined
    ? undefined
    : Object.fromEntries([...files].map(([path, { content, mode }]) => [path, `${content.toString('latin1')} ${mode.toString(8)}`]));
}

it.each<{ name: string; volume: Omit<Volume, 'name'>; want: Record<string, string> | undefined }>([
  { name: 'a configMap', volume: { configMap: { name: 'settings' } }, want: { a: '1 644', b: '2 644', raw: '\xff 644' } },
  {
    name: 'chosen keys',
    volume: { configMap: { name: 'settings', items: [{ key: 'a', path: 'x/y', mode: 0o600 }] } },
    want: { 'x/y': '1 600' },
  },
  { name: 'a secret', volume: { secret: { secretName: 'login', defaultMode: 0o400 } }, want: { pw: 's3cret 400' } },
  { name: 'an optional one', volume: { secret: { secretName: 'no', optional: true } }, want: {} },
  { name: 'an optional key', volume: { configMap: { name: 'settings', optional: true, items: [{ key: 'no', path: 'x' }] } }, want: {} },
  {
    name: 'downwardAPI',
    volume: { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    want: { labels: 'app="x" 644' },
  },
  {
    name: 'projected',
    volume: {
      projected: {
        defaultMode: 0o440,
        sources: [{ configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } }, { secret: { name: 'login' } }],
      },
    },
    want: { a: '1 440', pw: 's3cret 440' },
  },
  { name: 'another kind', volume: { emptyDir: {} }, want: undefined },
])('files of $name', async ({ volume, want }) => {
  expect(await filesOf(volume)).toEqual(want);
});

it.each<{ name: string; volume: Omit<Volume, 'name'>; message: string }>([
  { name: 'a missing configMap', volume: { configMap: { name: 'no' } }, message: 'configmap "no" not found' },
  { name: 'a missing secret', volume: { secret: { secretName: 'no' } }, message: 'secret "no" not found' },
  {
    name: 'a missing key',
    volume: { configMap: { name: 'settings', items: [{ key: 'no', path: 'x' }] } },
    message: 'configmap settings has no key "no"; it has: a, b, raw',
  },
  {
    name: 'a bundle of trust',
    volume: { projected: { sources: [{ clusterTrustBundle: { path: 'ca' } }] } },
    message: 'take configMap, secret, downwardAPI and serviceAccountToken, not clusterTrustBundle',
  },
  {
    name: 'a resource of no container',
    volume: { downwardAPI: { items: [{ path: 'cpu', resourceFieldRef: { resource: 'limits.cpu' } }] } },
    message: 'downwardAPI file cpu: resourceFieldRef.containerName must name a container',
  },
])('$name is named', async ({ volume, message }) => {
  await expect(filesOf(volume)).rejects.toMatchObject({ reason: 'FailedMount', message: expect.stringContaining(message) });
});

it.each<{ volume: Omit<Volume, 'name'>; want: boolean }>([
  { volume: { secret: {} }, want: true },
  { volume: { projected: { sources: [{ secret: {} }] } }, want: true },
  { volume: { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }, want: true },
  { volume: { projected: { sources: [{ configMap: {} }] } }, want: false },
  { volume: { configMap: {} }, want: false },
])('$volume must stay off the disk: $want', ({ volume, want }) => {
  expect(holdsSecrets({ name: 'v', ...volume })).toBe(want);
});

describe('what a driver is told of a claim’s volume', () => {
  const volumeOf = (spec: PersistentVolume['spec']): PersistentVolume => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: meta('v'),
    spec,
  });
  const csi = { driver: 'd', volumeHandle: 'h' };

  it.each([
    { policy: 'File', spec: {}, want: true },
    { policy: 'None', spec: { fsType: 'xfs' }, want: false },
    { policy: 'ReadWriteOnceWithFSType', spec: { fsType: 'xfs' }, want: true },
    { policy: 'ReadWriteOnceWithFSType', spec: {}, want: false },
    { policy: 'ReadWriteOnceWithFSType', spec: { fsType: 'xfs' }, modes: ['ReadWriteMany'], want: false },
    { policy: 'File', spec: {}, isReadOnly: true, want: false },
    { policy: 'File', spec: { readOnly: true }, want: false },
    { policy: 'File', spec: {}, volumeMode: 'Block', want: false },
  ])(
    'fsGroup with $policy, $spec $modes $volumeMode: $want',
    ({ policy, spec, modes = ['ReadWriteOnce'], volumeMode = 'Filesystem', isReadOnly = false, want }) => {
      const volume = volumeOf({ accessModes: modes, volumeMode, csi: { ...csi, ...spec } });
      expect(takesFsGroup({ volume, isReadOnly }, policy)).toBe(want);
    },
  );
});
