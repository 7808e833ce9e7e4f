import { formatAge } from '../meta/duration.ts';
import type { TableColumn } from '../meta/kind.ts';
import type { KubeObject } from '../meta/object.ts';

/** What kubectl prints for something that is not there. */
export const NONE = '<none>';
/** What kubectl prints for a field that is not set. */
export const UNSET = '<unset>';

/** The first column of every kind. */
export function nameColumn<K extends KubeObject>(): TableColumn<K> {
  return column(
    { name: 'Name', description: 'Name of the object, unique in its namespace for its kind.' },
    (object) => object.metadata.name,
  );
}

/** How long ago the object was made. */
export function ageColumn<K extends KubeObject>(): TableColumn<K> {
  return column({ name: 'Age', description: 'How long ago the object was created.' }, (object, nowMs) =>
    formatAge(object.metadata.creationTimestamp, nowMs),
  );
}

interface ColumnHead {
  readonly name: string;
  readonly description: string;
  readonly type?: TableColumn<KubeObject>['type'];
  /** Shown with `-o wide` only. */
  readonly isWide?: true;
}

/** A column; of texts and always shown unless `head` says otherwise. */
export function column<K extends KubeObject>(head: ColumnHead, value: TableColumn<K>['value']): TableColumn<K> {
  return { name: head.name, type: head.type ?? 'string', description: head.description, priority: head.isWide === true ? 1 : 0, value };
}
