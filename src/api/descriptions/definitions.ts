import { isRecord, trusted } from '#kit/json.ts';
import type { JSONSchemaProps } from '../generated/kubernetes.ts';
import { DELETED_CLAIM_TEXTS } from './deleted-claim-definitions.ts';
import type { DefinitionTexts } from './definition-texts.ts';
import { LOCAL_DEFINITION_TEXTS } from './local-definitions.ts';
import { MOVE_DEFINITION_TEXTS } from './move-definitions.ts';
import { PROJECT_DEFINITION_TEXTS } from './project-definitions.ts';
import { ROLLBACK_DEFINITION_TEXTS } from './rollback-definitions.ts';
import { SNAPSHOT_DEFINITION_TEXTS } from './snapshot-definitions.ts';
import { SNAPSHOT_SCHEDULE_TEXTS } from './snapshot-schedule-definitions.ts';
import { TRANSFER_DEFINITION_TEXTS } from './transfer-definitions.ts';

const TABLES: readonly DefinitionTexts[] = [
  SNAPSHOT_DEFINITION_TEXTS,
  TRANSFER_DEFINITION_TEXTS,
  LOCAL_DEFINITION_TEXTS,
  PROJECT_DEFINITION_TEXTS,
  ROLLBACK_DEFINITION_TEXTS,
  MOVE_DEFINITION_TEXTS,
  SNAPSHOT_SCHEDULE_TEXTS,
  DELETED_CLAIM_TEXTS,
];

/** The schema of a kind that Stowage brings along, with the texts that `kubectl explain` shows. */
export function describeDefinition(kind: string, schema: JSONSchemaProps): JSONSchemaProps {
  const texts = TABLES.map((table) => (Object.hasOwn(table, kind) ? table[kind] : undefined)).find((found) => found !== undefined);
  // why trusted: only texts are added to the schema that was given
  return texts === undefined ? schema : trusted<JSONSchemaProps>(describe(schema, '', texts));
}

function describe(schema: unknown, path: string, texts: Readonly<Record<string, string>>): unknown {
  if (!isRecord(schema)) return schema;
  const { properties, items } = schema;
  const text = Object.hasOwn(texts, path) ? texts[path] : undefined;
  return {
    ...(text === undefined ? {} : { description: text }),
    ...schema,
    ...(isRecord(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, member]) => [key, describe(member, path === '' ? key : `${path}.${key}`, texts)]),
          ),
        }
      : {}),
    ...(isRecord(items) ? { items: describeItems(items, path, texts) } : {}),
  };
}

/** The text of a list stands at the list, so its items show only those of their members. */
function describeItems(items: Record<string, unknown>, path: string, texts: Readonly<Record<string, string>>): unknown {
  const described = describe(items, path, texts);
  if (!isRecord(described)) return described;
  const { description: _ofTheList, ...rest } = described;
  return rest;
}
