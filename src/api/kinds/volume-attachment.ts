import type { VolumeAttachment } from '../generated/kubernetes.ts';
import { invalid, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { immutableField, validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { volumeAttachments } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { validateDriverName } from './csi-names.ts';
import { withDefaults } from './defaulting.ts';

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
  const { spec } = attachment;
  if (spec === undefined) return [...faults, required('spec')];
  faults.push(...validateDriverName(spec.attacher, 'spec.attacher'));
  if ((spec.nodeName ?? '') === '') faults.push(required('spec.nodeName'));
  else faults.push(...dns1123Subdomain(spec.nodeName).map((fault) => invalid('spec.nodeName', spec.nodeName, fault)));
  return [...faults, ...validateSource(spec.source)];
}

function validateSource(source: VolumeAttachment['spec']['source'] | undefined): readonly FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName } = source ?? {};
  if (inlineVolumeSpec === undefined && persistentVolumeName === undefined) {
    return [required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName')];
  }
  if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) {
    return [invalid('spec.source', source, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName')];
  }
  return persistentVolumeName === '' ? [required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName')] : [];
}
