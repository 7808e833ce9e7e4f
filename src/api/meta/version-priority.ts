const VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STABILITY: ReadonlyMap<string, number> = new Map([
  ['', 2],
  ['beta', 1],
  ['alpha', 0],
]);

/** Negative where clients prefer version `a` to `b`: v2, v1, v2beta1, v1alpha1, then anything else by name (apimachinery pkg/version `CompareKubeAwareVersionStrings`). */
export function compareVersions(a: string, b: string): number {
  const left = rankOf(a);
  const right = rankOf(b);
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1;
    if (right !== undefined) return 1;
    return a < b ? -1 : Number(a > b);
  }
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

function rankOf(version: string): { readonly stability: number; readonly major: number; readonly minor: number } | undefined {
  const match = VERSION.exec(version);
  if (match === null) return undefined;
  const [, major, word = '', minor = '0'] = match;
  return { stability: STABILITY.get(word) ?? 0, major: Number(major), minor: Number(minor) };
}
