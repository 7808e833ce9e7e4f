import { trusted } from '#kit/json.ts';
import type { KindDefinition } from '../meta/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { configMapKind } from './config-map.ts';
import { csiDriverKind } from './csi-driver.ts';
import { csiNodeKind } from './csi-node.ts';
import { customResourceDefinitionKind } from './custom-resource-definition.ts';
import { eventKind } from './event.ts';
import { leaseKind } from './lease.ts';
import { namespaceKind } from './namespace.ts';
import { nodeKind } from './node.ts';
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts';
import { persistentVolumeKind } from './persistent-volume.ts';
import { podKind } from './pod.ts';
import { clusterRoleBindingKind, roleBindingKind } from './role-binding.ts';
import { clusterRoleKind, roleKind } from './role.ts';
import { secretKind } from './secret.ts';
import { serviceAccountKind } from './service-account.ts';
import { storageClassKind } from './storage-class.ts';
import { volumeAttachmentKind } from './volume-attachment.ts';
import { controllerRevisionKind } from './workloads/controller-revision.ts';
import { cronJobKind } from './workloads/cron-job.ts';
import { daemonSetKind } from './workloads/daemon-set.ts';
import { deploymentKind } from './workloads/deployment.ts';
import { jobKind } from './workloads/job.ts';
import { replicationControllerKind } from './workloads/replication-controller.ts';
import { replicaSetKind } from './workloads/replica-set.ts';
import { statefulSetKind } from './workloads/stateful-set.ts';
import { validatingAdmissionPolicyKind } from './policies/admission-policy.ts';
import { validatingAdmissionPolicyBindingKind } from './policies/admission-policy-binding.ts';
import { mutatingAdmissionPolicyKind } from './policies/mutating-policy.ts';
import { mutatingAdmissionPolicyBindingKind } from './policies/mutating-policy-binding.ts';
import { validatingWebhookConfigurationKind, mutatingWebhookConfigurationKind } from './webhooks/webhook-configurations.ts';
import { serviceKind } from './networking/service.ts';
import { endpointsKind } from './networking/endpoints.ts';
import { resourceQuotaKind } from './limits/resource-quota.ts';
import { limitRangeKind } from './limits/limit-range.ts';
import { podTemplateKind } from './workloads/pod-template-kind.ts';
import { csiStorageCapacityKind } from './csi-storage-capacity.ts';
import { volumeAttributesClassKind } from './volume-attributes-class.ts';
import { podDisruptionBudgetKind } from './limits/pod-disruption-budget.ts';
import { priorityClassKind } from './limits/priority-class.ts';
import { runtimeClassKind } from './limits/runtime-class.ts';
import { ingressKind } from './networking/ingress.ts';
import { ingressClassKind } from './networking/ingress-class.ts';
import { networkPolicyKind } from './networking/network-policy.ts';
import { endpointSliceKind } from './networking/endpoint-slice.ts';
import { horizontalPodAutoscalerKind } from './limits/horizontal-pod-autoscaler.ts';
import { regardingEventKind } from './regarding-event.ts';

/** Every kind that the embedded API serves by itself, in the order of discovery. */
export const BUILT_IN_KINDS: readonly KindDefinition[] = [
  anyKind(namespaceKind),
  anyKind(nodeKind),
  anyKind(podKind),
  anyKind(persistentVolumeKind),
  anyKind(persistentVolumeClaimKind),
  anyKind(secretKind),
  anyKind(configMapKind),
  anyKind(serviceAccountKind),
  anyKind(eventKind),
  anyKind(deploymentKind),
  anyKind(replicaSetKind),
  anyKind(statefulSetKind),
  anyKind(daemonSetKind),
  anyKind(controllerRevisionKind),
  anyKind(jobKind),
  anyKind(cronJobKind),
  anyKind(leaseKind),
  anyKind(storageClassKind),
  anyKind(csiDriverKind),
  anyKind(csiNodeKind),
  anyKind(volumeAttachmentKind),
  anyKind(roleKind),
  anyKind(roleBindingKind),
  anyKind(clusterRoleKind),
  anyKind(clusterRoleBindingKind),
  anyKind(customResourceDefinitionKind),
  anyKind(validatingAdmissionPolicyKind),
  anyKind(validatingAdmissionPolicyBindingKind),
  anyKind(mutatingAdmissionPolicyKind),
  anyKind(mutatingAdmissionPolicyBindingKind),
  anyKind(validatingWebhookConfigurationKind),
  anyKind(mutatingWebhookConfigurationKind),
  anyKind(serviceKind),
  anyKind(endpointsKind),
  anyKind(resourceQuotaKind),
  anyKind(limitRangeKind),
  anyKind(podTemplateKind),
  anyKind(replicationControllerKind),
  anyKind(csiStorageCapacityKind),
  anyKind(volumeAttributesClassKind),
  anyKind(podDisruptionBudgetKind),
  anyKind(priorityClassKind),
  anyKind(runtimeClassKind),
  anyKind(ingressKind),
  anyKind(ingressClassKind),
  anyKind(networkPolicyKind),
  anyKind(endpointSliceKind),
  anyKind(horizontalPodAutoscalerKind),
  anyKind(regardingEventKind),
];

/** The server gives a definition's functions only objects of its own kind that passed its schema, so the parameter's type may be widened. */
function anyKind<K extends KubeObject>(kind: KindDefinition<K>): KindDefinition {
  return trusted<KindDefinition>(kind);
}
