/** A number of things, or a share of `total` such as `25%`, rounded as told (apimachinery intstr `GetScaledValueFromIntOrPercent`). */
export function shareOf(value: number | string | undefined, total: number, rounding: 'up' | 'down'): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const exact = (Number.parseInt(value, 10) * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
