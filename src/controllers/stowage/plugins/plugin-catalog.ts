import type { ModuleInfo } from '#api/generated/definitions.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import type { Plugin } from './plugin.ts';
import { byVersion, isNewer } from './versions.ts';

/** Every plugin in every version that can be installed: those that Stowage itself brings, and those of packages. */
export class PluginCatalog {
  /** The Stowage that the packages are for. */
  readonly stowageVersion: string;
  readonly builtIn: readonly Plugin[];
  readonly #listeners = new Set<(name: string) => void>();
  /** By the name of the package. */
  readonly #packaged = new Map<string, Plugin>();
  #versions: ReadonlyMap<string, readonly Plugin[]>;
  /** Which plugin brings a kind, by the kind's name. */
  #bringers: ReadonlyMap<string, string>;

  constructor(builtIn: readonly Plugin[], stowageVersion = '0.0.0') {
    this.builtIn = builtIn;
    this.stowageVersion = stowageVersion;
    this.#versions = byName(builtIn);
    this.#bringers = bringersOf(builtIn);
  }

  get names(): readonly string[] {
    return [...this.#versions.keys()];
  }

  /** All versions of a plugin, the oldest first; empty where there is none. */
  versionsOf(name: string): readonly Plugin[] {
    return this.#versions.get(name) ?? [];
  }

  /** Of each plugin the version that counts: the one that is installed, else the newest. */
  now(infos: readonly ModuleInfo[]): readonly Plugin[] {
    return this.names.flatMap((name) => {
      const versions = this.versionsOf(name);
      return installedOf(versions, infoOf(name, infos)?.status?.version) ?? versions.at(-1) ?? [];
    });
  }

  /** Takes in what a package brings, or what has become of who signed it. */
  put(packageName: string, plugin: Plugin): void {
    const { name } = this.#packaged.get(packageName) ?? plugin;
    this.#packaged.set(packageName, plugin);
    this.#changed([name, plugin.name]);
  }

  /** Forgets a package that is gone. */
  remove(packageName: string): void {
    const plugin = this.#packaged.get(packageName);
    if (plugin === undefined) return;
    this.#packaged.delete(packageName);
    this.#changed([plugin.name]);
  }

  /** The name of the plugin that brings a kind: `disks.shop.example.com`. */
  bringerOf(kindName: string): string | undefined {
    return this.#bringers.get(kindName);
  }

  packaged(packageName: string): Plugin | undefined {
    return this.#packaged.get(packageName);
  }

  /** Calls back with the name of a plugin whose versions have changed; answers a disposer. */
  onChange(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(names: readonly string[]): void {
    const all = [...this.builtIn, ...this.#packaged.values()];
    this.#versions = byName(all);
    this.#bringers = bringersOf(all);
    for (const name of new Set(names)) for (const listener of this.#listeners) listener(name);
  }
}

/** The one of these versions, the oldest first, that is installed; where the one that was is no longer brought, the newer one that Stowage brings itself. */
export function installedOf(versions: readonly Plugin[], version: string | undefined): Plugin | undefined {
  if (version === undefined) return undefined;
  return (
    versions.find((plugin) => plugin.version === version) ??
    versions.find((plugin) => plugin.from === undefined && isNewer(plugin.version, version))
  );
}

function bringersOf(plugins: readonly Plugin[]): ReadonlyMap<string, string> {
  return new Map(plugins.flatMap(({ name, definitions }) => definitions.map(({ metadata }) => [metadata.name ?? '', name] as const)));
}

function byName(plugins: readonly Plugin[]): ReadonlyMap<string, readonly Plugin[]> {
  const groups = Map.groupBy(plugins, ({ name }) => name);
  return new Map([...groups].map(([name, versions]) => [name, versions.toSorted(byVersion)]));
}
