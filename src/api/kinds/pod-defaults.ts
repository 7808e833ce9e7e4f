import { isRecord, trusted } from '#kit/json.ts';
import type {
  Container,
  DownwardAPIProjection,
  DownwardAPIVolumeSource,
  EnvVar,
  LifecycleHandler,
  Pod,
  PodSpec,
  Probe,
  ResourceRequirements,
  Volume,
} from '../generated/kubernetes.ts';
import { qosClassOf } from '../pod-qos.ts';
import { defaultClaimSpec } from './claim-spec.ts';
import { withDefaults, withMember } from './defaulting.ts';
import { isFloatingReference } from './image-reference.ts';
import { defaultSource, POD_SOURCES, sourceNamesOf } from './volume-sources.ts';

/** How long a pod may take to end, in seconds, where it does not say (core/v1 `DefaultTerminationGracePeriodSeconds`). */
export const DEFAULT_GRACE_SEC = 30;
/** How long a projected service account token lives, in seconds (core/v1 defaults.go). */
const TOKEN_LIFETIME_SEC = 3600;

/** A pod with upstream's defaults (core/v1 defaults.go). */
export function defaultPod(pod: Pod): Pod {
  const spec = withDefaults(defaultPodSpec(pod.spec), { enableServiceLinks: true });
  const ofPod = (containers: readonly Container[]): Container[] => containers.map((item) => defaultOfPod(item, spec.hostNetwork === true));
  return { ...pod, spec: withMember({ ...spec, containers: ofPod(spec.containers) }, 'initContainers', ofPod) };
}

/** What a container gets in a pod, and not in a template. */
function defaultOfPod(container: Container, isOnHostNetwork: boolean): Container {
  const requesting = withMember(container, 'resources', requestsFromLimits);
  if (!isOnHostNetwork) return requesting;
  return withMember(requesting, 'ports', (ports) => ports.map((port) => withDefaults(port, { hostPort: port.containerPort })));
}

/** A new pod's status: pending, with its quality of service. */
export function newPodStatus(pod: Pod): Pod {
  return { ...pod, status: { phase: 'Pending', qosClass: qosClassOf(pod) } };
}

/** A pod's spec with upstream's defaults; what is missing altogether becomes a spec without containers. */
export function defaultPodSpec(given: PodSpec | undefined): PodSpec {
  const spec = withDefaults<PodSpec>(given, {
    containers: [],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: DEFAULT_GRACE_SEC,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
  });
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  return {
    ...withMember(
      withMember(
        withMember(spec, 'initContainers', (items) => items.map(defaultContainer)),
        'ephemeralContainers',
        (items) => items.map(defaultContainer),
      ),
      'volumes',
      (items) => items.map(defaultVolume),
    ),
    containers: spec.containers.map(defaultContainer),
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
  };
}

function defaultContainer(given: Container): Container {
  let container = withDefaults<Container>(given, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicyOf(given.image ?? ''),
  });
  container = withMember(container, 'ports', (ports) => ports.map((port) => withDefaults(port, { protocol: 'TCP' })));
  container = withMember(container, 'env', (variables) => variables.map(defaultVariable));
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) container = withMember(container, probe, defaultProbe);
  return withMember(container, 'lifecycle', (lifecycle) =>
    withMember(withMember(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler),
  );
}

/** `Always` for images without a fixed version (no tag or `latest`, and no digest), else `IfNotPresent`; so too where the name is none. */
function pullPolicyOf(image: string): string {
  return isFloatingReference(image) ? 'Always' : 'IfNotPresent';
}

function requestsFromLimits(resources: ResourceRequirements): ResourceRequirements {
  return resources.limits === undefined ? resources : { ...resources, requests: { ...resources.limits, ...resources.requests } };
}

function defaultVariable(variable: EnvVar): EnvVar {
  return withMember(variable, 'valueFrom', (source) =>
    withMember(source, 'fieldRef', (reference) => withDefaults(reference, { apiVersion: 'v1' })),
  );
}

function defaultProbe(probe: Probe): Probe {
  // why the service: kubectl describe breaks on a gRPC probe without one
  const named = withMember(probe, 'grpc', (grpc) => withDefaults(grpc, { service: '' }));
  return defaultHandler(withDefaults<Probe>(named, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }));
}

function defaultHandler<H extends LifecycleHandler | Probe>(handler: H): H {
  const { httpGet } = handler;
  return httpGet === undefined ? handler : { ...handler, httpGet: withDefaults(httpGet, { path: '/', scheme: 'HTTP' }) };
}

function defaultVolume(volume: Volume): Volume {
  const names = sourceNamesOf(volume, POD_SOURCES);
  if (names.length === 0) return { ...volume, emptyDir: {} };
  const members = new Map<string, unknown>(Object.entries(volume));
  const defaulted = names.map((name): [string, unknown] => {
    const source = members.get(name);
    return [name, isRecord(source) ? defaultSource(name, source) : source];
  });
  // why: each source keeps its own type; only members with a default are added
  return defaultNested(trusted<Volume>({ ...volume, ...Object.fromEntries(defaulted) }));
}

function defaultFields<S extends DownwardAPIVolumeSource | DownwardAPIProjection>(source: S): S {
  const { items } = source;
  if (items === undefined) return source;
  const defaulted = items.map((item) => withMember(item, 'fieldRef', (reference) => withDefaults(reference, { apiVersion: 'v1' })));
  return { ...source, items: defaulted };
}

function defaultNested(volume: Volume): Volume {
  const withTemplate = withMember(volume, 'ephemeral', (source) =>
    withMember(source, 'volumeClaimTemplate', (template) => ({ ...template, spec: defaultClaimSpec(template.spec) })),
  );
  const withPolicy = withMember(withTemplate, 'image', (image) => withDefaults(image, { pullPolicy: pullPolicyOf(image.reference ?? '') }));
  const withFields = withMember(withPolicy, 'downwardAPI', defaultFields);
  return withMember(withFields, 'projected', (projected) =>
    withMember(projected, 'sources', (sources) =>
      sources.map((source) =>
        withMember(
          withMember(source, 'serviceAccountToken', (token) => withDefaults(token, { expirationSeconds: TOKEN_LIFETIME_SEC })),
          'downwardAPI',
          defaultFields,
        ),
      ),
    ),
  );
}
