import { broughtAlongDefinitions } from '#api/definitions/brought-along.ts';
import type { ModuleInfo, PluginPackage, PluginSigner } from '#api/generated/definitions.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import type { Plugin } from '../plugin.ts';
import type { PluginCatalog } from '../plugin-catalog.ts';
import { isNewer } from '../versions.ts';
import { openPackage } from './open-package.ts';
import { packageNameOf } from './package-plugin.ts';
import { invalid, PackageRefused } from './package-refused.ts';
import { judge, judgedPlugin } from './load-package.ts';

/** What a package is compared with. */
export interface ComparedWith {
  readonly catalog: PluginCatalog;
  readonly signers: readonly PluginSigner[];
  readonly infos: readonly ModuleInfo[];
}

/** Looks at a package that is to be stored. @throws PackageRefused where it is not taken */
export async function checkPackage({ metadata, spec }: PluginPackage, { catalog, signers, infos }: ComparedWith): Promise<void> {
  const opened = await openPackage(Buffer.from(spec.archive, 'base64'));
  const name = packageNameOf(opened.manifest);
  if (metadata.name !== name) invalid(`metadata.name: has to be ${name}, as the package says it`);
  // why before anything else of it is read: that is for packages of somebody who is trusted
  const { refusal } = judge(opened, { signers, catalog });
  if (refusal !== undefined) throw new PackageRefused(refusal);
  const plugin = await judgedPlugin(opened, { signers, catalog });
  refuseOlder(plugin, catalog, infos);
  refuseClash(plugin, catalog);
  refuseOtherDriver(plugin, catalog);
  refuseCircle(plugin, catalog);
}

function refuseOlder({ name, version }: Plugin, { builtIn }: PluginCatalog, infos: readonly ModuleInfo[]): void {
  const own = builtIn.find((plugin) => plugin.name === name);
  if (own !== undefined && !isNewer(version, own.version))
    throw new PackageRefused({
      reason: 'PluginPackageOlder',
      message: `this Stowage brings the plugin ${name} ${own.version} itself: a package has to be newer than that, and this one is ${version}`,
    });
  const installed = infoOf(name, infos)?.status?.version;
  if (installed !== undefined && version !== installed && !isNewer(version, installed))
    throw new PackageRefused({
      reason: 'PluginPackageOlder',
      message: `the plugin ${name} is installed in version ${installed}, and does not go back to ${version}`,
    });
}

/** What a package brings is its own: else it would go with the wrong plugin. */
function refuseClash({ name, definitions, roles }: Plugin, catalog: PluginCatalog): void {
  const own = catalog.versionsOf(name);
  const others = catalog.names.filter((other) => other !== name).flatMap((other) => catalog.versionsOf(other));
  const namesOf = (plugins: readonly Plugin[]): ReadonlySet<string> =>
    new Set(plugins.flatMap((plugin) => [...plugin.definitions, ...plugin.roles].map(({ metadata }) => metadata.name ?? '')));
  const ownNames = namesOf(own);
  const taken = new Set([...namesOf(others), ...broughtAlongDefinitions().map(({ metadata }) => metadata.name ?? '')]);
  for (const { metadata, spec } of definitions) {
    const definition = metadata.name ?? '';
    if (definition !== `${spec.names.plural}.${spec.group}`)
      invalid(`the definition ${definition}: has to be named ${spec.names.plural}.${spec.group}`);
    if (!ownNames.has(definition) && taken.has(definition))
      invalid(`the kind ${definition} comes with another plugin, or with Stowage itself`);
  }
  const prefix = `stowage:${name}:`;
  const foreign = roles.map(({ metadata }) => metadata.name ?? '').find((role) => !ownNames.has(role) && !role.startsWith(prefix));
  if (foreign !== undefined) invalid(`the role ${foreign}: roles of a package begin with ${prefix}`);
}

/** Volumes are known by the name of their driver: it stays, and is nobody else's. */
function refuseOtherDriver({ name, driverName }: Plugin, catalog: PluginCatalog): void {
  const before = catalog.versionsOf(name).findLast((version) => version.driverName !== undefined)?.driverName;
  if (before !== undefined && before !== driverName)
    invalid(`driver: ${driverName ?? 'is missing'}: other versions of ${name} bring ${before}, and volumes are known by it: it stays`);
  const others = catalog.names.filter((other) => other !== name).flatMap((other) => catalog.versionsOf(other));
  const owner = driverName === undefined ? undefined : others.find((other) => other.driverName === driverName);
  if (owner !== undefined) invalid(`driver: ${driverName}: comes with the plugin ${owner.name}`);
}

function refuseCircle({ name, dependencies }: Plugin, catalog: PluginCatalog): void {
  const needsOf = (other: string): readonly string[] =>
    other === name ? dependencies : (catalog.versionsOf(other).at(-1)?.dependencies ?? []);
  const seen = new Set<string>();
  const visit = (other: string, above: readonly string[]): void => {
    if (above.includes(other)) invalid(`needs: plugins need each other in a circle: ${[...above, other].join(', ')}`);
    if (seen.has(other)) return;
    for (const needed of needsOf(other)) visit(needed, [...above, other]);
    seen.add(other);
  };
  visit(name, []);
}
