import { describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '#api/generated/kubernetes.ts';
import { isRecord } from '#kit/json.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { hostnameOf } from './hostname.ts';
import { buildOciConfig, type OciInput } from './oci-config.ts';

const image = { env: ['PATH=/bin', 'FROM=image'], entrypoint: ['/entry'], cmd: ['default'], workingDir: '', user: { uid: 0, gid: 0 } };

function configOf(container: Partial<Container>, over: Partial<OciInput> & { readonly spec?: Partial<PodSpec> } = {}) {
  const { spec = {}, ...rest } = over;
  const whole: Container = { name: 'main', image: 'busybox', ...container };
  const pod = aStoredPod({ spec: { containers: [whole], ...spec } });
  return buildOciConfig({
    confinement: { hasCgroupNamespaces: false },
    pod,
    container: whole,
    image,
    env: new Map(),
    mounts: [],
    devices: [],
    networkNamespacePath: '/run/netns/x',
    cgroup: '/pods/x/main',
    bounding: (1n << 41n) - 1n,
    ...rest,
  });
}

describe('command and arguments (core/v1 Container.command)', () => {
  it.each<{ name: string; container: Partial<Container>; want: string[] }>([
    { name: 'neither', container: {}, want: ['/entry', 'default'] },
    { name: 'args', container: { args: ['a'] }, want: ['/entry', 'a'] },
    { name: 'command', container: { command: ['c'] }, want: ['c'] },
    { name: 'both', container: { command: ['c'], args: ['a', 'b'] }, want: ['c', 'a', 'b'] },
    { name: 'variables', container: { command: ['echo', '$(A) $$(A) $(NONE)'] }, want: ['echo', '1 $(A) $(NONE)'] },
  ])('$name', ({ container, want }) => {
    expect(configOf(container, { env: new Map([['A', '1']]) })).toMatchObject({ process: { args: want } });
  });
});

it('sets image, host name and container variables, later ones winning', () => {
  expect(
    configOf(
      {},
      {
        env: new Map([
          ['FROM', 'pod'],
          ['B', '='],
        ]),
      },
    ),
  ).toMatchObject({
    process: { env: ['PATH=/bin', 'FROM=pod', 'HOSTNAME=web', 'B=='] },
  });
});

it.each([
  { name: 'its name', spec: {}, pod: 'web', want: 'web' },
  { name: 'spec.hostname', spec: { hostname: 'other' }, pod: 'web', want: 'other' },
  { name: 'at most 63 characters', spec: {}, pod: `${'a'.repeat(62)}-b`, want: 'a'.repeat(62) },
])('a pod’s host name: $name', ({ spec, pod, want }) => {
  expect(hostnameOf(aStoredPod({ name: pod, spec }))).toBe(want);
});

describe('namespaces', () => {
  it('gives a pod its own', () => {
    const config = configOf({});
    expect(config).toMatchObject({ hostname: 'web' });
    expect(JSON.stringify(config)).toContain('{"type":"network","path":"/run/netns/x"}');
  });

  it('leaves network and name of the host to pods with hostNetwork', () => {
    const config = configOf({}, { spec: { hostNetwork: true }, networkNamespacePath: undefined });
    expect(config).not.toHaveProperty('hostname');
    expect(JSON.stringify(config)).not.toContain('"type":"network"');
  });
});

describe('resources', () => {
  const resources = (container: Partial<Container>) => {
    const { linux } = configOf(container);
    return isRecord(linux) ? linux['resources'] : undefined;
  };
  it.each([
    { name: 'memory', limits: { memory: '64Mi' }, requests: {}, want: { memory: { limit: 67108864 } } },
    { name: 'half a CPU', limits: { cpu: '500m' }, requests: {}, want: { cpu: { quota: 50_000, period: 100_000 } } },
    { name: 'a requested CPU', limits: {}, requests: { cpu: '2' }, want: { cpu: { shares: 2048 } } },
    { name: 'next to no CPU', limits: {}, requests: { cpu: '1m' }, want: { cpu: { shares: 2 } } },
  ])('$name', ({ limits, requests, want }) => {
    expect(resources({ resources: { limits, requests } })).toMatchObject(want);
  });

  it('never sets rlimits or a score for the OOM killer: both need a capability that not every host gives', () => {
    const text = JSON.stringify(configOf({ resources: { limits: { memory: '64Mi', cpu: '1' } } }));
    expect(text).not.toContain('rlimits');
    expect(text).not.toContain('oomScoreAdj');
  });
});

describe('mounts', () => {
  const mount = (destination: string, isReadOnly = false) => ({
    source: `/src${destination}`,
    destination,
    isReadOnly,
    propagation: 'rprivate' as const,
  });
  const destinations = (config: Record<string, unknown>) =>
    Array.isArray(config['mounts']) ? config['mounts'].map((found: unknown) => (isRecord(found) ? found['destination'] : undefined)) : [];

  it('mounts parents before what lies inside them', () => {
    const found = destinations(configOf({}, { mounts: [mount('/a/b/c'), mount('/a'), mount('/a/b')] }));
    expect(found.slice(-3)).toEqual(['/a', '/a/b', '/a/b/c']);
  });

  it('VOL-19: says what is not to work in a mount', () => {
    const config = configOf({}, { mounts: [{ ...mount('/data'), without: ['noexec', 'nosuid'] }] });
    const options = ['rbind', 'rprivate', 'rw', 'noexec', 'nosuid'];
    expect(config['mounts']).toContainEqual({ destination: '/data', type: 'bind', source: '/src/data', options });
  });

  it('says ro for read-only mounts, and how mounts travel', () => {
    const config = configOf({}, { mounts: [mount('/ro', true), { ...mount('/rw'), propagation: 'rshared' }] });
    expect(config['mounts']).toContainEqual({ destination: '/ro', type: 'bind', source: '/src/ro', options: ['rbind', 'rprivate', 'ro'] });
    expect(config['mounts']).toContainEqual({ destination: '/rw', type: 'bind', source: '/src/rw', options: ['rbind', 'rshared', 'rw'] });
  });
});

describe('security', () => {
  it('hides parts of /proc and /sys, and allows no device but the usual', () => {
    const text = JSON.stringify(configOf({}));
    expect(text).toContain('/proc/kcore');
    expect(text).toContain('"allow":false');
  });

  it('opens all of it to privileged containers', () => {
    const config = configOf({ securityContext: { privileged: true } });
    expect(config).not.toHaveProperty('linux.maskedPaths');
    expect(JSON.stringify(config)).not.toContain('"allow":false');
  });

  it.each([
    { context: { readOnlyRootFilesystem: true }, want: { root: { path: 'rootfs', readonly: true } } },
    { context: { allowPrivilegeEscalation: false }, want: { process: { noNewPrivileges: true } } },
    { context: {}, want: { root: { readonly: false }, process: { noNewPrivileges: false, cwd: '/' } } },
  ])('$context', ({ context, want }) => {
    expect(configOf({ securityContext: context })).toMatchObject(want);
  });

  it('lets a block device in by its number', () => {
    const devices = [{ path: '/dev/data', major: 7, minor: 3, isReadOnly: true }];
    const { linux } = configOf({}, { devices });
    expect(linux).toMatchObject({ devices: [{ path: '/dev/data', type: 'b', major: 7, minor: 3 }] });
    expect(JSON.stringify(linux)).toContain('{"allow":true,"type":"b","major":7,"minor":3,"access":"r"}');
  });
});
