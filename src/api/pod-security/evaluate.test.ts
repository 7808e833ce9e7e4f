import { describe, expect, it } from 'vitest';
import type { Container, PodSpec, SecurityContext } from '../generated/kubernetes.ts';
import { describeViolations, evaluatePodSecurity } from './evaluate.ts';
import type { LevelVersion } from './level.ts';

const container = (name: string, securityContext?: SecurityContext, rest: Partial<Container> = {}): Container => ({
  name,
  image: 'i',
  ...(securityContext === undefined ? {} : { securityContext }),
  ...rest,
});
const of = (...containers: readonly Container[]): PodSpec => ({ containers });
const GOOD: SecurityContext = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const told = (at: LevelVersion, spec: PodSpec, annotations: Readonly<Record<string, string>> = {}): string =>
  describeViolations(evaluatePodSecurity(at, { annotations, spec }));
const BASELINE: LevelVersion = { level: 'baseline', minor: 'latest' };
const RESTRICTED: LevelVersion = { level: 'restricted', minor: 'latest' };

describe('API-2: what baseline does not allow', () => {
  it.each<{ name: string; spec: PodSpec; annotations?: Record<string, string>; says: string }>([
    { name: 'nothing wrong', spec: of(container('a')), says: '' },
    {
      name: 'host namespaces',
      spec: { ...of(container('a')), hostNetwork: true, hostPID: true, hostIPC: true },
      says: 'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    },
    {
      name: 'hostPath',
      spec: { ...of(container('a')), volumes: [{ name: 'h', hostPath: { path: '/' } }] },
      says: 'hostPath volumes (volume "h")',
    },
    {
      name: 'privileged, in all kinds of containers',
      spec: {
        containers: [container('b', { privileged: true })],
        initContainers: [container('a', { privileged: true })],
        ephemeralContainers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }],
      },
      says: 'privileged (containers "a", "b", "c" must not set securityContext.privileged=true)',
    },
    {
      name: 'capabilities',
      spec: of(container('a', { capabilities: { add: ['FOO', 'BAR', 'CHOWN'] } }), container('b', { capabilities: { add: ['BAR'] } })),
      says: 'non-default capabilities (containers "a", "b" must not include "BAR", "FOO" in securityContext.capabilities.add)',
    },
    {
      name: 'host ports',
      spec: of(
        container('a', undefined, { ports: [{ containerPort: 1, hostPort: 20 }] }),
        container('b', undefined, {
          ports: [
            { containerPort: 1, hostPort: 20 },
            { containerPort: 2, hostPort: 10 },
          ],
        }),
      ),
      says: 'hostPort (containers "a", "b" use hostPorts 10, 20)',
    },
    {
      name: 'hosts of probes and hooks',
      spec: of(
        container('a', undefined, {
          livenessProbe: { httpGet: { port: 1, host: '127.0.0.1' } },
          lifecycle: { preStop: { tcpSocket: { port: 1, host: 'x' } } },
        }),
      ),
      says: 'probe or lifecycle host (container "a" uses probe or lifecycle hosts "127.0.0.1", "x")',
    },
    {
      name: 'proc mounts',
      spec: of(container('a', { procMount: 'Unmasked' }), container('b', { procMount: 'Default' })),
      says: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    },
    {
      name: 'SELinux',
      spec: { ...of(container('a', { seLinuxOptions: { type: 'foo', user: 'u' } })), securityContext: { seLinuxOptions: { role: 'r' } } },
      says: 'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "foo"; user may not be set; role may not be set)',
    },
    {
      name: 'seccomp',
      spec: { ...of(container('a')), securityContext: { seccompProfile: { type: 'Unconfined' } } },
      says: 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    },
    {
      name: 'AppArmor fields and annotations',
      spec: { ...of(container('a')), securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      annotations: {
        'container.apparmor.security.beta.kubernetes.io/a': 'unconfined',
        'container.apparmor.security.beta.kubernetes.io/b': 'localhost/x',
      },
      says: 'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    },
    {
      name: 'sysctls',
      spec: {
        ...of(container('a')),
        securityContext: {
          sysctls: [
            { name: 'kernel.msgmax', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      },
      says: 'forbidden sysctls (kernel.msgmax)',
    },
    {
      name: 'Windows host processes',
      spec: of(container('a', { windowsOptions: { hostProcess: true } })),
      says: 'hostProcess (container "a" must not set securityContext.windowsOptions.hostProcess=true)',
    },
  ])('$name', ({ spec, annotations, says }) => {
    expect(told(BASELINE, spec, annotations)).toBe(says);
    expect(told({ level: 'privileged', minor: 'latest' }, spec, annotations)).toBe('');
  });
});

describe('API-2: what restricted does not allow', () => {
  it('asks for everything that a usual pod leaves out, and for nothing else', () => {
    expect(told(RESTRICTED, of(container('a')))).toBe(
      [
        'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      ].join(', '),
    );
    expect(told(RESTRICTED, of(container('a', GOOD)))).toBe('');
    const { runAsNonRoot, seccompProfile, ...own } = GOOD;
    expect(told(RESTRICTED, { ...of(container('a', own)), securityContext: { runAsNonRoot, seccompProfile } })).toBe('');
  });

  it.each<{ name: string; spec: PodSpec; says: string }>([
    {
      name: 'capabilities',
      spec: of(container('a', { ...GOOD, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'CHOWN'] } })),
      says: 'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)',
    },
    {
      name: 'volumes',
      spec: {
        ...of(container('a', GOOD)),
        volumes: [
          { name: 'e', emptyDir: {} },
          { name: 'h', hostPath: { path: '/' } },
          { name: 'n', nfs: { path: '/', server: 's' } },
        ],
      },
      says: 'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")',
    },
    {
      name: 'users',
      spec: { ...of(container('a', { ...GOOD, runAsUser: 0 })), securityContext: { runAsUser: 0 } },
      says: 'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
    },
    {
      name: 'root, said outright',
      spec: of(container('a', { ...GOOD, runAsNonRoot: false })),
      says: 'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
    },
    {
      name: 'proc mounts even in a user namespace, users not',
      spec: { ...of(container('a', { ...GOOD, procMount: 'Unmasked', runAsUser: 0, runAsNonRoot: false })), hostUsers: false },
      says: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    },
    { name: 'nothing that Windows lacks', spec: { ...of(container('a', { runAsNonRoot: true })), os: { name: 'windows' } }, says: '' },
  ])('$name', ({ spec, says }) => {
    expect(told(RESTRICTED, spec)).toBe(says);
  });
});

describe('API-2: versions of the standards', () => {
  const unmasked = { ...of(container('a', { procMount: 'Unmasked' })), hostUsers: false };
  const windows: PodSpec = { ...of(container('a', { runAsNonRoot: true })), os: { name: 'windows' } };
  it.each<{ name: string; at: LevelVersion; spec: PodSpec; says: string }>([
    {
      name: 'no privilege escalation before 1.8',
      at: { level: 'restricted', minor: 7 },
      spec: of(container('a', { runAsNonRoot: true })),
      says: '',
    },
    {
      name: 'hosts of probes are free before 1.34',
      at: { level: 'baseline', minor: 33 },
      spec: of(container('a', undefined, { livenessProbe: { tcpSocket: { port: 1, host: 'x' } } })),
      says: '',
    },
    {
      name: 'sysctls of 1.29 before it',
      at: { level: 'baseline', minor: 28 },
      spec: { ...of(container('a')), securityContext: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '1' }] } },
      says: 'forbidden sysctls (net.ipv4.tcp_keepalive_time)',
    },
    { name: 'user namespaces loosen since 1.35', at: { level: 'baseline', minor: 35 }, spec: unmasked, says: '' },
    {
      name: 'and not before',
      at: { level: 'baseline', minor: 34 },
      spec: unmasked,
      says: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    },
    {
      name: 'Windows is held to all of it before 1.25',
      at: { level: 'restricted', minor: 22 },
      spec: windows,
      says: 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    },
    { name: 'a version to come is the newest', at: { level: 'baseline', minor: 99 }, spec: unmasked, says: '' },
    {
      name: 'the engine type of SELinux since 1.31',
      at: { level: 'baseline', minor: 30 },
      spec: of(container('a', { seLinuxOptions: { type: 'container_engine_t' } })),
      says: 'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    },
  ])('$name', ({ at, spec, says }) => {
    expect(told(at, spec)).toBe(says);
  });

  it('seccomp was an annotation before 1.19', () => {
    const annotations = {
      'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
      'container.seccomp.security.alpha.kubernetes.io/a': 'docker/default',
    };
    expect(told({ level: 'baseline', minor: 18 }, of(container('a')), annotations)).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    expect(told({ level: 'baseline', minor: 19 }, of(container('a')), annotations)).toBe('');
  });
});
