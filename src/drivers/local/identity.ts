import type * as csi from '#protocols/csi/generated/messages.ts';
import type { Machine } from './machine.ts';
import type { Readiness } from './readiness.ts';

/** Name of the driver, as StorageClass.provisioner and CSIDriver have it. */
export const DRIVER_NAME = 'local.stowage.dev';

/** What the identity service is made of. */
export interface LocalIdentityOptions {
  /** Becomes vendor_version. */
  readonly version: string;
  readonly machine: Machine;
  readonly readiness: Readiness;
}

/** The identity service of `local.stowage.dev` (CSI 1.13 "Identity Service RPC"); all of it reads only. */
export class LocalIdentity implements csi.IdentityService {
  readonly #options: LocalIdentityOptions;

  constructor(options: LocalIdentityOptions) {
    this.#options = options;
  }

  async getPluginInfo(): Promise<csi.GetPluginInfoResponse> {
    return { name: DRIVER_NAME, vendorVersion: this.#options.version };
  }

  async getPluginCapabilities(): Promise<csi.GetPluginCapabilitiesResponse> {
    return {
      capabilities: [
        { service: { type: 'CONTROLLER_SERVICE' } },
        { service: { type: 'GROUP_CONTROLLER_SERVICE' } },
        // why: what has no images has no blocks to tell of
        ...(this.#options.machine.loopDevices.isPossible ? [{ service: { type: 'SNAPSHOT_METADATA_SERVICE' as const } }] : []),
        { service: { type: 'VOLUME_ACCESSIBILITY_CONSTRAINTS' } },
        { volumeExpansion: { type: 'ONLINE' } },
      ],
    };
  }

  async probe(): Promise<csi.ProbeResponse> {
    return { ready: this.#options.readiness.isReady };
  }
}
