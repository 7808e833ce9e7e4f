import type { Container, LifecycleHandler, Probe, SELinuxOptions } from '../generated/kubernetes.ts';
import {
  type Check,
  type CheckedPod,
  containersOf,
  containersWhere,
  describeSetters,
  distinct,
  isInUserNamespace,
  named,
  plural,
  quoted,
  type Violation,
} from './checking.ts';

const CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const APPARMOR_TYPES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

export const appArmorProfile: Check = ({ annotations, spec }) => {
  const isBad = (type: string | undefined): type is string => type !== undefined && !APPARMOR_TYPES.has(type);
  const podType = spec.securityContext?.appArmorProfile?.type;
  const containers = containersWhere(spec, ({ appArmorProfile: profile }) => isBad(profile?.type));
  const types = [podType, ...containersOf(spec).map(({ securityContext }) => securityContext?.appArmorProfile?.type)].filter(isBad);
  const bad = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(APPARMOR_ANNOTATION) && !isAllowedProfile(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .toSorted();
  const setters = [
    describeSetters({ isPodAtFault: isBad(podType), containers }),
    bad.length === 0 ? undefined : plural('annotation', bad.length),
  ].filter((setter) => setter !== undefined);
  if (setters.length === 0) return undefined;
  const values = [...distinct(types), ...bad];
  return {
    reason: plural('forbidden AppArmor profile', values.length),
    // why not `quoted`: upstream puts the quotes around without escaping those inside
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${values.map((value) => `"${value}"`).join(', ')}`,
  };
};

function isAllowedProfile(profile: string): boolean {
  return profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');
}

export const baselineCapabilities: Check = ({ spec }) => {
  const isBad = (name: string): boolean => !CAPABILITIES.has(name);
  const containers = containersWhere(spec, ({ capabilities }) => (capabilities?.add ?? []).some(isBad));
  if (containers.length === 0) return undefined;
  const added = containersOf(spec).flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []);
  const bad = quoted(distinct(added.filter(isBad)));
  return {
    reason: 'non-default capabilities',
    detail: `${named('container', containers)} must not include ${bad} in securityContext.capabilities.add`,
  };
};

export const hostNamespaces: Check = ({ spec: { hostNetwork, hostPID, hostIPC } }) => {
  const shared = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, value]) => value === true);
  return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.map(([name]) => `${name}=true`).join(', ') };
};

export const hostPathVolumes: Check = ({ spec: { volumes = [] } }) => {
  const bad = volumes.filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  return bad.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', bad) };
};

export const hostPorts: Check = ({ spec }) => {
  const portsOf = ({ ports = [] }: Container): readonly string[] =>
    ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
  const bad = containersOf(spec).filter((container) => portsOf(container).length > 0);
  const ports = distinct(bad.flatMap(portsOf));
  return used({ reason: 'hostPort', noun: 'hostPort', containers: bad.map(({ name }) => name), values: ports, text: ports.join(', ') });
};

export const hostProbesAndLifecycle: Check = ({ spec }) => {
  const bad = containersOf(spec).filter((container) => hostsOf(container).length > 0);
  const hosts = distinct(bad.flatMap(hostsOf));
  const noun = 'probe or lifecycle host';
  return used({ reason: noun, noun, containers: distinct(bad.map(({ name }) => name)), values: hosts, text: quoted(hosts) });
};

function used(what: {
  readonly reason: string;
  readonly noun: string;
  readonly containers: readonly string[];
  readonly values: readonly string[];
  readonly text: string;
}): Violation | undefined {
  const { reason, noun, containers, values, text } = what;
  if (containers.length === 0) return undefined;
  const verb = containers.length === 1 ? 'uses' : 'use';
  return { reason, detail: `${named('container', containers)} ${verb} ${plural(noun, values.length)} ${text}` };
}

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): readonly string[] {
  const handlers: readonly (Probe | LifecycleHandler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? '']).filter((host) => host !== '');
}

export const privileged: Check = ({ spec }) => {
  const bad = containersWhere(spec, (context) => context.privileged === true);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${named('container', bad)} must not set securityContext.privileged=true` };
};

export const procMount: Check = ({ spec }) => {
  const isBad = (type: string | undefined): type is string => type !== undefined && type !== 'Default';
  const bad = containersWhere(spec, (context) => isBad(context.procMount));
  if (bad.length === 0) return undefined;
  const types = distinct(
    containersOf(spec)
      .map(({ securityContext }) => securityContext?.procMount)
      .filter(isBad),
  );
  return { reason: 'procMount', detail: `${named('container', bad)} must not set securityContext.procMount to ${quoted(types)}` };
};

/** Since 1.35 pods of a user namespace may. */
export const procMountOfHostUsers: Check = (pod) => (isInUserNamespace(pod.spec) ? undefined : procMount(pod));

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
export const seLinuxOptions: Check = (pod) => checkSeLinux(pod, SELINUX_TYPES);
export const seLinuxOptionsWithEngine: Check = (pod) => checkSeLinux(pod, [...SELINUX_TYPES, 'container_engine_t']);

function checkSeLinux({ spec }: CheckedPod, allowed: readonly string[]): Violation | undefined {
  const isBad = ({ type = '', user = '', role = '' }: SELinuxOptions): boolean => !allowed.includes(type) || user !== '' || role !== '';
  const setters = describeSetters({
    isPodAtFault: isBad(spec.securityContext?.seLinuxOptions ?? {}),
    containers: containersWhere(spec, (context) => isBad(context.seLinuxOptions ?? {})),
  });
  if (setters === undefined) return undefined;
  const all = [spec.securityContext, ...containersOf(spec).map(({ securityContext }) => securityContext)];
  const options = all.map((context) => context?.seLinuxOptions ?? {});
  const types = distinct(options.map(({ type = '' }) => type).filter((type) => !allowed.includes(type)));
  const data = [
    ...(types.length === 0 ? [] : [named('type', types)]),
    ...(options.some(({ user = '' }) => user !== '') ? ['user may not be set'] : []),
    ...(options.some(({ role = '' }) => role !== '') ? ['role may not be set'] : []),
  ];
  return { reason: 'seLinuxOptions', detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}` };
}

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const SECCOMP_ANNOTATION = /^(?:runtime\/default|docker\/default|localhost\/.*)$/s;

/** Before 1.19 profiles were annotations. */
export const seccompAnnotations: Check = ({ annotations, spec }) => {
  const keys = [SECCOMP_POD, ...containersOf(spec).map(({ name }) => `${SECCOMP_CONTAINER}${name}`)];
  const bad = keys.flatMap((key) => {
    const value = annotations[key];
    return value === undefined || SECCOMP_ANNOTATION.test(value) ? [] : [`${key}=${JSON.stringify(value)}`];
  });
  const listed = distinct(bad);
  if (listed.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', listed.length)} ${listed.join(', ')}` };
};

