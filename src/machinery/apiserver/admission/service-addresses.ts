import type { Service, ServicePort, ServiceSpec } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import { needsHealthCheck } from '#api/kinds/networking/service-update.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { formatKey, type KubeObject } from '#api/meta/object.ts';
import { services } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { trusted } from '#kit/json.ts';
import type { Store, StoreWatch } from '../../store/store.ts';
import { followResource } from '../objects/follow-resource.ts';
import { invalid } from '../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../contract/admission.ts';
import { NumberPool } from './number-pool.ts';

/** Addresses of services: 10.96.0.0/16 (kubeadm's default), without its first ones, which upstream keeps for its own. */
const RANGE = '10.96.0.0/16';
const PREFIX = '10.96';
const ADDRESSES = { first: 256, last: 65_534 };
/** Ports of nodes (kube-apiserver `--service-node-port-range`). */
const NODE_PORTS = { first: 30_000, last: 32_767 };

/** Gives each service an address and, where its type asks for them, ports of the nodes; refuses what another service has. */
export class ServiceAddresses implements AdmissionPlugin {
  readonly name = 'ServiceAddresses';
  readonly #clock: Clock;
  readonly #addresses = new NumberPool(ADDRESSES);
  readonly #ports = new NumberPool(NODE_PORTS);
  readonly #watch: StoreWatch;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#clock = clock;
    this.#watch = followResource(store, services, (key, service) => {
      const spec = service?.spec;
      this.#addresses.hold(formatKey(key), addressesOf(spec));
      this.#ports.hold(formatKey(key), nodePortsOf(spec));
    });
  }

  /** Stops following the store. */
  close(): void {
    this.#watch.close();
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const service = serviceOf(request);
    if (service === undefined || service.spec.type === 'ExternalName') return undefined;
    const owner = ownerOf(request, service);
    const isNew = request.verb === 'create';
    const given = this.#withNodePorts(this.#withAddress(service.spec, request, owner), request, { owner, isNew });
    const spec = this.#withHealthCheckPort(given, request, owner);
    return spec === service.spec ? undefined : trusted<KubeObject>({ ...service, spec });
  }

  validate(request: AdmissionRequest): void {
    const service = serviceOf(request);
    if (service === undefined) return;
    const owner = ownerOf(request, service);
    const nowMs = this.#clock.nowMs();
    const faults = [
      ...addressesOf(service.spec)
        .filter((value) => !this.#addresses.isFreeFor(owner, value, nowMs))
        .map((value) =>
          invalidField(
            'spec.clusterIPs',
            [addressText(value)],
            `failed to allocate IP ${addressText(value)}: provided IP is already allocated`,
          ),
        ),
      ...outsideAddress(service.spec),
      ...(service.spec.ports ?? []).flatMap(({ nodePort = 0 }, index) =>
        this.#faultsOfPort({ field: `spec.ports[${index}].nodePort`, port: nodePort, owner }),
      ),
      ...this.#faultsOfPort({ field: 'spec.healthCheckNodePort', port: service.spec.healthCheckNodePort ?? 0, owner }),
    ];
    if (faults.length > 0) throw invalid(services, service.metadata.name, faults);
    if (request.isDryRun) return;
    for (const value of addressesOf(service.spec)) this.#addresses.reserve(owner, value, nowMs);
    for (const value of nodePortsOf(service.spec)) this.#ports.reserve(owner, value, nowMs);
  }

  #faultsOfPort({ field, port, owner }: { readonly field: string; readonly port: number; readonly owner: string }): readonly FieldError[] {
    if (port === 0) return [];
    const range = `${NODE_PORTS.first}-${NODE_PORTS.last}`;
    if (!this.#ports.includes(port))
      return [invalidField(field, port, `provided port is not in the valid range. The range of valid ports is ${range}`)];
    return this.#ports.isFreeFor(owner, port, this.#clock.nowMs()) ? [] : [invalidField(field, port, 'provided port is already allocated')];
  }

  #withAddress(spec: ServiceSpec, { isDryRun }: AdmissionRequest, owner: string): ServiceSpec {
    if ((spec.clusterIP ?? '') !== '' || (spec.clusterIPs ?? []).length > 0) return spec;
    const nowMs = this.#clock.nowMs();
    const value = this.#addresses.findFree(nowMs);
    if (value === undefined)
      throw invalid(services, '', [invalidField('spec.clusterIPs', [], `failed to allocate IP: range ${RANGE} is full`)]);
    if (!isDryRun) this.#addresses.reserve(owner, value, nowMs);
    return { ...spec, clusterIP: addressText(value), clusterIPs: [addressText(value)] };
  }

  #withNodePorts(
    spec: ServiceSpec,
    request: AdmissionRequest,
    { owner, isNew }: { readonly owner: string; readonly isNew: boolean },
  ): ServiceSpec {
    const isAsked = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
    const { ports = [] } = spec;
    if (!isAsked || ports.every(({ nodePort = 0 }) => nodePort !== 0)) return spec;
    const taken = new Set(nodePortsOf(spec));
    // why: a new service has one port of the nodes for a port of two protocols
    const shared = new Map(isNew ? ports.filter(({ nodePort = 0 }) => nodePort !== 0).map(({ port, nodePort }) => [port, nodePort]) : []);
    const give = (port: ServicePort): ServicePort => {
      if ((port.nodePort ?? 0) !== 0) return port;
      const nodePort = shared.get(port.port) ?? this.#findPort(taken, request, owner);
      if (isNew) shared.set(port.port, nodePort);
      return { ...port, nodePort };
    };
    return { ...spec, ports: ports.map(give) };
  }

  #withHealthCheckPort(spec: ServiceSpec, request: AdmissionRequest, owner: string): ServiceSpec {
    if (!needsHealthCheck(spec) || (spec.healthCheckNodePort ?? 0) !== 0) return spec;
    return { ...spec, healthCheckNodePort: this.#findPort(new Set(nodePortsOf(spec)), request, owner) };
  }

  /** A port of the nodes that is free and not among `taken`, which it joins. */
  #findPort(taken: Set<number>, { isDryRun }: AdmissionRequest, owner: string): number {
    const nowMs = this.#clock.nowMs();
    let found = this.#ports.findFree(nowMs);
    while (found !== undefined && taken.has(found)) found = this.#ports.findFree(nowMs);
    if (found === undefined) throw invalid(services, '', [invalidField('spec.ports', [], 'failed to allocate a nodePort: range is full')]);
    taken.add(found);
    if (!isDryRun) this.#ports.reserve(owner, found, nowMs);
    return found;
  }
}

