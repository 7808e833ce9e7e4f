import type { StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { draftMeta, type MetaOverrides, stored, type StoredOverrides } from './metadata.ts';

/** What a test wants of a class. */
export interface ClassOverrides extends MetaOverrides {
  readonly provisioner?: string;
  readonly reclaimPolicy?: 'Retain' | 'Delete';
  readonly bindingMode?: 'Immediate' | 'WaitForFirstConsumer';
  readonly parameters?: Readonly<Record<string, string>>;
  /** `default` marks it as the class of claims that name none. */
  readonly role?: 'default';
  readonly rest?: Partial<Omit<StorageClass, 'metadata'>>;
}

const DEFAULT_CLASS = { 'storageclass.kubernetes.io/is-default-class': 'true' };

/** A class to create: `fast` of `local.stowage.dev`, Delete, Immediate. */
export function aClass(overrides: ClassOverrides = {}): Draft<StorageClass> {
  const { provisioner = 'local.stowage.dev', reclaimPolicy = 'Delete', bindingMode = 'Immediate', parameters, role, rest } = overrides;
  const annotations = { ...(role === 'default' ? DEFAULT_CLASS : {}), ...overrides.annotations };
  return {
    metadata: draftMeta({ name: 'fast' }, Object.keys(annotations).length === 0 ? overrides : { ...overrides, annotations }),
    provisioner,
    reclaimPolicy,
    volumeBindingMode: bindingMode,
    ...(parameters === undefined ? {} : { parameters }),
    ...rest,
  };
}

/** The same class as the server would have stored it. */
export function aStoredClass(overrides: ClassOverrides & StoredOverrides = {}): StorageClass {
  return stored({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }, aClass(overrides), overrides);
}
