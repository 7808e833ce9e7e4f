import { ADMINISTRATION_DESCRIPTIONS } from './administration.ts';
import { APPLICATION_DESCRIPTIONS } from './applications.ts';
import type { Descriptions } from './descriptions.ts';
import { META_DESCRIPTIONS } from './meta.ts';
import { STORAGE_DESCRIPTIONS } from './storage.ts';
import { WORKLOAD_DESCRIPTIONS } from './workloads.ts';

const TABLES: readonly Descriptions[] = [
  META_DESCRIPTIONS,
  STORAGE_DESCRIPTIONS,
  WORKLOAD_DESCRIPTIONS,
  APPLICATION_DESCRIPTIONS,
  ADMINISTRATION_DESCRIPTIONS,
];

/** What `kubectl explain` says of a definition of the facts, or of one of its fields; undefined where there is no text yet. */
export function describeField(definitionName: string, field = ''): string | undefined {
  const short = definitionName.split('.').slice(-2).join('.');
  for (const table of TABLES) {
    const texts = Object.hasOwn(table, short) ? table[short] : undefined;
    if (texts !== undefined && Object.hasOwn(texts, field)) return texts[field];
  }
  return undefined;
}

const KIND_FIELDS: ReadonlyMap<string, string> = new Map([
  ['apiVersion', 'APIVersion defines the group and the version of the kind, for example v1 or storage.k8s.io/v1.'],
  ['kind', 'What the object is, for example PersistentVolumeClaim.'],
  ['metadata', 'Name, namespace, labels and what else every object has.'],
]);

/** What `kubectl explain` says of a field that every kind has. */
export function describeKindField(field: string): string | undefined {
  return KIND_FIELDS.get(field);
}