const SECCOMP_TYPES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

export const seccompProfile: Check = ({ spec }) => {
  const isBad = (type: string | undefined): type is string => type !== undefined && !SECCOMP_TYPES.has(type);
  const podType = spec.securityContext?.seccompProfile?.type;
  const setters = describeSetters({
    isPodAtFault: isBad(podType),
    containers: containersWhere(spec, (context) => isBad(context.seccompProfile?.type)),
  });
  if (setters === undefined) return undefined;
  const types = [podType, ...containersOf(spec).map(({ securityContext }) => securityContext?.seccompProfile?.type)].filter(isBad);
  const listed = quoted(distinct(types));
  return { reason: 'seccompProfile', detail: `${setters} must not set securityContext.seccompProfile.type to ${listed}` };
};

/** Sysctls that are a pod's own, and the minor version since which they are taken for safe. */
const SYSCTLS: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
]);

/** The check of sysctls as it is since a minor version. */
export function sysctlsSince(minor: number): Check {
  return ({ spec: { securityContext } }) => {
    const names = (securityContext?.sysctls ?? []).map(({ name }) => name);
    const bad = names.filter((name) => (SYSCTLS.get(name) ?? Infinity) > minor);
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

export const windowsHostProcess: Check = ({ spec }) => {
  const setters = describeSetters({
    isPodAtFault: spec.securityContext?.windowsOptions?.hostProcess === true,
    containers: containersWhere(spec, ({ windowsOptions }) => windowsOptions?.hostProcess === true),
  });
  if (setters === undefined) return undefined;
  return { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
};
