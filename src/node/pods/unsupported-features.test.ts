import { expect, it } from 'vitest';
import type { Container, Pod, PodSecurityContext, PodSpec, SecurityContext } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { unsupportedFeatures } from './unsupported-features.ts';

/** `elsewhere`: the scheduler, admission or the garbage collector obey it. `n/a`: means nothing on a node like this, as upstream says of the field. */
type Fate = 'obeyed' | 'refused' | 'told' | 'elsewhere' | 'n/a';

const POD = {
  activeDeadlineSeconds: 'obeyed', affinity: 'elsewhere', automountServiceAccountToken: 'elsewhere', containers: 'obeyed', dnsConfig: 'obeyed',
  dnsPolicy: 'obeyed', enableServiceLinks: 'obeyed', ephemeralContainers: 'obeyed', hostAliases: 'obeyed', hostIPC: 'obeyed', hostname: 'obeyed',
  hostnameOverride: 'obeyed', hostNetwork: 'obeyed', hostPID: 'obeyed', hostUsers: 'refused', imagePullSecrets: 'obeyed', initContainers: 'obeyed',
  nodeName: 'obeyed', nodeSelector: 'elsewhere', os: 'refused', overhead: 'elsewhere', preemptionPolicy: 'elsewhere', priority: 'elsewhere',
  priorityClassName: 'elsewhere', readinessGates: 'obeyed', resourceClaims: 'told', resources: 'told', restartPolicy: 'obeyed',
  runtimeClassName: 'refused', schedulerName: 'elsewhere', schedulingGates: 'elsewhere', schedulingGroup: 'elsewhere', securityContext: 'obeyed',
  serviceAccount: 'elsewhere', serviceAccountName: 'obeyed', setHostnameAsFQDN: 'obeyed', shareProcessNamespace: 'told', subdomain: 'obeyed',
  terminationGracePeriodSeconds: 'obeyed', tolerations: 'elsewhere', topologySpreadConstraints: 'elsewhere', volumes: 'obeyed',
} as const satisfies Record<keyof PodSpec, Fate>; // prettier-ignore

const POD_SECURITY = {
  appArmorProfile: 'obeyed', fsGroup: 'obeyed', fsGroupChangePolicy: 'obeyed', runAsGroup: 'obeyed', runAsNonRoot: 'obeyed', runAsUser: 'obeyed',
  seccompProfile: 'obeyed', seLinuxChangePolicy: 'n/a', seLinuxOptions: 'told', supplementalGroups: 'obeyed', supplementalGroupsPolicy: 'obeyed',
  sysctls: 'obeyed', windowsOptions: 'n/a',
} as const satisfies Record<keyof PodSecurityContext, Fate>; // prettier-ignore

const SECURITY = {
  allowPrivilegeEscalation: 'obeyed', appArmorProfile: 'obeyed', capabilities: 'obeyed', privileged: 'obeyed', procMount: 'obeyed',
  readOnlyRootFilesystem: 'obeyed', runAsGroup: 'obeyed', runAsNonRoot: 'obeyed', runAsUser: 'obeyed', seccompProfile: 'obeyed', seLinuxOptions: 'told',
  windowsOptions: 'n/a',
} as const satisfies Record<keyof SecurityContext, Fate>; // prettier-ignore

const CONTAINER = {
  args: 'obeyed', command: 'obeyed', env: 'obeyed', envFrom: 'obeyed', image: 'obeyed', imagePullPolicy: 'obeyed', lifecycle: 'obeyed',
  livenessProbe: 'obeyed', name: 'obeyed', ports: 'told', readinessProbe: 'obeyed', resizePolicy: 'n/a', resources: 'obeyed', restartPolicy: 'obeyed',
  restartPolicyRules: 'obeyed', securityContext: 'obeyed', startupProbe: 'obeyed', stdin: 'obeyed', stdinOnce: 'obeyed',
  terminationMessagePath: 'obeyed', terminationMessagePolicy: 'obeyed', tty: 'obeyed', volumeDevices: 'obeyed', volumeMounts: 'obeyed',
  workingDir: 'obeyed',
} as const satisfies Record<keyof Container, Fate>; // prettier-ignore

/** A pod for each field that is told. */
const TOLD: Readonly<Record<string, { readonly pod: Pod; readonly reason: string }>> = {
  'spec.shareProcessNamespace': { pod: aStoredPod({ spec: { shareProcessNamespace: true } }), reason: 'ShareProcessNamespaceNotSupported' },
  'spec.resourceClaims': { pod: aStoredPod({ spec: { resourceClaims: [{ name: 'gpu' }] } }), reason: 'ResourceClaimsNotSupported' },
  'spec.resources': { pod: aStoredPod({ spec: { resources: { limits: { cpu: '1' } } } }), reason: 'PodResourcesNotSupported' },
  'spec.securityContext.seLinuxOptions': {
    pod: aStoredPod({ spec: { securityContext: { seLinuxOptions: { level: 's0' } } } }),
    reason: 'SELinuxNotSupported',
  },
  'container.securityContext.seLinuxOptions': {
    pod: aStoredPod({ container: { securityContext: { seLinuxOptions: { level: 's0' } } } }),
    reason: 'SELinuxNotSupported',
  },
  'container.ports': { pod: aStoredPod({ container: { ports: [{ containerPort: 80, hostPort: 8080 }] } }), reason: 'HostPortNotSupported' },
};

it('no field of a pod is dropped in silence: each has a fate, and what is told has an event', () => {
  const told = [
    ...fieldsOf(POD).map((field) => `spec.${field}`),
    ...fieldsOf(POD_SECURITY).map((field) => `spec.securityContext.${field}`),
    ...fieldsOf(SECURITY).map((field) => `container.securityContext.${field}`),
    ...fieldsOf(CONTAINER).map((field) => `container.${field}`),
  ];
  expect(Object.keys(TOLD).toSorted()).toEqual(told.toSorted());
  for (const { pod, reason } of Object.values(TOLD)) expect(unsupportedFeatures(pod).map((event) => event.reason)).toEqual([reason]);
});

it('says nothing of a pod that gets what it asks for', () => {
  const spec = { hostNetwork: true, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } };
  expect(unsupportedFeatures(aStoredPod({ spec, container: { ports: [{ containerPort: 80, hostPort: 80 }] } }))).toEqual([]);
});

function fieldsOf(fates: Readonly<Record<string, Fate>>): readonly string[] {
  return Object.entries(fates).flatMap(([field, fate]) => (fate === 'told' ? [field] : []));
}
