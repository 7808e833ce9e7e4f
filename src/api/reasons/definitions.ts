import type { ReasonSection } from './reason-section.ts';

/** Of definitions of kinds. */
export const DEFINITION_REASONS: ReasonSection = {
  title: { en: 'Conditions of CustomResourceDefinitions', zh: 'CustomResourceDefinition 的状况' },
  tables: [
    {
      intro: {
        en: 'In `kubectl get crd NAME -o yaml`, below `status.conditions`.',
        zh: '在 `kubectl get crd NAME -o yaml` 的 `status.conditions` 中。',
      },
      rows: [
        {
          names: ['InitialNamesAccepted'],
          means: { en: "The definition's names were free: its objects are served.", zh: '定义的名称可用，其对象已提供服务。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['NoConflicts'],
          means: { en: 'No other definition of the group has its names.', zh: '同组中没有其他定义使用这些名称。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['NotAccepted'],
          means: {
            en: 'The definition is not served, because another one has one of its names.',
            zh: '另一个定义占用了其名称，因此未提供服务。',
          },
          remedy: { en: 'Read the condition `NamesAccepted`.', zh: '查看状况 `NamesAccepted`。' },
        },
        {
          names: ['PluralConflict'],
          means: {
            en: 'Another definition of the group has this plural as plural, singular or short name.',
            zh: '同组的另一个定义已使用该复数名（作为复数、单数或短名）。',
          },
          remedy: {
            en: 'Choose another `spec.names.plural`, or delete the other definition.',
            zh: '另选 `spec.names.plural`，或删除另一个定义。',
          },
        },
        {
          names: ['SingularConflict'],
          means: { en: 'Another definition of the group has this singular.', zh: '同组的另一个定义已使用该单数名。' },
          remedy: { en: 'Choose another `spec.names.singular`.', zh: '另选 `spec.names.singular`。' },
        },
        {
          names: ['ShortNamesConflict'],
          means: { en: 'Another definition of the group has this short name.', zh: '同组的另一个定义已使用该短名。' },
          remedy: { en: 'Choose another of `spec.names.shortNames`.', zh: '另选 `spec.names.shortNames`。' },
        },
        {
          names: ['KindConflict'],
          means: { en: 'Another definition of the group has this kind.', zh: '同组的另一个定义已使用该 kind。' },
          remedy: { en: 'Choose another `spec.names.kind`.', zh: '另选 `spec.names.kind`。' },
        },
        {
          names: ['ListKindConflict'],
          means: { en: 'Another definition of the group has this list kind.', zh: '同组的另一个定义已使用该列表 kind。' },
          remedy: { en: 'Choose another `spec.names.listKind`.', zh: '另选 `spec.names.listKind`。' },
        },
        {
          names: ['InstanceDeletionInProgress'],
          means: { en: 'The definition is deleted, and first all its objects.', zh: '定义正在删除，先删除其全部对象。' },
          remedy: {
            en: 'Wait. Objects with finalizers stay until whoever set those takes them away: `kubectl get KIND -A -o yaml`.',
            zh: '请等待。带 finalizer 的对象要由其控制器移除 finalizer：`kubectl get KIND -A -o yaml`。',
          },
        },
        {
          names: ['ApprovedAnnotation'],
          means: {
            en: 'The definition is in a group of Kubernetes and says where that was approved.',
            zh: '定义属于 Kubernetes 保留组，并注明了批准出处。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['MissingAnnotation'],
          means: {
            en: 'The definition is in a group of Kubernetes (`*.k8s.io`) without saying where that was approved. It is served all the same; a cluster would refuse it.',
            zh: '定义属于 Kubernetes 保留组（`*.k8s.io`）但没有批准注解。此处仍提供服务，集群会拒绝。',
          },
          remedy: { en: "For one's own kinds take a domain of one's own as group.", zh: '自己的类型请使用自己的域名作为组。' },
        },
        {
          names: ['UnapprovedAnnotation'],
          means: {
            en: 'The annotation `api-approved.kubernetes.io` says that it was not approved.',
            zh: '注解 `api-approved.kubernetes.io` 表示未获批准。',
          },
          remedy: { en: 'Nothing, or see `MissingAnnotation`.', zh: '无需处理，或参见 `MissingAnnotation`。' },
        },
        {
          names: ['InvalidAnnotation'],
          means: {
            en: 'The annotation `api-approved.kubernetes.io` is neither a URL nor begins with `unapproved`.',
            zh: '注解 `api-approved.kubernetes.io` 既不是 URL，也不以 `unapproved` 开头。',
          },
          remedy: { en: 'Correct it.', zh: '请更正。' },
        },
      ],
    },
  ],
};
