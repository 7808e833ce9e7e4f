import { ApiError } from '../../client/api-error.ts';
import type { Conflict } from './decide-apply.ts';
import { formatPaths } from './field-set.ts';
import type { Owner } from './owners.ts';

interface FieldConflict {
  readonly owner: string;
  readonly path: string;
}

/** 409: the applied configuration changes fields that others own; upstream's words, one cause for each field (managedfields internal/conflict.go). */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const fields = conflicts.flatMap(({ owner, fields: paths }) => formatPaths(paths).map((path) => ({ owner: describeOwner(owner), path })));
  const causes = fields.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner}`, field: path }));
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 409,
    reason: 'Conflict',
    message: describeConflicts(fields),
    details: { causes },
  });
}

function describeConflicts(fields: readonly FieldConflict[]): string {
  const [first] = fields;
  if (fields.length === 1 && first !== undefined) return `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.path}`;
  const lines = [...Map.groupBy(fields, ({ owner }) => owner)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([owner, own]) => [`conflicts with ${owner}:`, ...own.map(({ path }) => `- ${path}`)]);
  return `Apply failed with ${fields.length} conflicts: ${lines.join('\n')}`;
}

function describeOwner({ name, operation, apiVersion, subresource }: Owner): string {
  const part = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const version = operation === 'Update' ? ` using ${apiVersion}` : '';
  return JSON.stringify(name) + part + version;
}
