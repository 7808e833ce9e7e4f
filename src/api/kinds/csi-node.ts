import { deepEqual } from '#kit/json.ts';
import type { CSINode, CSINodeDriver, StorageHealth, StorageHealthCondition } from '../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../meta/validate-name.ts';
import { csiNodes } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { validateDriverName } from './csi-names.ts';
import { withDefaults } from './defaulting.ts';

/** Most bytes of the id that a driver gives a node (CSI specification, NodeGetInfo). */
const MAX_NODE_ID_BYTES = 256;

/** Of a driver on a node (storage/v1 StorageHealth). */
const MAX_HEALTH_CONDITIONS = 16;
const STORAGE_STATUSES: readonly string[] = ['StorageUnreachable', 'StorageDegraded'];

/** storage.k8s.io/v1 CSINode. */
export const csiNodeKind: KindDefinition<CSINode> = {
  resource: csiNodes,
  schema: 'io.k8s.api.storage.v1.CSINode',
  needsVersionForUpdate: true,
  subresources: ['status'],
  metadataKeptByStatus: 'all',
  applyDefaults: (node) => ({ ...node, spec: withDefaults(node.spec, { drivers: [] }) }),
  prepareForCreate: ({ status: _status, ...node }) => node,
  validate: (node) => [
    ...validateMetadata(node.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateDrivers(node.spec.drivers),
    ...validateHealth(node.status?.storageHealth ?? []),
  ],
  validateUpdate: (next, previous) =>
    next.spec.drivers.flatMap((driver, index) => validateDriverUpdate(driver, previous, `spec.drivers[${index}]`)),
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Drivers', type: 'integer', description: 'The number of CSI drivers on the node.' }, ({ spec }) => spec.drivers.length),
    ageColumn(),
  ],
  initialFinalizers: [],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

function validateDrivers(drivers: readonly CSINodeDriver[]): readonly FieldError[] {
  const names = new Set<string>();
  return drivers.flatMap((driver, index) => {
    const at = `spec.drivers[${index}]`;
    const faults = [
      ...validateDriverName(driver.name, `${at}.name`),
      ...validateNodeId(driver.nodeID, `${at}.nodeID`),
      ...validateDetails(driver, at),
    ];
    if (names.has(driver.name)) faults.push(duplicate(`${at}.name`, driver.name));
    names.add(driver.name);
    return faults;
  });
}

function validateNodeId(nodeId: string | undefined, field: string): readonly FieldError[] {
  if (nodeId === undefined || nodeId === '') return [required(field)];
  return nodeId.length > MAX_NODE_ID_BYTES ? [invalid(field, nodeId, `must be ${MAX_NODE_ID_BYTES} characters or less`)] : [];
}

function validateDetails({ allocatable, topologyKeys = [] }: CSINodeDriver, at: string): readonly FieldError[] {
  const count = allocatable?.count;
  return [
    ...(count !== undefined && count < 0 ? [invalid(`${at}.allocatable.count`, count, 'must be greater than or equal to 0')] : []),
    ...topologyKeys.flatMap((key) => qualifiedName(key).map((fault) => invalid(`${at}.topologyKeys`, key, fault))),
    ...topologyKeys.filter((key, index) => topologyKeys.indexOf(key) < index).map((key) => duplicate(`${at}.topologyKeys`, key)),
  ];
}

function validateHealth(reports: readonly StorageHealth[]): readonly FieldError[] {
  return reports.flatMap(({ name, healthConditions = [] }, index) => {
    const at = `status.storageHealth[${index}]`;
    const isDouble = reports.findIndex((report) => report.name === name) < index;
    return [
      ...validateDriverName(name, `${at}.name`),
      ...(isDouble ? [duplicate(`${at}.name`, name)] : []),
      ...(healthConditions.length > MAX_HEALTH_CONDITIONS
        ? [tooMany(`${at}.healthConditions`, healthConditions.length, MAX_HEALTH_CONDITIONS)]
        : []),
      ...healthConditions.flatMap((condition, place) => validateCondition(condition, `${at}.healthConditions[${place}]`)),
    ];
  });
}

function validateCondition({ status, reason }: StorageHealthCondition, at: string): readonly FieldError[] {
  return [
    ...(STORAGE_STATUSES.includes(status) ? [] : [notSupported(`${at}.status`, status, STORAGE_STATUSES)]),
    ...(reason === undefined || reason === '' ? [required(`${at}.reason`)] : []),
  ];
}

/** A registered driver keeps its node id and topology keys; only its volume limit may change. */
function validateDriverUpdate(driver: CSINodeDriver, previous: CSINode, field: string): readonly FieldError[] {
  const before = previous.spec.drivers.find(({ name }) => name === driver.name);
  if (before === undefined || deepEqual({ ...driver, allocatable: undefined }, { ...before, allocatable: undefined })) return [];
  return [invalid(field, driver, 'field is immutable')];
}
