import type { Plugin, PluginCode } from '#controllers/stowage/plugins/plugin.ts';
import { isRecord } from '#kit/json.ts';

/** Code of a package, as a node runs it: whoever has it here has asked whether its signer is trusted. */
export interface PackagedCode extends PluginCode {
  readonly packageName: string;
  /** The driver that it brings; absent = none. */
  readonly driverName?: string | undefined;
}

/** What nodes run of a plugin's package; undefined where Stowage itself has it, nothing is to run, or nobody trusts it. Pure. */
export function codeForNodes({
  name,
  module,
  driverName,
  from,
}: Pick<Plugin, 'name' | 'module' | 'driverName' | 'from'>): PackagedCode | undefined {
  if (from?.code === undefined || from.refusal !== undefined || module !== packageModule(name)) return undefined;
  return { packageName: from.packageName, driverName, ...from.code };
}

/** The module that a package is which takes no other's place. Pure. */
function packageModule(name: string): string {
  return `package/${name}`;
}

/** The code as a platform tells it to its node; undefined for anything else. Pure. */
export function parseCode(value: unknown): PackagedCode | undefined {
  if (!isRecord(value)) return undefined;
  const { packageName, driverName, digest, source } = value;
  if (typeof packageName !== 'string' || typeof digest !== 'string' || typeof source !== 'string') return undefined;
  return { packageName, digest, source, ...(typeof driverName === 'string' ? { driverName } : {}) };
}
