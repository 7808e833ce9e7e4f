import { ACCESS_MODES, type AccessMode } from '../access-modes.ts';

/** How a volume is shown to a pod. */
export const VOLUME_MODES = ['Filesystem', 'Block'] as const;
/** One of {@link VOLUME_MODES}. */
export type VolumeMode = (typeof VOLUME_MODES)[number];

/** What a driver's volumes can do; what is absent is not known. */
export interface StorageDescription {
  readonly snapshot?: boolean | undefined;
  readonly volumeModes?: readonly VolumeMode[] | undefined;
  /** Of file systems. */
  readonly accessModes?: readonly AccessMode[] | undefined;
  /** Of block devices; what is not told is that of file systems. */
  readonly blockAccessModes?: readonly AccessMode[] | undefined;
  /** What the older form calls the kind of storage; anything but these two is unknown. */
  readonly type?: VolumeMode | 'unknown' | undefined;
}

/** A value of a description that is wrong. */
export interface DescriptionFault {
  /** As in the YAML text: `accessModes[1]`. */
  readonly field: string;
  /** As JSON. */
  readonly value: string;
  readonly remedy: string;
}

/** What a value of such a ConfigMap says (requirement CAP-1); what is wrong is told and left out, one by one. Pure. */
export function readDescription(value: unknown): {
  readonly description: StorageDescription;
  readonly faults: readonly DescriptionFault[];
} {
  if (!isMap(value)) return { description: {}, faults: [faultOf('', value, 'a map with snapshot, volumeMode, accessModes')] };
  const faults: DescriptionFault[] = [];
  for (const field of Object.keys(value))
    if (!FIELDS.has(field)) faults.push(faultOf(field, value[field], `remove it, or write one of ${[...FIELDS].join(', ')}`));
  const list = <T extends string>(field: string, known: readonly T[]): readonly T[] | undefined =>
    readList({ field, value: value[field], known }, faults);
  const description = {
    snapshot: readBoolean(value['snapshot'], faults),
    volumeModes: list('volumeMode', VOLUME_MODES),
    accessModes: list('accessModes', MODE_NAMES),
    blockAccessModes: list('blockAccessModes', MODE_NAMES),
    type: readType(value['type']),
  };
  return { description: Object.fromEntries(Object.entries(description).filter(([, one]) => one !== undefined)), faults };
}

const MODE_NAMES: readonly AccessMode[] = ACCESS_MODES.map(({ name }) => name);
const FIELDS: ReadonlySet<string> = new Set(['snapshot', 'volumeMode', 'accessModes', 'blockAccessModes', 'type']);

function readBoolean(value: unknown, faults: DescriptionFault[]): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  faults.push(faultOf('snapshot', value, 'write true or false, without quotes'));
  return undefined;
}

interface ReadList<T extends string> {
  readonly field: string;
  readonly value: unknown;
  readonly known: readonly T[];
}

function readList<T extends string>({ field, value, known }: ReadList<T>, faults: DescriptionFault[]): readonly T[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    faults.push(faultOf(field, value, `write a list of ${known.join(', ')}`));
    return undefined;
  }
  const read = value.flatMap((item: unknown, index) => {
    const found = known.find((one) => one === item);
    if (found === undefined) faults.push(faultOf(`${field}[${index}]`, item, `write one of ${known.join(', ')}`));
    return found === undefined ? [] : [found];
  });
  if (value.length === 0) faults.push(faultOf(field, value, `write at least one of ${known.join(', ')}, or leave it out`));
  // why nothing: a list in which nothing counts says nothing, so that block devices fall back to what file systems can do (the guide's FAQ)
  return read.length === 0 ? undefined : [...new Set(read)];
}

/** What is no kind of storage that is known is unknown, and no fault: the older form has many. */
function readType(value: unknown): StorageDescription['type'] {
  if (value === undefined || value === null) return undefined;
  return VOLUME_MODES.find((mode) => mode === value) ?? 'unknown';
}

function faultOf(field: string, value: unknown, remedy: string): DescriptionFault {
  return {
    field,
    value: JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)) ?? 'nothing',
    remedy,
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
