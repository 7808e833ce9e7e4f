import { PlatformError } from '#kit/errors.ts';

/** Why a package is not taken. */
export type PackageReason =
  | 'PluginPackageInvalid'
  | 'PluginPackageForeign'
  | 'PluginPackageTampered'
  | 'PluginPackageUnfit'
  | 'PluginPackageOlder'
  | 'PluginPackageInUse'
  | 'PluginUntrusted'
  | 'PluginSignerInvalid';

/** A package, or a key, is not taken; nothing of it is kept. */
export class PackageRefused extends PlatformError {
  constructor({ reason, message }: { readonly reason: PackageReason; readonly message: string }) {
    super({ code: reason === 'PluginPackageInUse' ? 'FailedPrecondition' : 'InvalidArgument', reason, message });
  }
}

/** @throws PackageRefused always: for the many places where something does not fit the format */
export function invalid(message: string): never {
  throw new PackageRefused({ reason: 'PluginPackageInvalid', message });
}
