import { compareQuantity, parseQuantity } from '#kit/quantity.ts';
import type {
  Container,
  ContainerPort,
  EnvVar,
  HTTPGetAction,
  LifecycleHandler,
  Probe,
  ResourceRequirements,
  SecurityContext,
  Volume,
} from '../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { portNameProblem } from '../meta/port-name.ts';
import { dns1123Label, environmentName } from '../meta/validate-name.ts';
import { validateEnvFrom, validateValueSource } from './pod-references.ts';
import { validateProfiles } from './profiles.ts';
import { validateContainerIds } from './user-ids.ts';
import { validateDevices, validateMounts } from './pod-volumes.ts';
import { containerResourceName } from './limits/resource-names.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];
const PROC_MOUNTS = ['Default', 'Unmasked'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MAX_PORT = 65_535;
const SCHEMES = ['HTTP', 'HTTPS'];
const HANDLERS = ['exec', 'grpc', 'httpGet', 'sleep', 'tcpSocket'];
const VALUE_SOURCES = ['configMapKeyRef', 'fieldRef', 'fileKeyRef', 'resourceFieldRef', 'secretKeyRef'] as const;

/** Where a container stands and which volumes its pod has. */
export interface ContainerPlace {
  readonly field: string;
  readonly volumes: readonly Volume[];
  /** False where the pod has users of its own. */
  readonly hasHostUsers?: boolean;
}

/** Faults of a container (core validation `validateContainerCommon`). */
export function validateContainer(container: Container, place: ContainerPlace): readonly FieldError[] {
  const { field } = place;
  const mounts = container.volumeMounts ?? [];
  return [
    ...validateIdentity(container, field),
    ...validatePolicies(container, field),
    ...validateSecurity(container.securityContext, place, `${field}.securityContext`),
    ...validatePorts(container.ports ?? [], `${field}.ports`),
    ...(container.env ?? []).flatMap((variable, index) => validateVariable(variable, `${field}.env[${index}]`)),
    ...validateEnvFrom(container.envFrom ?? [], `${field}.envFrom`),
    ...validateMounts(mounts, place),
    ...validateDevices(container.volumeDevices ?? [], mounts, place),
    ...validateResources(container.resources ?? {}, `${field}.resources`),
    ...validateProfiles(container.securityContext, `${field}.securityContext`),
    ...validateContainerIds(container.securityContext ?? {}, field),
    ...(['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((name) => validateProbe(container[name], `${field}.${name}`)),
    ...(['postStart', 'preStop'] as const).flatMap((name) => validateHandler(container.lifecycle?.[name], `${field}.lifecycle.${name}`)),
  ];
}

function validateIdentity({ name = '', image = '' }: Partial<Container>, field: string): readonly FieldError[] {
  const faults = name === '' ? [required(`${field}.name`)] : dns1123Label(name).map((fault) => invalid(`${field}.name`, name, fault));
  return image === '' ? [...faults, required(`${field}.image`)] : faults;
}

/** Faults of an image that only a pod must not have: a template may be filled in later (core validation `validateContainersOnlyForPod`). */
export function validateImage({ image = '' }: Partial<Container>, field: string): readonly FieldError[] {
  return image.trim() === image ? [] : [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')];
}

function validateSecurity(
  context: SecurityContext | undefined,
  { hasHostUsers = true }: ContainerPlace,
  field: string,
): readonly FieldError[] {
  if (context === undefined) return [];
  const { procMount, allowPrivilegeEscalation } = context;
  const faults: FieldError[] = [];
  if (procMount !== undefined && !PROC_MOUNTS.includes(procMount)) faults.push(notSupported(`${field}.procMount`, procMount, PROC_MOUNTS));
  if (procMount === 'Unmasked' && hasHostUsers)
    faults.push(invalid(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  return allowPrivilegeEscalation === false ? [...faults, ...validateUnprivileged(context, field)] : faults;
}

function validateUnprivileged(context: SecurityContext, field: string): readonly FieldError[] {
  const { privileged, capabilities } = context;
  const wrong = [
    ...(privileged === true ? ['`privileged` to true'] : []),
    ...(capabilities?.add?.includes('CAP_SYS_ADMIN') === true ? ['`capabilities.Add` CAP_SYS_ADMIN'] : []),
  ];
  return wrong.map((what) => invalid(field, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`));
}

function validatePolicies({ imagePullPolicy, terminationMessagePolicy, restartPolicy }: Container, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (!PULL_POLICIES.includes(imagePullPolicy ?? '')) faults.push(notSupported(`${field}.imagePullPolicy`, imagePullPolicy, PULL_POLICIES));
  if (!MESSAGE_POLICIES.includes(terminationMessagePolicy ?? '')) {
    faults.push(notSupported(`${field}.terminationMessagePolicy`, terminationMessagePolicy, MESSAGE_POLICIES));
  }
  const policies = ['Always', 'Never', 'OnFailure'];
  if (restartPolicy !== undefined && !policies.includes(restartPolicy))
    faults.push(notSupported(`${field}.restartPolicy`, restartPolicy, policies));
  return faults;
}

function validatePorts(ports: readonly ContainerPort[], field: string): readonly FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `${field}[${index}]`;
    const name = port.name ?? '';
    const faults = [...validatePort(port, at)];
    if (name !== '' && names.has(name)) faults.push(duplicate(`${at}.name`, name));
    names.add(name);
    return faults;
  });
}

function validatePort({ containerPort, hostPort, protocol, name }: ContainerPort, at: string): readonly FieldError[] {
  const range = `must be between 1 and ${MAX_PORT}, inclusive`;
  const faults: FieldError[] = [];
  if (containerPort === undefined || containerPort === 0) faults.push(required(`${at}.containerPort`));
  else if (!isPort(containerPort)) faults.push(invalid(`${at}.containerPort`, containerPort, range));
  if (hostPort !== undefined && hostPort !== 0 && !isPort(hostPort)) faults.push(invalid(`${at}.hostPort`, hostPort, range));
  if (!PROTOCOLS.includes(protocol ?? '')) faults.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
  const nameProblem = name === undefined || name === '' ? undefined : portNameProblem(name);
  if (nameProblem !== undefined) faults.push(invalid(`${at}.name`, name, nameProblem));
  return faults;
}

function validateVariable({ name = '', value = '', valueFrom }: Partial<EnvVar>, at: string): readonly FieldError[] {
  const faults = name === '' ? [required(`${at}.name`)] : environmentName(name).map((fault) => invalid(`${at}.name`, name, fault));
  if (valueFrom === undefined) return faults;
  const count = VALUE_SOURCES.filter((source) => valueFrom[source] !== undefined).length;
  if (count === 0) {
    const all = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    faults.push(invalid(`${at}.valueFrom`, '', all));
  } else if (value !== '') faults.push(invalid(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'));
  if (count > 1) faults.push(invalid(`${at}.valueFrom`, '', 'may not have more than one field specified at a time'));
  return [...faults, ...validateValueSource(valueFrom, `${at}.valueFrom`)];
}

function validateResources({ limits = {}, requests = {} }: ResourceRequirements, field: string): readonly FieldError[] {
  const amounts = (['limits', 'requests'] as const).flatMap((list) =>
    Object.entries(list === 'limits' ? limits : requests).flatMap(([name, amount]) =>
      validateAmount(name, amount, `${field}.${list}[${name}]`),
    ),
  );
  const exceeding = Object.entries(requests).flatMap(([name, amount]) => {
    const [request, limit] = [parseQuantity(amount), parseQuantity(limits[name] ?? '')];
    const isTooMuch = request.ok && limit.ok && compareQuantity(request.value, limit.value) > 0;
    return isTooMuch ? [invalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limits[name] ?? ''}`)] : [];
  });
  return [...amounts, ...exceeding];
}

/** Faults of an amount of the resource `name` at `field`. */
export function validateAmount(name: string, amount: string, field: string): readonly FieldError[] {
  const faults = [...containerResourceName(name, field)];
  const parsed = parseQuantity(amount);
  if (!parsed.ok) faults.push(invalid(field, amount, parsed.error));
  else if (parsed.value.mantissa < 0n) faults.push(invalid(field, amount, 'must be greater than or equal to 0'));
  return faults;
}

function validateProbe(probe: Probe | undefined, field: string): readonly FieldError[] {
  if (probe === undefined) return [];
  const numbers = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;
  const negative = numbers
    .filter((name) => (probe[name] ?? 0) < 0)
    .map((name) => invalid(`${field}.${name}`, probe[name], 'must be greater than or equal to 0'));
  return [...validateHandler(probe, field), ...negative];
}

function validateHandler(handler: LifecycleHandler | Probe | undefined, field: string): readonly FieldError[] {
  if (handler === undefined) return [];
  const members = new Map<string, unknown>(Object.entries(handler));
  const [first, ...others] = HANDLERS.filter((name) => members.get(name) !== undefined);
  if (first === undefined) return [required(field, 'must specify a handler type')];
  const faults = others.map((name) => forbidden(`${field}.${name}`, 'may not specify more than 1 handler type'));
  const { exec, httpGet, tcpSocket } = handler;
  const command = exec?.command ?? [];
  if (exec !== undefined && command.length === 0) faults.push(required(`${field}.exec.command`));
  return [
    ...faults,
    ...(httpGet === undefined ? [] : validateGet(httpGet, `${field}.httpGet`)),
    ...(tcpSocket === undefined ? [] : validatePortOrName(tcpSocket.port, `${field}.tcpSocket.port`)),
  ];
}

function validateGet({ path = '', port, scheme = '' }: Partial<HTTPGetAction>, field: string): readonly FieldError[] {
  return [
    ...(path === '' ? [required(`${field}.path`)] : []),
    ...validatePortOrName(port, `${field}.port`),
    ...(SCHEMES.includes(scheme) ? [] : [notSupported(`${field}.scheme`, scheme, SCHEMES)]),
  ];
}

/** A number, or the name that a port of the container has; one that is not there is 0. */
function validatePortOrName(port: number | string | undefined = 0, field: string): readonly FieldError[] {
  if (typeof port === 'number') return isPort(port) ? [] : [invalid(field, port, `must be between 1 and ${MAX_PORT}, inclusive`)];
  const problem = portNameProblem(port);
  return problem === undefined ? [] : [invalid(field, port, problem)];
}

function isPort(port: number): boolean {
  return port >= 1 && port <= MAX_PORT;
}
