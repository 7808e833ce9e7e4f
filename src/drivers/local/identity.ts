import type * as csi from '#protocols/csi/generated/messages.ts';
import type { Readiness } from './readiness.ts';

/** Name of the driver, as StorageClass.provisioner and CSIDriver have it. */
export const DRIVER_NAME = 'local.stowage.dev';

/** The identity service of `local.stowage.dev` (CSI 1.13 "Identity Service RPC"); all of it reads only. */
export class LocalIdentity implements csi.IdentityService {
  readonly #version: string;
  readonly #readiness: Readiness;

  constructor(version: string, readiness: Readiness) {
    this.#version = version;
    this.#readiness = readiness;
  }

  async getPluginInfo(): Promise<csi.GetPluginInfoResponse> {
    return { name: DRIVER_NAME, vendorVersion: this.#version };
  }

  async getPluginCapabilities(): Promise<csi.GetPluginCapabilitiesResponse> {
    return {
      capabilities: [
        { service: { type: 'CONTROLLER_SERVICE' } },
        { service: { type: 'GROUP_CONTROLLER_SERVICE' } },
        { service: { type: 'VOLUME_ACCESSIBILITY_CONSTRAINTS' } },
        { volumeExpansion: { type: 'ONLINE' } },
      ],
    };
  }

  async probe(): Promise<csi.ProbeResponse> {
    return { ready: this.#readiness.isReady };
  }
}
