import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Clock } from '#kit/clock.ts';
import type { CallContext } from './call.ts';
import type { CsiClient } from './client.ts';
import type * as csi from './generated/messages.ts';
import { type DriverEndpoint, EndpointFinder } from './endpoint-finder.ts';
import { RoutedGroupController, RoutedSnapshotMetadata } from './routed-snapshots.ts';
import { VolumePlaces } from './volume-places.ts';

/** What a router is made of. */
export interface DriverRouterOptions {
  /** At least one; identity and node service are the first one's. */
  readonly endpoints: readonly DriverEndpoint[];
  readonly clock: Clock;
  /** The id that the driver gives to the volume of a name. */
  readonly volumeIdOf: (name: string) => string;
}

/** Codes that a driver answers that has made nothing; after any other it may have, or may still be at work. */
const REFUSALS = ['ResourceExhausted', 'InvalidArgument', 'OutOfRange', 'FailedPrecondition', 'NotFound', 'Unimplemented'] as const;

/**
 * One driver name with an endpoint on every node, as one client: who asks need not know that each node keeps its own volumes.
 * A volume is made where the topology of its request says, and found again by asking; what is remembered of places only saves questions.
 */
export function routeDriver(options: DriverRouterOptions): CsiClient {
  const [first, ...others] = options.endpoints;
  if (first === undefined) throw new TypeError('a driver needs an endpoint');
  const { identity, node } = first.client;
  // why one: what one call learns of a silent node spares the others the wait
  const finder = new EndpointFinder(options.endpoints, options.clock);
  const snapshots = { endpoints: [first, ...others] as const, finder };
  return {
    identity,
    groupController: new RoutedGroupController(snapshots),
    snapshotMetadata: new RoutedSnapshotMetadata(snapshots),
    node,
    controller: new RoutedController(options, finder),
    close: () => {
      for (const { client } of options.endpoints) client.close();
    },
  };
}

class RoutedController implements csi.ControllerService {
  readonly #endpoints: readonly DriverEndpoint[];
  readonly #finder: EndpointFinder;
  readonly #volumeIdOf: (name: string) => string;
  readonly #places = new VolumePlaces();

  constructor({ endpoints, volumeIdOf }: DriverRouterOptions, finder: EndpointFinder) {
    this.#endpoints = endpoints;
    this.#finder = finder;
    this.#volumeIdOf = volumeIdOf;
  }

