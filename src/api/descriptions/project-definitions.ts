import type { DefinitionTexts } from './definition-texts.ts';

/** Texts of `kubectl explain` for projects. */
export const PROJECT_DEFINITION_TEXTS: DefinitionTexts = {
  Project: {
    '': 'Namespaces that share classes and storage. A namespace is in the project that its label cpaas.io/project names; a project needs no object for that.',
    spec: 'What holds for all namespaces of the project.',
    'spec.displayName': 'What people call it.',
    'spec.description': 'What it is for.',
    'spec.defaultStorageClassName': 'The class of its claims that name none, in place of the default of the cluster.',
    'spec.storageQuota': 'What all its claims together may ask for.',
    'spec.storageQuota.hard':
      'The limits, named as in a ResourceQuota: persistentvolumeclaims, requests.storage, and either of one class, for example fast.storageclass.storage.k8s.io/requests.storage.',
    status: 'What the platform has counted.',
    'status.namespaces': 'The namespaces that are in the project.',
    'status.hard': 'The limits that were counted for.',
    'status.used': 'What its claims ask for.',
  },
};