function serviceOf({ verb, kind, subresource, object }: AdmissionRequest): Service | undefined {
  if (verb === 'delete' || kind.resource !== services || subresource !== '' || object === undefined) return undefined;
  // why trusted: the server has checked the object against the schema of the resource that was just compared
  return trusted<Service>(object);
}

function ownerOf({ key }: AdmissionRequest, { metadata }: Service): string {
  return formatKey({ namespace: key.namespace, name: metadata.name });
}

function addressesOf(spec: ServiceSpec | undefined): readonly number[] {
  const value = addressValue(spec?.clusterIP ?? '');
  return value === undefined ? [] : [value];
}

function nodePortsOf(spec: ServiceSpec | undefined): readonly number[] {
  const ports = [...(spec?.ports ?? []).map(({ nodePort = 0 }) => nodePort), spec?.healthCheckNodePort ?? 0];
  return ports.filter((port) => port !== 0);
}

function outsideAddress({ type, clusterIP = '' }: ServiceSpec): readonly FieldError[] {
  if (type === 'ExternalName' || clusterIP === '' || clusterIP === 'None' || addressValue(clusterIP) !== undefined) return [];
  const detail = `failed to allocate IP ${clusterIP}: provided IP is not in the valid range. The range of valid IPs is ${RANGE}`;
  return [invalidField('spec.clusterIPs', [clusterIP], detail)];
}

/** The place of an address in the range. */
function addressValue(text: string): number | undefined {
  const [a, b, third, fourth] = text.split('.');
  return `${a}.${b}` === PREFIX && third !== undefined && fourth !== undefined ? Number(third) * 256 + Number(fourth) : undefined;
}

function addressText(value: number): string {
  return `${PREFIX}.${Math.floor(value / 256)}.${value % 256}`;
}