  /** Where the topology leaves a choice, a place that is full leaves it to the next one. */
  async createVolume(request: csi.CreateVolumeRequest, call: CallContext): Promise<csi.CreateVolumeResponse> {
    const volumeId = this.#volumeIdOf(request.name ?? '');
    this.#places.begin(volumeId, { isNew: call.mayExist !== true });
    const full = new Set<DriverEndpoint>();
    for (;;) {
      const endpoint = await this.#placeFor(request, call, full);
      const isFirst = this.#places.add(volumeId, endpoint);
      try {
        return await endpoint.client.controller.createVolume(request, call);
      } catch (thrown) {
        if (isFirst && hasCode(thrown, ...REFUSALS)) this.#places.remove(volumeId, endpoint);
        full.add(endpoint);
        // why only where it is known: what may lie there already is not made elsewhere
        const isNowhere = this.#places.possible(volumeId)?.size === 0;
        if (!isNowhere || !hasCode(thrown, 'ResourceExhausted') || !this.#hasOther(request, full)) throw thrown;
      }
    }
  }

  /** Deletes the volume on every node that answers, and is through when none is left that may have it. */
  async deleteVolume(request: csi.DeleteVolumeRequest, call: CallContext): Promise<csi.DeleteVolumeResponse> {
    const volumeId = request.volumeId ?? '';
    const { holders, silent } = await this.#finder.volumeHolders(volumeId, call);
    if (holders.length === 0 && silent.length === 0) {
      // why: where nobody has it, one says whether the id is one
      await this.#first.client.controller.deleteVolume(request, call);
    }
    for (const { client } of holders) await client.controller.deleteVolume(request, call);
    const possible = this.#places.possible(volumeId);
    const unheard = silent.filter((endpoint) => possible === undefined || possible.has(endpoint));
    // why only after the deletions: the space of those that answer is free at once
    if (unheard.length > 0) throw this.#finder.silent(unheard, `the volume ${volumeId}`);
    this.#places.forget(volumeId);
    return {};
  }

  async controllerPublishVolume(
    request: csi.ControllerPublishVolumeRequest,
    call: CallContext,
  ): Promise<csi.ControllerPublishVolumeResponse> {
    return (await this.#at(request.volumeId, call)).controllerPublishVolume(request, call);
  }

  async controllerUnpublishVolume(
    request: csi.ControllerUnpublishVolumeRequest,
    call: CallContext,
  ): Promise<csi.ControllerUnpublishVolumeResponse> {
    return (await this.#at(request.volumeId, call)).controllerUnpublishVolume(request, call);
  }

  async validateVolumeCapabilities(
    request: csi.ValidateVolumeCapabilitiesRequest,
    call: CallContext,
  ): Promise<csi.ValidateVolumeCapabilitiesResponse> {
    return (await this.#at(request.volumeId, call)).validateVolumeCapabilities(request, call);
  }

  async controllerExpandVolume(request: csi.ControllerExpandVolumeRequest, call: CallContext): Promise<csi.ControllerExpandVolumeResponse> {
    return (await this.#at(request.volumeId, call)).controllerExpandVolume(request, call);
  }

  async controllerGetVolume(request: csi.ControllerGetVolumeRequest, call: CallContext): Promise<csi.ControllerGetVolumeResponse> {
    return (await this.#at(request.volumeId, call)).controllerGetVolume(request, call);
  }

  async controllerModifyVolume(request: csi.ControllerModifyVolumeRequest, call: CallContext): Promise<csi.ControllerModifyVolumeResponse> {
    return (await this.#at(request.volumeId, call)).controllerModifyVolume(request, call);
  }

  async controllerGetVolumeHealth(
    request: csi.ControllerGetVolumeHealthRequest,
    call: CallContext,
  ): Promise<csi.ControllerGetVolumeHealthResponse> {
    return (await this.#at(request.volumeId, call)).controllerGetVolumeHealth(request, call);
  }

  /** "ControllerListVolumeHealth": as {@link listVolumes}. */
  async controllerListVolumeHealth(
    request: csi.ControllerListVolumeHealthRequest,
    call: CallContext,
  ): Promise<csi.ControllerListVolumeHealthResponse> {
    const { endpoint, startingToken } = this.#pageOf(request.startingToken);
    const page = await endpoint.client.controller.controllerListVolumeHealth({ ...request, startingToken }, call);
    return { ...page, nextToken: this.#nextToken(endpoint, page.nextToken) };
  }

  async createSnapshot(request: csi.CreateSnapshotRequest, call: CallContext): Promise<csi.CreateSnapshotResponse> {
    return (await this.#at(request.sourceVolumeId, call)).createSnapshot(request, call);
  }

  async deleteSnapshot(request: csi.DeleteSnapshotRequest, call: CallContext): Promise<csi.DeleteSnapshotResponse> {
    const endpoint = (await this.#finder.snapshot(request.snapshotId, call)) ?? this.#first;
    return endpoint.client.controller.deleteSnapshot(request, call);
  }

  async getSnapshot(request: csi.GetSnapshotRequest, call: CallContext): Promise<csi.GetSnapshotResponse> {
    const endpoint = (await this.#finder.snapshot(request.snapshotId, call)) ?? this.#first;
    return endpoint.client.controller.getSnapshot(request, call);
  }

  /** "GetCapacity": of the endpoints in the topology, together. */
  async getCapacity(request: csi.GetCapacityRequest, call: CallContext): Promise<csi.GetCapacityResponse> {
    const topology = request.accessibleTopology;
    const asked = topology === undefined ? this.#endpoints : this.#endpoints.filter((endpoint) => isIn(endpoint, topology));
    const [only] = asked;
    if (only !== undefined && asked.length === 1) return only.client.controller.getCapacity(request, call);
    const answers = await Promise.all(asked.map(({ client }) => client.controller.getCapacity(request, call)));
    const availableCapacity = answers.reduce((sum, answer) => sum + (answer.availableCapacity ?? 0n), 0n);
    const largest = answers.map((answer) => answer.maximumVolumeSize).filter((size) => size !== undefined);
    const maximumVolumeSize = largest.reduce((most, size) => (size > most ? size : most), 0n);
    return { availableCapacity, ...(largest.length === 0 ? {} : { maximumVolumeSize }) };
  }

  controllerGetCapabilities(
    request: csi.ControllerGetCapabilitiesRequest,
    call: CallContext,
  ): Promise<csi.ControllerGetCapabilitiesResponse> {
    return this.#first.client.controller.controllerGetCapabilities(request, call);
  }

  /** "ListVolumes": one endpoint after the other; the token says at which, and where there. */
  async listVolumes(request: csi.ListVolumesRequest, call: CallContext): Promise<csi.ListVolumesResponse> {
    const { endpoint, startingToken } = this.#pageOf(request.startingToken);
    const page = await endpoint.client.controller.listVolumes({ ...request, startingToken }, call);
    return { ...page, nextToken: this.#nextToken(endpoint, page.nextToken) };
  }

  /** "ListSnapshots": as {@link listVolumes}. */
  async listSnapshots(request: csi.ListSnapshotsRequest, call: CallContext): Promise<csi.ListSnapshotsResponse> {
    const { endpoint, startingToken } = this.#pageOf(request.startingToken);
    const page = await endpoint.client.controller.listSnapshots({ ...request, startingToken }, call);
    return { ...page, nextToken: this.#nextToken(endpoint, page.nextToken) };
  }

  get #first(): DriverEndpoint {
    const [first] = this.#endpoints;
    if (first === undefined) throw new TypeError('a driver needs an endpoint');
    return first;
  }

  /** The controller that has the volume; where nobody has it, one that says so. */
  async #at(volumeId: string | undefined, call: CallContext): Promise<csi.ControllerService> {
    return ((await this.#finder.volume(volumeId, call)) ?? this.#first).client.controller;
  }

  #hasOther({ accessibilityRequirements, volumeContentSource }: csi.CreateVolumeRequest, full: ReadonlySet<DriverEndpoint>): boolean {
    // why not: a copy is made where what it is copied from lies
    if (volumeContentSource !== undefined) return false;
    return this.#candidatesFor(accessibilityRequirements).some((endpoint) => !full.has(endpoint));
  }

  async #placeFor(request: csi.CreateVolumeRequest, call: CallContext, full: ReadonlySet<DriverEndpoint>): Promise<DriverEndpoint> {
    const volumeId = this.#volumeIdOf(request.name ?? '');
    const source = await this.#placeOfSource(request, call);
    if (source !== undefined) return source;
    const candidates = this.#candidatesFor(request.accessibilityRequirements).filter((endpoint) => !full.has(endpoint));
    const [first] = candidates;
    // why: a topology that is nobody's is refused by the driver, in its own words
    if (first === undefined) return this.#first;
    await this.#withdraw(volumeId, candidates, call);
    if (candidates.length === 1) return first;
    const possible = this.#places.possible(volumeId);
    const begun = candidates.find((endpoint) => possible?.has(endpoint) === true);
    if (begun !== undefined) return begun;
    // why: the nodes may have changed since an earlier try that nobody remembers, and the volume must not be made twice
    return this.#finder.holderOrFree(candidates, { volumeId, isNew: possible !== undefined, call });
  }

  /**
   * What was begun where the volume is not wanted any more is deleted there before it is made elsewhere: a volume must not lie on two nodes, and nobody
   * has it yet. @throws NodeDriverSilent where a node does not say whether it has it, unless the one for whom it is made can't wait for that
   */
  async #withdraw(volumeId: string, wanted: readonly DriverEndpoint[], call: CallContext): Promise<void> {
    const possible = this.#places.possible(volumeId) ?? new Set(this.#endpoints);
    const unwanted = [...possible].filter((endpoint) => !wanted.includes(endpoint));
    const { holders, silent } = await this.#finder.volumeHolders(volumeId, call, unwanted);
    for (const endpoint of holders) {
      await endpoint.client.controller.deleteVolume({ volumeId }, call);
      this.#places.remove(volumeId, endpoint);
    }
    if (silent.length > 0 && call.mayExist === true && call.isPlaced !== true) throw this.#finder.silent(silent, `the volume ${volumeId}`);
  }

  /** A copy is made where what it is copied from lies. */
  async #placeOfSource({ volumeContentSource }: csi.CreateVolumeRequest, call: CallContext): Promise<DriverEndpoint | undefined> {
    const { snapshot, volume } = volumeContentSource ?? {};
    if (snapshot?.snapshotId !== undefined) return this.#finder.snapshot(snapshot.snapshotId, call);
    if (volume?.volumeId !== undefined) return this.#finder.volume(volume.volumeId, call);
    return undefined;
  }

  #candidatesFor(wanted: csi.TopologyRequirement | undefined): readonly DriverEndpoint[] {
    if (wanted === undefined) return this.#endpoints;
    const ordered = [...(wanted.preferred ?? []), ...(wanted.requisite ?? [])];
    return [...new Set(ordered.flatMap((topology) => this.#endpoints.filter((endpoint) => isIn(endpoint, topology))))];
  }

  #pageOf(token: string | undefined): { readonly endpoint: DriverEndpoint; readonly startingToken: string } {
    if (token === undefined || token === '') return { endpoint: this.#first, startingToken: '' };
    const slash = token.indexOf('/');
    const endpoint = this.#endpoints.find(({ nodeName }) => nodeName === token.slice(0, slash));
    if (endpoint !== undefined) return { endpoint, startingToken: token.slice(slash + 1) };
    throw new PlatformError({
      code: 'Aborted',
      reason: 'InvalidListToken',
      message: `starting_token ${JSON.stringify(token)} names no node of this driver: start the list anew`,
    });
  }

  #nextToken(endpoint: DriverEndpoint, inner: string | undefined): string {
    if (inner !== undefined && inner !== '') return `${endpoint.nodeName}/${inner}`;
    const next = this.#endpoints[this.#endpoints.indexOf(endpoint) + 1];
    return next === undefined ? '' : `${next.nodeName}/`;
  }
}

function isIn(endpoint: DriverEndpoint, { segments = {} }: csi.Topology): boolean {
  return Object.entries(segments).every(([key, value]) => endpoint.segments[key] === value);
}
