import type { CustomResourceColumnDefinition } from '#api/generated/kubernetes.ts';
import { ageColumn, nameColumn } from '#api/kinds/columns.ts';
import { formatAge } from '#api/meta/duration.ts';
import type { TableColumn } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { findByPath, parseJsonPath } from '#api/structural/json-path.ts';

type Cell = ReturnType<TableColumn<KubeObject>['value']>;

/** The columns of a definition behind the name; the age alone where it has none, or one whose path can't be followed (apiextensions pkg/registry/customresource/tableconvertor). */
export function columnsOf(definitions: readonly CustomResourceColumnDefinition[]): readonly TableColumn<KubeObject>[] {
  const isReadable = definitions.every(({ jsonPath }) => parseJsonPath(jsonPath).ok);
  const own = isReadable ? definitions.map(columnOf) : [];
  return [nameColumn(), ...(own.length === 0 ? [ageColumn<KubeObject>()] : own)];
}

function columnOf({ name, type, description, priority, jsonPath }: CustomResourceColumnDefinition): TableColumn<KubeObject> {
  const path = parseJsonPath(jsonPath);
  return {
    name,
    type: COLUMN_TYPES.find((known) => known === type) ?? 'string',
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: (priority ?? 0) > 0 ? 1 : 0,
    value: (object, nowMs) => {
      const [found] = path.ok ? findByPath(path.value, object) : [];
      return found === undefined || found === null ? null : cellOf(type, found, nowMs);
    },
  };
}

const COLUMN_TYPES = ['string', 'integer', 'number', 'date', 'boolean'] as const;

function cellOf(type: string, value: unknown, nowMs: number): Cell {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : bigintOf(value);
    case 'number':
      return typeof value === 'number' ? value : bigintOf(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? formatAge(value, nowMs) : '<invalid>';
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

function bigintOf(value: unknown): bigint | null {
  return typeof value === 'bigint' ? value : null;
}
