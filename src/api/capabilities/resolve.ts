import { ACCESS_MODES, type AccessMode } from '../access-modes.ts';
import type { StorageClass } from '../generated/kubernetes.ts';
import type { StorageDescription, VolumeMode } from './description.ts';

/** Annotations of a class that the console writes (requirement CLASS-11). */
export const CLASS_ANNOTATIONS = {
  displayName: 'cpaas.io/display-name',
  accessMode: 'cpaas.io/access-mode',
  features: 'cpaas.io/features',
} as const;

/** Who says so: a driver of Stowage's own, a ConfigMap (`sd-capabilities`), an annotation or field of the class. */
export interface Origin {
  readonly by: 'driver' | 'configMap' | 'class';
  readonly name: string;
}

/** A value, who said it, and what others said that did not count. */
export interface Told<T> {
  readonly value: T;
  readonly origin: Origin;
  readonly overridden: readonly { readonly value: T; readonly origin: Origin }[];
}

/** What claims of a class can ask for; what nobody told is absent. */
export interface ClassCapabilities {
  readonly displayName?: string | undefined;
  readonly volumeModes?: Told<readonly VolumeMode[]> | undefined;
  readonly accessModes?: Told<readonly AccessMode[]> | undefined;
  readonly blockAccessModes?: Told<readonly AccessMode[]> | undefined;
  readonly snapshot?: Told<boolean> | undefined;
  readonly expansion: Told<boolean>;
  /** As the class lists them; absent where it says nothing. */
  readonly features?: readonly string[] | undefined;
}

/** A description, and who gave it. */
export interface Described {
  readonly description: StorageDescription;
  readonly origin: Origin;
}

/**
 * What a class can do. Of several that say something of the driver the first counts: a driver of Stowage's own knows best, so that no ConfigMap can disagree
 * with it, then ConfigMaps by name. The class itself can only narrow the access modes. Pure.
 */
export function capabilitiesOf(storageClass: StorageClass, described: readonly Described[]): ClassCapabilities {
  const { name, annotations } = storageClass.metadata;
  const ofClass: Origin = { by: 'class', name };
  const accessModes = firstOf(described, (description) => description.accessModes);
  const allowed = modesOfClass(storageClass);
  const features = listOf(annotations?.[CLASS_ANNOTATIONS.features]);
  return {
    displayName: annotations?.[CLASS_ANNOTATIONS.displayName],
    volumeModes: firstOf(described, (description) => description.volumeModes),
    accessModes: narrowed(accessModes, allowed, ofClass),
    blockAccessModes: narrowed(firstOf(described, (description) => description.blockAccessModes) ?? accessModes, allowed, ofClass),
    snapshot: firstOf(described, (description) => description.snapshot),
    expansion: { value: storageClass.allowVolumeExpansion === true, origin: ofClass, overridden: [] },
    features: features.length === 0 ? undefined : features,
  };
}

/** The access modes that the class itself allows, by its annotation; undefined where it says nothing that is one. Pure. */
export function modesOfClass({ metadata }: StorageClass): readonly AccessMode[] | undefined {
  const text = metadata.annotations?.[CLASS_ANNOTATIONS.accessMode];
  // why first: each new claim asks, and few classes say anything
  if (text === undefined) return undefined;
  const words = listOf(text);
  const modes = ACCESS_MODES.filter(({ name, short }) => words.includes(name) || words.includes(short)).map(({ name }) => name);
  return modes.length === 0 ? undefined : modes;
}

function firstOf<T>(described: readonly Described[], read: (description: StorageDescription) => T | undefined): Told<T> | undefined {
  const all = described.flatMap(({ description, origin }) => {
    const value = read(description);
    return value === undefined ? [] : [{ value, origin }];
  });
  const [first, ...overridden] = all;
  return first === undefined ? undefined : { ...first, overridden };
}

function narrowed(
  told: Told<readonly AccessMode[]> | undefined,
  allowed: readonly AccessMode[] | undefined,
  origin: Origin,
): Told<readonly AccessMode[]> | undefined {
  if (allowed === undefined) return told;
  if (told === undefined) return { value: allowed, origin, overridden: [] };
  const value = told.value.filter((mode) => allowed.includes(mode));
  if (value.length === told.value.length) return told;
  return { value, origin, overridden: [{ value: told.value, origin: told.origin }, ...told.overridden] };
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
