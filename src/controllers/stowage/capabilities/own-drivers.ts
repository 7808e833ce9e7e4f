import type { StorageDescription } from '#api/capabilities/description.ts';
import type { Described } from '#api/capabilities/resolve.ts';
import type { ConfigMap, StorageClass } from '#api/generated/kubernetes.ts';
import { describedIn } from './descriptions.ts';

/** A driver of Stowage's own, as it describes itself. */
export interface OwnDriver {
  readonly driverName: string;
  /** What volumes of a class with these parameters can do. */
  describe(parameters: Readonly<Record<string, string>>): StorageDescription;
}

/** All that is known of the driver of a class: from itself where it is Stowage's own, then from ConfigMaps. Pure. */
export function descriptionsOf(
  { provisioner, parameters = {} }: StorageClass,
  known: { readonly own: readonly OwnDriver[]; readonly configMaps: readonly ConfigMap[] },
): readonly Described[] {
  const own = known.own.find(({ driverName }) => driverName === provisioner);
  const ofItself =
    own === undefined ? [] : [{ description: own.describe(parameters), origin: { by: 'driver' as const, name: provisioner } }];
  return [...ofItself, ...describedIn(known.configMaps, provisioner)];
}
