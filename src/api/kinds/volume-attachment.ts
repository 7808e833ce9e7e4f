import type { VolumeAttachment, VolumeError } from '../generated/kubernetes.ts';
import { forbidden, invalid, required, tooLong } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { immutableField, validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { volumeAttachments } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { validateDriverName } from './csi-names.ts';
import { withDefaults } from './defaulting.ts';
import { validateInlineVolume } from './persistent-volume.ts';

/** Most bytes of what a driver tells of an attachment, and of an error (storage validation `maxAttachedVolumeMetadataSize`, `maxVolumeErrorMessageSize`). */
const MAX_METADATA_BYTES = 256 * 1024;
const MAX_MESSAGE_BYTES = 1024;

/** storage.k8s.io/v1 VolumeAttachment. */
export const volumeAttachmentKind: KindDefinition<VolumeAttachment> = {
  resource: volumeAttachments,
  schema: 'io.k8s.api.storage.v1.VolumeAttachment',
  needsVersionForUpdate: true,
  subresources: ['status'],
  metadataKeptByStatus: 'all',
  applyDefaults: (attachment) => ({
    ...attachment,
    ...(attachment.status === undefined ? {} : { status: withDefaults(attachment.status, { attached: false }) }),
  }),
  prepareForCreate: (attachment) => ({ ...attachment, status: { attached: false } }),
  validate,
  validateUpdate: (next, previous) => immutableField(next.spec, previous.spec, 'spec'),
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Attacher', description: 'The CSI driver that attaches.' }, ({ spec }) => spec.attacher),
    column({ name: 'PV', description: 'The volume.' }, ({ spec }) => spec.source.persistentVolumeName ?? ''),
    column({ name: 'Node', description: 'The node that the volume is attached to.' }, ({ spec }) => spec.nodeName),
    column({ name: 'Attached', type: 'boolean', description: 'Whether it is attached.' }, ({ status }) => status?.attached === true),
    ageColumn(),
  ],
  initialFinalizers: [],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

function validate(attachment: VolumeAttachment): readonly FieldError[] {
  const faults = [...validateMetadata(attachment.metadata, { isNamespaced: false, name: dns1123Subdomain })];
  // why: a body may lack its spec
  const spec: Partial<VolumeAttachment['spec']> | undefined = attachment.spec;
  const { attacher, source } = spec ?? {};
  const nodeName = spec?.nodeName ?? '';
  faults.push(...validateDriverName(attacher, 'spec.attacher'));
  faults.push(...dns1123Subdomain(nodeName).map((fault) => invalid('spec.nodeName', nodeName, fault)));
  return [...faults, ...validateSource(source), ...validateStatus(attachment.status)];
}

function validateSource(source: VolumeAttachment['spec']['source'] | undefined): readonly FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName } = source ?? {};
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) return [forbidden('spec.source', one)];
  if (inlineVolumeSpec !== undefined) return validateInlineVolume(inlineVolumeSpec, 'spec.source.inlineVolumeSpec');
  if (persistentVolumeName === undefined) return [required('spec.source', one)];
  const field = 'spec.source.persistentVolumeName';
  return [
    ...(persistentVolumeName === '' ? [required(field, 'must specify non empty persistentVolumeName')] : []),
    ...dns1123Subdomain(persistentVolumeName).map((fault) => invalid(field, persistentVolumeName, fault)),
  ];
}

function validateStatus(status: VolumeAttachment['status']): readonly FieldError[] {
  const { attachmentMetadata = {}, attachError, detachError } = status ?? {};
  const chars = Object.entries(attachmentMetadata).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...(chars > MAX_METADATA_BYTES ? [tooLong('status.attachmentMetadata', MAX_METADATA_BYTES)] : []),
    ...validateError(attachError, 'status.attachError'),
    ...validateError(detachError, 'status.detachError'),
  ];
}

function validateError(error: VolumeError | undefined, field: string): readonly FieldError[] {
  return (error?.message ?? '').length > MAX_MESSAGE_BYTES ? [tooLong(`${field}.message`, MAX_MESSAGE_BYTES)] : [];
}
