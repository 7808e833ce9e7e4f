import { part } from '#controllers/component.ts';
import { PackageRefused } from '#controllers/stowage/plugins/packages/package-refused.ts';
import type { PackageOrigin } from '#controllers/stowage/plugins/plugin.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { after, done, trigger } from '#machinery/runtime/controller.ts';
import type { ModuleParts } from '../module.ts';

/** What the code of a package may be at work with. */
export type PackagedParts = Pick<ModuleParts, 'controllers'>;

/** What code of a package is given, as it has no way to import anything of Stowage. */
const GIVEN = { done, after, trigger, part };

/**
 * Runs the module of code of a package, and answers what it is at work with. What runs is what was verified: it is never written to a file that somebody could change.
 * @throws PackageRefused where nobody trusts the package, or the code is no module of a plugin
 */
export async function loadCode({ packageName, code, refusal }: PackageOrigin): Promise<PackagedParts> {
  if (refusal !== undefined) throw new PackageRefused(refusal);
  const source = `${code?.source ?? ''}\n//# sourceURL=stowage-plugin:${packageName}\n`;
  const imported = await importSource(source, packageName);
  const manifest = isRecord(imported) ? imported['default'] : undefined;
  // why trusted: that it is a function was looked at, and what it answers is looked at below
  const load =
    isRecord(manifest) && typeof manifest['load'] === 'function' ? trusted<(given: typeof GIVEN) => unknown>(manifest['load']) : undefined;
  if (load === undefined) return wrong(packageName, 'has to export `default { load }`, as the manifest of a module has it');
  const parts: unknown = await load(GIVEN);
  if (!isRecord(parts)) return wrong(packageName, 'load has to answer an object');
  const extra = Object.keys(parts).find((key) => key !== 'controllers');
  if (extra !== undefined)
    return wrong(packageName, `${extra}: code of a package brings controllers; definitions, roles and objects are files of it`);
  const { controllers } = parts;
  if (controllers !== undefined && typeof controllers !== 'function') return wrong(packageName, 'controllers has to be a function');
  // why trusted: its signer is, and what it answers is what Stowage's own modules answer
  return trusted<PackagedParts>({ controllers });
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
