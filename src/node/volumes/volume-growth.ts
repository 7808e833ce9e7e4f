import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { growthPatch, type GrowthReport, growthStatusOf, isNodeGrowthDue } from '#api/storage/growth.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { type Clock, formatTime } from '#kit/clock.ts';
import { type ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { CsiCallFailed } from '#protocols/csi/grpc-status.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import { type BoundClaim, readDriverSecret } from './claim-volume.ts';
import type { CsiUse, CsiVolume, CsiVolumes } from './csi-volumes.ts';
import { faultText } from './volume-error.ts';

/** What growing on the node needs. */
export interface VolumeGrowthOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: NodeEvents;
  readonly csi: CsiVolumes;
}

/** A published volume, for whom, and where. */
export interface GrowthSite {
  readonly pod: Pod;
  readonly bound: BoundClaim;
  readonly volume: CsiVolume;
  readonly use: CsiUse;
  readonly signal: AbortSignal;
}

/** `postponed`: the driver can't while the volume is in use; it is asked again when it is published next. */
export type GrowthResult = 'done' | 'postponed';

/** Codes that say that the driver will never make this size (kubelet csi expander). */
const INFEASIBLE: ReadonlySet<ErrorCode> = new Set(['InvalidArgument', 'OutOfRange', 'NotFound']);
/** Codes after which the driver may still be at work. */
const IN_BACKGROUND: ReadonlySet<ErrorCode> = new Set(['Canceled', 'DeadlineExceeded', 'Unavailable', 'Aborted', 'ResourceExhausted']);

/** Ends what a growth began at the backend: device and filesystem on this node, then the claim's status (kubelet node_expander.go). */
export class VolumeGrowth {
  readonly #options: VolumeGrowthOptions;

  constructor(options: VolumeGrowthOptions) {
    this.#options = options;
  }

  /** Does nothing where no growth waits for the node. Idempotent. @throws PlatformError what the driver answers, where another try may help */
  async finish(site: GrowthSite): Promise<GrowthResult> {
    const { claim, volume } = site.bound;
    if (!isNodeGrowthDue(claim)) return 'done';
    const pending = { type: 'FileSystemResizePending' } as const;
    const current =
      growthStatusOf(claim) === 'NodeResizeInProgress'
        ? claim
        : await this.#report(claim, { status: 'NodeResizeInProgress', conditions: [pending] });
    try {
      const secrets = await readDriverSecret(this.#options.client, volume.spec.csi?.nodeExpandSecretRef);
      await this.#options.csi.expand(site.volume, site.use, { requiredBytes: capacityBytesOf(volume), secrets, signal: site.signal });
    } catch (thrown) {
      site.signal.throwIfAborted();
      return this.#fail(site, current, PlatformError.from(thrown));
    }
    await this.#report(current, { status: null, granted: volume.spec.capacity?.['storage'] ?? '0', conditions: [] });
    const told = { type: 'Normal', reason: 'FileSystemResizeSuccessful' } as const;
    const message = `MountVolume.NodeExpandVolume succeeded for volume ${JSON.stringify(volume.metadata.name)}`;
    for (const about of [site.pod, claim]) this.#options.events.record({ ...told, about, message });
    return 'done';
  }

  async #fail({ pod, bound }: GrowthSite, claim: PersistentVolumeClaim, error: PlatformError): Promise<GrowthResult> {
    const { name } = bound.volume.metadata;
    const message = `MountVolume.NodeExpandVolume failed for volume ${JSON.stringify(name)}: ${faultText(error)}`;
    for (const about of [pod, claim]) this.#options.events.record({ about, type: 'Warning', reason: 'VolumeResizeFailed', message });
    // why only an answer decides: a secret that is missing or a driver that is away may come a moment later
    if (!(error instanceof CsiCallFailed) || IN_BACKGROUND.has(error.code)) throw error;
    const isInfeasible = INFEASIBLE.has(error.code);
    await this.#report(claim, {
      status: isInfeasible ? 'NodeResizeInfeasible' : 'NodeResizeInProgress',
      conditions: [
        { type: 'FileSystemResizePending' },
        { type: 'NodeResizeError', message: `failed to expand pvc with ${faultText(error)}` },
      ],
    });
    if (isInfeasible) return 'done';
    if (error.code === 'FailedPrecondition') return 'postponed';
    throw error;
  }

  #report(claim: PersistentVolumeClaim, what: GrowthReport): Promise<PersistentVolumeClaim> {
    const { client, clock } = this.#options;
    const patch = { type: 'merge', body: growthPatch(claim, what, formatTime(clock.nowMs())) } as const;
    return client.patch(persistentVolumeClaims, { key: keyOf(claim), patch }, { subresource: 'status' });
  }
}
