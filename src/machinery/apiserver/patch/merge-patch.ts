import { isRecord } from '#kit/json.ts';
import { requireBoundedDepth } from './depth.ts';
import { PatchMalformed } from './errors.ts';

/**
 * RFC 7386: null deletes, objects merge, everything else replaces. Objects inside of lists lose their nulls too, as they do where Kubernetes applies
 * one (evanphx/json-patch `pruneNils`). Neither argument is changed.
 * @throws PatchMalformed where the patch is no object
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  requireBoundedDepth(patch);
  if (!isRecord(patch)) throw new PatchMalformed('a merge patch must be one JSON object that holds the fields to change');
  return merge(document, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return Array.isArray(patch) ? patch.map(withoutNulls) : patch;
  const members = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) members.delete(key);
    else members.set(key, merge(members.get(key), value));
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(members);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isRecord(value) ? merge(undefined, value) : value;
}
