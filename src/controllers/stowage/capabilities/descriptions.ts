import type { DescriptionFault, StorageDescription } from '#api/capabilities/description.ts';
import { readDescription } from '#api/capabilities/description.ts';
import type { Described } from '#api/capabilities/resolve.ts';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { parseYaml } from '#kit/parse-yaml.ts';

/** Where descriptions of drivers are looked for, and how they are labelled (requirement CAP-1). */
export const DESCRIPTIONS = {
  namespace: 'kube-public',
  namePrefix: 'sd-',
  label: 'features.alauda.io/type',
  type: 'StorageDescription',
} as const;

/** A description holds a few short lists. */
const LIMITS = { maxDepth: 8, maxChars: 64 * 1024 };

/** What one ConfigMap says of drivers. */
export interface ReadConfigMap {
  /** By the name of the driver. */
  readonly drivers: ReadonlyMap<string, StorageDescription>;
  /** What is wrong: the key, and the value in it. */
  readonly faults: readonly (DescriptionFault & { readonly driver: string })[];
}

/** True for a ConfigMap that describes drivers. Pure. */
export function isDescription({ metadata }: ConfigMap): boolean {
  const { namespace, label, type } = DESCRIPTIONS;
  return metadata.namespace === namespace && metadata.labels?.[label] === type;
}

/** Reads a ConfigMap of descriptions. Once for each state of it, whoever asks. Pure. */
export function readConfigMap(configMap: ConfigMap): ReadConfigMap {
  const known = READ.get(configMap);
  if (known !== undefined) return known;
  const drivers = new Map<string, StorageDescription>();
  const faults: (DescriptionFault & { readonly driver: string })[] = [];
  for (const [driver, text] of Object.entries(configMap.data ?? {})) {
    const parsed = text.length > LIMITS.maxChars ? { ok: false as const, error: 'it is too long' } : parseYaml(text, LIMITS);
    if (!parsed.ok) {
      faults.push({ driver, field: '', value: JSON.stringify(text.slice(0, 40)), remedy: `write YAML (${parsed.error})` });
      continue;
    }
    const read = readDescription(parsed.value.value);
    drivers.set(driver, read.description);
    faults.push(...read.faults.map((fault) => ({ ...fault, driver })));
  }
  const result = { drivers, faults };
  READ.set(configMap, result);
  return result;
}

const READ = new WeakMap<ConfigMap, ReadConfigMap>();

/** What ConfigMaps say of a driver, in the order of their names. Pure. */
export function describedIn(configMaps: readonly ConfigMap[], driver: string): readonly Described[] {
  const usable = configMaps.filter((configMap) => isDescription(configMap) && configMap.metadata.name.startsWith(DESCRIPTIONS.namePrefix));
  return usable
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((configMap) => {
      const description = readConfigMap(configMap).drivers.get(driver);
      return description === undefined ? [] : [{ description, origin: { by: 'configMap' as const, name: configMap.metadata.name } }];
    });
}
