import type { Descriptions } from './descriptions.ts';

/** Texts for what every object has. */
export const META_DESCRIPTIONS: Descriptions = {
  'v1.ObjectMeta': {
    '': "Standard object's metadata, what every object has: its name, labels, owners and history.",
    name: 'Unique in the namespace among objects of the kind. Can not be changed.',
    namespace: 'The space in which the name is unique. Cluster-wide kinds have none. Can not be changed.',
    generateName: 'The beginning of a name that the server completes; used where name is empty.',
    labels: 'Keys and values by which objects are selected.',
    annotations: 'Keys and values that programs keep with the object; not for selection.',
    uid: 'Unique in time and space; a new object of the same name has another one. Set by the server.',
    resourceVersion: 'Changes with every write; compare for equality only. Set by the server.',
    generation: 'Counts changes of what is asked for (the spec). Set by the server.',
    creationTimestamp: 'CreationTimestamp is a timestamp: when the object was made. Set by the server.',
    deletionTimestamp: 'When deletion was asked for; the object goes once its finalizers are gone. Set by the server.',
    deletionGracePeriodSeconds: 'How many seconds a pod has to end. Set by the server.',
    finalizers: 'What must be cleaned up before the object can go; the one who cleans takes its entry out.',
    ownerReferences: 'Objects that this one belongs to; when all are gone, it is deleted too.',
    managedFields: 'Who set which fields; kept by the server for apply.',
  },
  'v1.LabelSelector': {
    '': 'Selects objects by labels: everything in matchLabels and matchExpressions must hold.',
    matchLabels: 'Labels with the values that they must have.',
    matchExpressions: 'Conditions on labels: In, NotIn, Exists, DoesNotExist.',
  },
  'v1.ListMeta': {
    '': 'What every list has.',
    continue: 'Ask with this token for the next page.',
    resourceVersion: 'The state that the list shows; watch from here.',
  },
};
