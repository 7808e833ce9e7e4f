import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { expand } from './expand.ts';
import { serviceVariables } from './service-variables.ts';
import { type NodeFacts, fieldValue, resourceValue } from './field-values.ts';

/** Reads the pod's configuration objects; undefined where there is none of that name. */
export interface ConfigReader {
  /** The services of the pod's namespace. */
  services(): Promise<readonly Service[]>;
  configMap(name: string): Promise<ConfigMap | undefined>;
  secret(name: string): Promise<Secret | undefined>;
}

/** Where the API is. */
export interface ApiAddress {
  readonly host: string;
  readonly port: number;
}

/** What a container's environment is made from. */
export interface EnvironmentSource {
  readonly pod: Pod;
  readonly container: Container;
  readonly node: NodeFacts;
  readonly config: ConfigReader;
  /** Absent = not known. */
  readonly api?: ApiAddress | undefined;
}

/** A container can not be started as it is described; the container waits with this reason. */
export class ContainerConfigError extends PlatformError {
  constructor(message: string) {
    super({ code: 'FailedPrecondition', reason: 'CreateContainerConfigError', message, retry: 'backoff' });
  }
}

/** The container's own variables in order: where services are and the API is, then `envFrom`, then `env`, later ones win. @throws ContainerConfigError for missing objects or keys */
export async function buildEnvironment(source: EnvironmentSource): Promise<Map<string, string>> {
  const links = source.pod.spec.enableServiceLinks === false ? [] : (await source.config.services()).flatMap(serviceVariables);
  const values = new Map<string, string>([...links, ...(source.api === undefined ? [] : addressVariables(source.api))]);
  for (const from of source.container.envFrom ?? []) {
    const entries =
      from.configMapRef === undefined ? await secretEntries(source, from.secretRef) : await configMapEntries(source, from.configMapRef);
    for (const [key, value] of Object.entries(entries)) values.set(`${from.prefix ?? ''}${key}`, value);
  }
  for (const variable of source.container.env ?? []) {
    const value = await valueOf(source, variable, values);
    if (value !== undefined) values.set(variable.name, value);
  }
  return values;
}

/** What clients in a pod look for (client-go rest/config.go `InClusterConfig`). */
function addressVariables({ host, port }: ApiAddress): [string, string][] {
  return [
    ['KUBERNETES_SERVICE_HOST', host],
    ['KUBERNETES_SERVICE_PORT', String(port)],
    ['KUBERNETES_SERVICE_PORT_HTTPS', String(port)],
  ];
}

interface ObjectRef {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

async function configMapEntries(source: EnvironmentSource, ref: ObjectRef): Promise<Readonly<Record<string, string>>> {
  const found = await source.config.configMap(ref.name ?? '');
  if (found !== undefined) return found.data ?? {};
  if (ref.optional === true) return {};
  throw new ContainerConfigError(`configmap ${JSON.stringify(ref.name)} not found`);
}

async function secretEntries(source: EnvironmentSource, ref: ObjectRef | undefined): Promise<Readonly<Record<string, string>>> {
  if (ref === undefined) return {};
  const found = await source.config.secret(ref.name ?? '');
  if (found !== undefined) return Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, decode(value)]));
  if (ref.optional === true) return {};
  throw new ContainerConfigError(`secret ${JSON.stringify(ref.name)} not found`);
}

async function valueOf(source: EnvironmentSource, variable: EnvVar, values: ReadonlyMap<string, string>): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (from === undefined) return expand(variable.value ?? '', values);
  if (from.fieldRef !== undefined) return fieldValue(source.pod, from.fieldRef, source.node);
  if (from.resourceFieldRef !== undefined)
    return resourceValue(source.pod, source.container, { ...from.resourceFieldRef, node: source.node });
  if (from.configMapKeyRef !== undefined)
    return keyOf(await configMapEntries(source, from.configMapKeyRef), from.configMapKeyRef, 'configmap');
  if (from.secretKeyRef !== undefined) return keyOf(await secretEntries(source, from.secretKeyRef), from.secretKeyRef, 'secret');
  throw new ContainerConfigError(
    `env ${variable.name}: valueFrom must be one of fieldRef, resourceFieldRef, configMapKeyRef and secretKeyRef on this node`,
  );
}

function keyOf(entries: Readonly<Record<string, string>>, ref: ObjectRef & { readonly key: string }, kind: string): string | undefined {
  const value = Object.hasOwn(entries, ref.key) ? entries[ref.key] : undefined;
  if (value !== undefined || ref.optional === true) return value;
  throw new ContainerConfigError(`couldn't find key ${ref.key} in ${kind} ${ref.name ?? ''}`);
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
