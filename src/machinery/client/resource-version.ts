const DECIMAL = /^(0|[1-9]\d*)$/;

/**
 * Orders two resourceVersions: negative where `a` is older, 0 where they are equal, positive where `a` is newer, undefined where they can't be compared.
 * Decimal versions are ordered (API concepts, "Resource versions", since 1.35); all others are opaque and only equal or not.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** True where `a` is known to be newer than `b`. */
export function isNewerVersion(a: string, b: string): boolean {
  const order = compareVersions(a, b);
  return order !== undefined && order > 0;
}
