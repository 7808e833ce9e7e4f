import type { Container, Pod, PodSpec, Toleration } from '../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateLabels } from '../meta/validate-labels.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName, type NameRule } from '../meta/validate-name.ts';
import { validateContainer, validateImage } from './container-validation.ts';
import { refuseEphemeral } from './ephemeral-containers.ts';
import { validateAppArmorAnnotations } from './pod-app-armor.ts';
import { validateWishes } from './pod-placement.ts';
import { validateProfiles } from './profiles.ts';
import { validatePodIds } from './user-ids.ts';
import { validateSysctls } from './pod-sysctls.ts';
import { validateVolumes } from './pod-volumes.ts';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const TOLERATION_OPERATORS = ['Equal', 'Exists'];
const EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];
/** Longest active deadline, in seconds (math.MaxInt32, core validation). */
const MAX_DEADLINE_SEC = 2_147_483_647;

/** Faults of a new or changed pod. */
export function validatePod(pod: Pod, previous?: Pod): readonly FieldError[] {
  return [
    ...(previous === undefined ? refuseEphemeral(pod.spec) : []),
    ...validateMetadata(pod.metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateAppArmorAnnotations(pod.metadata.annotations, pod.spec, 'metadata.annotations'),
    ...validatePodSpec(pod.spec, 'spec'),
    ...validateImages(pod.spec),
  ];
}

function validateImages({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): readonly FieldError[] {
  const check = (list: readonly Container[], name: string): readonly FieldError[] =>
    list.flatMap((container, index) => validateImage(container, `spec.${name}[${index}]`));
  return [
    ...check(containers, 'containers'),
    ...check(initContainers, 'initContainers'),
    ...check(ephemeralContainers, 'ephemeralContainers'),
  ];
}

/** Faults of the spec of a pod or of a pod template at `field`. */
export function validatePodSpec(spec: PodSpec, field: string): readonly FieldError[] {
  return [
    ...validateVolumes(spec.volumes ?? [], `${field}.volumes`),
    ...(spec.containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...validateContainers(spec, field),
    ...validatePolicies(spec, field),
    ...validatePlacement(spec, field),
    ...validateNames(spec, field),
    ...validatePodIds(spec, field),
    ...validateHostProcesses(spec, field),
    ...validateGroupPolicy(spec.securityContext?.fsGroupChangePolicy, `${field}.securityContext.fsGroupChangePolicy`),
    ...validateProfiles(spec.securityContext, `${field}.securityContext`),
    ...validateSysctls(spec, `${field}.securityContext.sysctls`),
  ];
}

function validateContainers(spec: PodSpec, field: string): readonly FieldError[] {
  const seen = new Set<string>();
  const check = (containers: readonly Container[], at: string): readonly FieldError[] =>
    containers.flatMap((container, index) => {
      const faults = [
        ...validateContainer(container, { field: `${at}[${index}]`, volumes: spec.volumes ?? [], hasHostUsers: spec.hostUsers !== false }),
      ];
      if (seen.has(container.name)) faults.push(duplicate(`${at}[${index}].name`, container.name));
      seen.add(container.name);
      return faults;
    });
  return [
    ...check(spec.containers, `${field}.containers`),
    ...check(spec.initContainers ?? [], `${field}.initContainers`),
    ...(spec.initContainers ?? []).flatMap((container, index) => refuseLife(container, `${field}.initContainers[${index}]`)),
  ];
}

/** What a container that ends before the others start has no use for (core validation `validateInitContainers`). */
function refuseLife(container: Container, field: string): readonly FieldError[] {
  if (container.restartPolicy === 'Always') return [];
  return (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    .filter((name) => container[name] !== undefined)
    .map((name) => forbidden(`${field}.${name}`, 'may not be set for init containers without restartPolicy=Always'));
}

/** Containers that are processes of a Windows host: all of a pod, on the network of the host (core validation `validateWindowsHostProcessPod`). */
function validateHostProcesses(spec: PodSpec, field: string): readonly FieldError[] {
  const { containers, initContainers = [], securityContext, hostNetwork = false } = spec;
  const ofPod = securityContext?.windowsOptions?.hostProcess;
  const all = [
    ...initContainers.map((container, index) => ({ container, at: `${field}.initContainers[${index}]` })),
    ...containers.map((container, index) => ({ container, at: `${field}.containers[${index}]` })),
  ].map(({ container, at }) => ({ own: container.securityContext?.windowsOptions?.hostProcess, at }));
  const faults: FieldError[] = all.flatMap(({ own, at }) =>
    ofPod === undefined || own === undefined || own === ofPod
      ? []
      : [
          invalid(
            `${at}.securityContext.windowsOptions.hostProcess`,
            own,
            `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
          ),
        ],
  );
  const count = all.filter(({ own }) => own ?? ofPod ?? false).length;
  if (count === 0) return faults;
  if (count !== all.length)
    faults.push(invalid(field, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  if (!hostNetwork)
    faults.push(invalid(`${field}.hostNetwork`, hostNetwork, 'hostNetwork must be true if pod contains any hostProcess containers'));
  return faults;
}

function validatePolicies(spec: PodSpec, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (!RESTART_POLICIES.includes(spec.restartPolicy ?? ''))
    faults.push(notSupported(`${field}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES));
  if (!DNS_POLICIES.includes(spec.dnsPolicy ?? '')) faults.push(notSupported(`${field}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES));
  const { activeDeadlineSeconds: deadlineSec, terminationGracePeriodSeconds: graceSec } = spec;
  if (deadlineSec !== undefined && (deadlineSec < 1 || deadlineSec > MAX_DEADLINE_SEC)) {
    faults.push(invalid(`${field}.activeDeadlineSeconds`, deadlineSec, `must be between 1 and ${MAX_DEADLINE_SEC}, inclusive`));
  }
  if (graceSec !== undefined && graceSec < 0)
    faults.push(invalid(`${field}.terminationGracePeriodSeconds`, graceSec, 'must be greater than or equal to 0'));
  return faults;
}

function validatePlacement(spec: PodSpec, field: string): readonly FieldError[] {
  return [
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
    ...validateWishes(spec, field),
    ...(spec.tolerations ?? []).flatMap((toleration, index) => validateToleration(toleration, `${field}.tolerations[${index}]`)),
  ];
}

/** Faults of a toleration at `field`. */
export function validateToleration({ key = '', operator = '', value = '', ...rest }: Toleration, field: string): readonly FieldError[] {
  const faults = key === '' ? [] : qualifiedName(key).map((fault) => invalid(`${field}.key`, key, fault));
  if (key === '' && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    faults.push(invalid(`${field}.operator`, operator, detail));
  }
  if (operator === 'Exists' && value !== '') {
    faults.push(invalid(`${field}.operator`, { key, operator, value }, "value must be empty when `operator` is 'Exists'"));
  }
  if (operator !== '' && !TOLERATION_OPERATORS.includes(operator)) {
    faults.push(notSupported(`${field}.operator`, operator, TOLERATION_OPERATORS));
  }
  return [...faults, ...validateEffect(rest, field)];
}

function validateEffect(
  { effect, tolerationSeconds }: Pick<Toleration, 'effect' | 'tolerationSeconds'>,
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (effect !== undefined && effect !== '' && !EFFECTS.includes(effect)) faults.push(notSupported(`${field}.effect`, effect, EFFECTS));
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    faults.push(invalid(`${field}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  return faults;
}

function validateNames(spec: PodSpec, field: string): readonly FieldError[] {
  const rules: readonly (readonly [keyof PodSpec, string | undefined, NameRule])[] = [
    ['nodeName', spec.nodeName, dns1123Subdomain],
    ['serviceAccountName', spec.serviceAccountName, dns1123Subdomain],
    ['hostname', spec.hostname, dns1123Label],
    ['subdomain', spec.subdomain, dns1123Label],
    ['schedulerName', spec.schedulerName, qualifiedName],
    ['priorityClassName', spec.priorityClassName, dns1123Subdomain],
    ['runtimeClassName', spec.runtimeClassName, dns1123Subdomain],
  ];
  return rules.flatMap(([name, value, rule]) =>
    value === undefined || value === '' ? [] : rule(value).map((fault) => invalid(`${field}.${name}`, value, fault)),
  );
}

const GROUP_POLICIES = ['Always', 'OnRootMismatch'];

function validateGroupPolicy(policy: string | undefined, field: string): readonly FieldError[] {
  return policy === undefined || GROUP_POLICIES.includes(policy) ? [] : [notSupported(field, policy, GROUP_POLICIES)];
}
