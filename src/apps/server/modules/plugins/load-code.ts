import { part } from '#controllers/component.ts';
import { PackageRefused } from '#controllers/stowage/plugins/packages/package-refused.ts';
import type { PackageOrigin } from '#controllers/stowage/plugins/plugin.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import { after, done, trigger } from '#machinery/runtime/controller.ts';
import { serveCsi } from '#protocols/csi/server.ts';
import { UnimplementedController, UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import type { PackagedCode } from '../../drivers/packaged-code.ts';
import type { ModuleParts } from '../module.ts';

/** What a driver of a package is started with. */
export interface PackagedDriverOptions {
  /** Where it has to serve CSI. */
  readonly socketPath: string;
  /** A folder of its own, which stays; it makes it. */
  readonly workDir: string;
  readonly nodeName: string;
  readonly settings: PluginSettings;
  readonly exec: Exec;
  readonly log: Logger;
}

/** The driver of a package on one node, at work. */
interface RunningPackagedDriver {
  /** Takes other settings; absent = it is started anew with them. */
  configure?(settings: PluginSettings): Promise<void>;
  /** Serves no more; `isReleasing` also lets go of the machine's things that nothing uses. */
  stop(isReleasing: boolean): Promise<void>;
}

/** How the driver of a package is started on a node. */
export interface PackagedDriver {
  start(options: PackagedDriverOptions): Promise<RunningPackagedDriver>;
}

/** What the code of a package may be at work with. */
export interface PackagedParts extends Pick<ModuleParts, 'controllers' | 'preflight'> {
  readonly driver?: PackagedDriver | undefined;
}

/** What code of a package is given, as it has no way to import anything of Stowage. */
const GIVEN = { done, after, trigger, part, serveCsi, UnimplementedController, UnimplementedNode, PlatformError };

/** What it may answer, and what that has to be. */
const ANSWERS: ReadonlyMap<string, { readonly is: (value: unknown) => boolean; readonly right: string }> = new Map([
  ['controllers', { is: (value: unknown) => typeof value === 'function', right: 'has to be a function' }],
  ['preflight', { is: (value: unknown) => typeof value === 'function', right: 'has to be a function' }],
  ['driver', { is: (value: unknown) => isRecord(value) && typeof value['start'] === 'function', right: 'has to be an object with start' }],
]);

/** The same of a package as the catalog has it. @throws PackageRefused where nobody trusts it, before anything of it is run */
export async function loadTrusted({ packageName, code, refusal }: PackageOrigin): Promise<PackagedParts> {
  if (refusal !== undefined) throw new PackageRefused(refusal);
  return loadCode({ packageName, source: code?.source ?? '' });
}

/**
 * Runs the module of code of a package, and answers what it is at work with. What runs is what was verified: it is never written to a file that somebody could change.
 * @throws PackageRefused where the code is no module of a plugin
 */
export async function loadCode({ packageName, source }: Pick<PackagedCode, 'packageName' | 'source'>): Promise<PackagedParts> {
  const imported = await importSource(`${source}\n//# sourceURL=stowage-plugin:${packageName}\n`, packageName);
  const manifest = isRecord(imported) ? imported['default'] : undefined;
  // why trusted: that it is a function was looked at, and what it answers is looked at below
  const load =
    isRecord(manifest) && typeof manifest['load'] === 'function' ? trusted<(given: typeof GIVEN) => unknown>(manifest['load']) : undefined;
  if (load === undefined) return wrong(packageName, 'has to export `default { load }`, as the manifest of a module has it');
  const parts: unknown = await load(GIVEN);
  if (!isRecord(parts)) return wrong(packageName, 'load has to answer an object');
  const what = [...ANSWERS.keys()].join(', ');
  for (const [key, value] of Object.entries(parts)) {
    const answer = ANSWERS.get(key);
    if (answer === undefined)
      return wrong(packageName, `${key}: code of a package brings ${what}; definitions, roles and objects are files of it`);
    if (value !== undefined && !answer.is(value)) return wrong(packageName, `${key} ${answer.right}`);
  }
  // why trusted: its signer is, and what it answers is what Stowage's own modules answer
  return trusted<PackagedParts>(parts);
}

async function importSource(source: string, packageName: string): Promise<unknown> {
  try {
    return await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`);
  } catch (thrown) {
    return wrong(packageName, `can't be loaded: ${PlatformError.from(thrown).message}; it is one file without imports but those of Node`);
  }
}

function wrong(packageName: string, fault: string): never {
  throw new PackageRefused({ reason: 'PluginPackageInvalid', message: `code/plugin.mjs of the package ${packageName}: ${fault}` });
}
