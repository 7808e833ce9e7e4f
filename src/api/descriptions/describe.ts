import type { Descriptions } from './descriptions.ts';
import { META_DESCRIPTIONS } from './meta.ts';
import { STORAGE_DESCRIPTIONS } from './storage.ts';
import { WORKLOAD_DESCRIPTIONS } from './workloads.ts';

const TABLES: readonly Descriptions[] = [META_DESCRIPTIONS, STORAGE_DESCRIPTIONS, WORKLOAD_DESCRIPTIONS];

/** What `kubectl explain` says of a definition of the facts, or of one of its fields; undefined where there is no text yet. */
export function describeField(definitionName: string, field = ''): string | undefined {
  const short = definitionName.split('.').slice(-2).join('.');
  for (const table of TABLES) {
    const texts = Object.hasOwn(table, short) ? table[short] : undefined;
    if (texts !== undefined && Object.hasOwn(texts, field)) return texts[field];
  }
  return undefined;
}
