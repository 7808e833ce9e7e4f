import { isConditionTrue } from '#api/conditions.ts';
import type { Endpoints, Pod, Service, ServicePort, ServiceReference, WebhookClientConfig } from '#api/generated/kubernetes.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { endpoints, pods, services } from '#api/resources.ts';
import type { StoreView } from '../../contract/admission.ts';
import { WebhookFailed, type WebhookTarget } from './webhook-caller.ts';

const HTTPS_PORT = 443;

/** Where a webhook is now. @throws WebhookFailed where a service has nobody behind it that can be reached */
export function targetOf({ url, service, caBundle }: WebhookClientConfig, timeoutSec: number, view: StoreView): WebhookTarget {
  const caPem = caBundle === undefined || caBundle === '' ? undefined : Buffer.from(caBundle, 'base64').toString('utf8');
  const query = `?timeout=${timeoutSec}s`;
  if (service !== undefined) return { ...serviceTarget(service, query, view), caPem };
  const { hostname, port, pathname, origin } = new URL(url ?? '');
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const path = `${pathname}${query}`;
  return { host, port: port === '' ? HTTPS_PORT : Number(port), path, serverName: host, caPem, url: `${origin}${path}` };
}

function serviceTarget(
  { namespace, name, path: asked = '', port = HTTPS_PORT }: ServiceReference,
  query: string,
  view: StoreView,
): WebhookTarget {
  const serverName = `${name}.${namespace}.svc`;
  const path = asked === '' ? '/' : asked;
  const service = view.get<Service>(services, { namespace, name });
  if (service === undefined) throw new WebhookFailed(`service ${JSON.stringify(name)} not found`);
  const address = addressOf(service, port, view);
  return { ...address, path: `${path}${query}`, serverName, url: `https://${serverName}:${port}${path}${query}` };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function addressOf(service: Service, port: number, view: StoreView): Address {
  const { type, externalName = '', ports = [] } = service.spec ?? {};
  const name = JSON.stringify(service.metadata.name);
  if (type === 'ExternalName') return { host: externalName, port };
  const known = ports.find((candidate) => candidate.port === port);
  if (known === undefined) throw new WebhookFailed(`service ${name} has no port ${port}`);
  const address = endpointOf(service, known.name ?? '', view) ?? podAddress(service, known, view);
  if (address === undefined) throw new WebhookFailed(`no endpoints available for service ${name}`);
  return address;
}

function endpointOf({ metadata }: Service, portName: string, view: StoreView): Address | undefined {
  const found = view.get<Endpoints>(endpoints, { namespace: metadata.namespace ?? '', name: metadata.name });
  for (const { addresses = [], ports = [] } of found?.subsets ?? []) {
    const port = ports.find(({ name = '' }) => name === portName)?.port;
    const host = addresses[0]?.ip;
    if (port !== undefined && host !== undefined) return { host, port };
  }
  return undefined;
}

/** A ready pod on the network of the machine: others have a network of their own that nothing leads into. */
function podAddress({ metadata, spec }: Service, { targetPort, port }: ServicePort, view: StoreView): Address | undefined {
  const selector = spec?.selector ?? {};
  if (Object.keys(selector).length === 0) return undefined;
  const inNamespace = view.list<Pod>(pods, metadata.namespace ?? '').items;
  const pod = inNamespace.find(
    (candidate) => isReachable(candidate) && matchesLabelSelector({ matchLabels: selector }, candidate.metadata.labels),
  );
  const host = pod?.status?.podIP;
  const containerPort = typeof targetPort === 'string' ? portNamed(pod, targetPort) : (targetPort ?? port);
  return host === undefined || containerPort === undefined ? undefined : { host, port: containerPort };
}

function isReachable({ spec, status }: Pod): boolean {
  return spec.hostNetwork === true && (status?.podIP ?? '') !== '' && isConditionTrue(status?.conditions, 'Ready');
}

function portNamed(pod: Pod | undefined, wanted: string): number | undefined {
  return pod?.spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === wanted)?.containerPort;
}
