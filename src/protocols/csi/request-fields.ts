import { PlatformError } from '#kit/errors.ts';
import type { VolumeCapability } from './generated/messages.ts';

/** A field of a request has a value that the driver does not take. The message names field, value and remedy. */
export class RequestRefused extends PlatformError {
  constructor(field: string, problem: string) {
    super({ code: 'InvalidArgument', reason: 'RequestRefused', message: `${field}: ${problem}`, details: { field } });
  }
}

/** Checks that a list of capabilities is there and well-formed, and returns it. @throws RequestRefused */
export function parseCapabilities(capabilities: readonly VolumeCapability[] | undefined): readonly VolumeCapability[] {
  if (capabilities === undefined || capabilities.length === 0) throw new RequestRefused('volume_capabilities', 'at least one is required');
  for (const capability of capabilities) parseCapability(capability);
  return capabilities;
}

/** Checks one capability and returns it. @throws RequestRefused */
export function parseCapability(capability: VolumeCapability | undefined): VolumeCapability {
  if (capability === undefined) throw new RequestRefused('volume_capability', 'is required');
  if ((capability.block === undefined) === (capability.mount === undefined))
    throw new RequestRefused('volume_capability', 'set one of block and mount');
  const mode = capability.accessMode?.mode;
  if (mode === undefined || mode === 'UNKNOWN') throw new RequestRefused('volume_capability.access_mode', 'is required');
  return capability;
}

/** A field that has to be there. @throws RequestRefused */
export function requireText(field: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new RequestRefused(field, 'is required');
  return value;
}

/** A field with a path (CSI 1.13: "an absolute path in the root filesystem of the process serving this request"). @throws RequestRefused */
export function requirePath(field: string, value: string | undefined): string {
  const path = requireText(field, value);
  if (!path.startsWith('/') || path.includes('\0')) throw new RequestRefused(field, `${JSON.stringify(path)} is no absolute path`);
  return path;
}
