import compare from 'semver/functions/compare.js';
import valid from 'semver/functions/valid.js';

/** True where `version` comes after `other`. */
export function isNewer(version: string, other: string): boolean {
  // why: a status that somebody wrote may hold anything
  return valid(other) === null || compare(version, other) > 0;
}

/** The older one first. */
export function byVersion(a: { readonly version: string }, b: { readonly version: string }): number {
  return compare(a.version, b.version);
}
