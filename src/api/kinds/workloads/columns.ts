import type { Container, LabelSelector, PodTemplateSpec } from '../../generated/kubernetes.ts';
import { formatLabelSelector } from '../../meta/format-selector.ts';
import type { TableColumn } from '../../meta/kind.ts';
import type { KubeObject } from '../../meta/object.ts';
import { column, NONE } from '../columns.ts';

/** Names and images of the containers that a kind runs, shown with `-o wide`. */
export function containerColumns<K extends KubeObject>(templateOf: (object: K) => PodTemplateSpec): readonly TableColumn<K>[] {
  const join = (object: K, read: (container: Container) => string | undefined): string =>
    (templateOf(object).spec?.containers ?? []).map((container) => read(container) ?? '').join(',');
  return [
    column({ name: 'Containers', description: 'Names of the containers in each of its pods.', isWide: true }, (object: K) =>
      join(object, ({ name }) => name),
    ),
    column({ name: 'Images', description: 'Images of the containers in each of its pods.', isWide: true }, (object: K) =>
      join(object, ({ image }) => image),
    ),
  ];
}

/** Which pods belong to the object, shown with `-o wide`. */
export function selectorColumn<K extends KubeObject>(selectorOf: (object: K) => LabelSelector | undefined): TableColumn<K> {
  return column({ name: 'Selector', description: 'Labels of the pods that belong to it.', isWide: true }, (object: K) => {
    const text = formatLabelSelector(selectorOf(object) ?? {});
    return text === '' ? NONE : text;
  });
}

/** A number that is always shown; 0 where there is none. */
export function countColumn<K extends KubeObject>(
  head: { readonly name: string; readonly description: string },
  read: (object: K) => number | undefined,
): TableColumn<K> {
  return column({ ...head, type: 'integer' }, (object: K) => read(object) ?? 0);
}
