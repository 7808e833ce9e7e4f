import type { ConfigMap } from '../generated/kubernetes.ts';
import { duplicateKeyFaults, frozenDataFaults, MAX_DATA_BYTES, sizeOfTexts, sizeOfBase64 } from './key-value-data.ts';
import { invalid, tooLong } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { configMapKey, dns1123Subdomain } from '../meta/validate-name.ts';
import { configMaps } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

/** core/v1 ConfigMap. */
export const configMapKind: KindDefinition<ConfigMap> = {
  resource: configMaps,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  subresources: [],
  applyDefaults: (configMap) => configMap,
  prepareForCreate: (configMap) => configMap,
  validate,
  validateUpdate: (next, previous) =>
    frozenDataFaults(next, previous, [
      ['data', next.data, previous.data],
      ['binaryData', next.binaryData, previous.binaryData],
    ]),
  selectableFields: {},
  columns: [
    nameColumn(),
    column(
      { name: 'Data', type: 'integer', description: 'The number of entries.' },
      ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    ),
    ageColumn(),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function validate(configMap: ConfigMap): readonly FieldError[] {
  const { data, binaryData, metadata } = configMap;
  const keyFaults = (['data', 'binaryData'] as const).flatMap((field) =>
    Object.keys(configMap[field] ?? {}).flatMap((key) => configMapKey(key).map((fault) => invalid(`${field}[${key}]`, key, fault))),
  );
  const isTooLong = sizeOfTexts(data) + sizeOfBase64(binaryData) > MAX_DATA_BYTES;
  return [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...keyFaults,
    ...duplicateKeyFaults(data, binaryData),
    ...(isTooLong ? [tooLong('', MAX_DATA_BYTES)] : []),
  ];
}
