import type * as csi from '#protocols/csi/generated/messages.ts';

/** Name of the driver, as StorageClass.provisioner and CSIDriver have it: that of csi-driver-nfs, so that its classes and volumes work here. */
export const DRIVER_NAME = 'nfs.csi.k8s.io';

/** The identity service of `nfs.csi.k8s.io` (CSI 1.13 "Identity Service RPC"); all of it reads only. */
export class NfsIdentity implements csi.IdentityService {
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  async getPluginInfo(): Promise<csi.GetPluginInfoResponse> {
    return { name: DRIVER_NAME, vendorVersion: this.#version };
  }

  async getPluginCapabilities(): Promise<csi.GetPluginCapabilitiesResponse> {
    return { capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] };
  }

  async probe(): Promise<csi.ProbeResponse> {
    return { ready: true };
  }
}
