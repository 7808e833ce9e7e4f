/** core/v1 access modes with their short names, in the order in which kubectl prints them. */
export const ACCESS_MODES = [
  { name: 'ReadWriteOnce', short: 'RWO' },
  { name: 'ReadOnlyMany', short: 'ROX' },
  { name: 'ReadWriteMany', short: 'RWX' },
  { name: 'ReadWriteOncePod', short: 'RWOP' },
] as const;

/** The name of an access mode. */
export type AccessMode = (typeof ACCESS_MODES)[number]['name'];

/** `RWO,ROX`: each mode once, in the fixed order; modes that do not exist are left out. */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return ACCESS_MODES.filter(({ name }) => modes?.includes(name))
    .map(({ short }) => short)
    .join(',');
}
