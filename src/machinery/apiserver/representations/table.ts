import type { KindDefinition, TableColumn } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { metadataOnly } from './metadata-only.ts';

/** What a row carries beside its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** How a table is made. */
export interface TableOptions {
  readonly kind: KindDefinition;
  readonly version: 'v1' | 'v1beta1';
  readonly includeObject: IncludeObject;
  /** The server's time, for ages. */
  readonly nowMs: number;
}

const PLAIN_COLUMNS: readonly TableColumn<KubeObject>[] = [
  { name: 'Name', type: 'string', description: 'Name of the object', priority: 0, value: (object) => object.metadata.name },
  {
    name: 'Created At',
    type: 'date',
    description: 'When the object was made',
    priority: 0,
    value: (object) => object.metadata.creationTimestamp,
  },
];

/** A meta.k8s.io Table of `objects`; the definitions of its columns are left out where `isContinued`, as in the later events of a watch. */
export function tableOf(
  options: TableOptions,
  objects: readonly KubeObject[],
  rest: { readonly metadata: object; readonly isContinued?: boolean },
): object {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: rest.metadata,
    columnDefinitions: rest.isContinued === true ? [] : columnsOf(options.kind).map(definitionOf),
    rows: objects.map((object) => rowOf(options, object)),
  };
}

function columnsOf(kind: KindDefinition): readonly TableColumn<KubeObject>[] {
  return kind.columns.length === 0 ? PLAIN_COLUMNS : kind.columns;
}

function definitionOf(column: TableColumn<KubeObject>): object {
  return {
    name: column.name,
    // why: ages are printed by the server already, and kubectl would print a column of type date a second time
    type: column.type === 'date' ? 'string' : column.type,
    format: column.name === 'Name' ? 'name' : '',
    description: column.description,
    priority: column.priority,
  };
}

function rowOf(options: TableOptions, object: KubeObject): object {
  const cells = columnsOf(options.kind).map((column) => column.value(object, options.nowMs));
  switch (options.includeObject) {
    case 'None':
      return { cells };
    case 'Metadata':
      return { cells, object: metadataOnly(object, options.version) };
    case 'Object':
      return { cells, object };
  }
}
