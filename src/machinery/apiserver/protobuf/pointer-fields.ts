/**
 * Go writes every field that is no pointer, set or not. These are the scalar fields that are pointers in k8s.io/api types.go:
 * their zero value was meant, every other zero is noise. `Message.field`, or `.field` where all messages agree.
 */
const POINTERS: ReadonlySet<string> = new Set(
  [
    '.optional .immutable .defaultMode .mode .defaultUser .user .shareProcessNamespace .automountServiceAccountToken .collisionCount',
    'AzureDiskVolumeSource.readOnly CSIVolumeSource.readOnly ClientIPConfig.timeoutSeconds ContainerStatus.started FCVolumeSource.lun',
    'SecurityContext.privileged SecurityContext.runAsUser SecurityContext.runAsGroup SecurityContext.runAsNonRoot',
    'SecurityContext.readOnlyRootFilesystem SecurityContext.allowPrivilegeEscalation',
    'PodSecurityContext.runAsUser PodSecurityContext.runAsGroup PodSecurityContext.runAsNonRoot PodSecurityContext.fsGroup',
    'PodSpec.terminationGracePeriodSeconds PodSpec.activeDeadlineSeconds PodSpec.priority PodSpec.enableServiceLinks PodSpec.setHostnameAsFQDN PodSpec.hostUsers',
    'Probe.terminationGracePeriodSeconds ServiceAccountTokenProjection.expirationSeconds ServiceSpec.allocateLoadBalancerNodePorts',
    'Toleration.tolerationSeconds TopologySpreadConstraint.minDomains WindowsSecurityContextOptions.hostProcess NodeSwapStatus.capacity',
    'NodeFeatures.supplementalGroupsPolicy NodeRuntimeHandlerFeatures.recursiveReadOnlyMounts NodeRuntimeHandlerFeatures.userNamespaces',
    'PodLogOptions.sinceSeconds PodLogOptions.tailLines PodLogOptions.limitBytes PodCertificateProjection.maxExpirationSeconds',
    'ReplicationControllerSpec.replicas DeploymentSpec.replicas ReplicaSetSpec.replicas StatefulSetSpec.replicas',
    'DaemonSetSpec.revisionHistoryLimit DeploymentSpec.revisionHistoryLimit StatefulSetSpec.revisionHistoryLimit DeploymentSpec.progressDeadlineSeconds',
    'DeploymentStatus.terminatingReplicas ReplicaSetStatus.terminatingReplicas RollingUpdateStatefulSetStrategy.partition',
    'CronJobSpec.startingDeadlineSeconds CronJobSpec.suspend CronJobSpec.successfulJobsHistoryLimit CronJobSpec.failedJobsHistoryLimit',
    'JobSpec.parallelism JobSpec.completions JobSpec.activeDeadlineSeconds JobSpec.backoffLimit JobSpec.backoffLimitPerIndex',
    'JobSpec.maxFailedIndexes JobSpec.manualSelector JobSpec.ttlSecondsAfterFinished JobSpec.suspend JobStatus.terminating JobStatus.ready',
    'HorizontalPodAutoscalerSpec.minReplicas HorizontalPodAutoscalerSpec.targetCPUUtilizationPercentage HorizontalPodAutoscalerStatus.observedGeneration',
    'EndpointConditions.ready EndpointConditions.serving EndpointConditions.terminating HPAScalingRules.stabilizationWindowSeconds',
    'TokenRequestSpec.expirationSeconds TokenRequest.expirationSeconds',
    'DeleteOptions.gracePeriodSeconds DeleteOptions.orphanDependents DeleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential',
    'DeleteOptions.propagationPolicy Preconditions.uid Preconditions.resourceVersion PatchOptions.force ListMeta.remainingItemCount',
    'ObjectMeta.deletionGracePeriodSeconds OwnerReference.controller OwnerReference.blockOwnerDeletion',
    'CSIDriverSpec.attachRequired CSIDriverSpec.podInfoOnMount CSIDriverSpec.storageCapacity CSIDriverSpec.requiresRepublish CSIDriverSpec.seLinuxMount',
    'CSIDriverSpec.nodeAllocatableUpdatePeriodSeconds CSIDriverSpec.serviceAccountTokenInSecrets CSIDriverSpec.preventPodSchedulingIfMissing',
    'StorageClass.allowVolumeExpansion VolumeError.errorCode VolumeNodeResources.count LeaseSpec.leaseDurationSeconds LeaseSpec.leaseTransitions',
    'PersistentVolumeClaimSpec.storageClassName PersistentVolumeClaimSpec.volumeAttributesClassName PersistentVolumeSpec.volumeAttributesClassName',
    'HostPathVolumeSource.type TypedLocalObjectReference.apiGroup TypedObjectReference.apiGroup LeaseSpec.holderIdentity',
  ].flatMap((line) => line.split(' ')),
);

/** Message fields that are values in Go, so that an empty one says nothing; elsewhere an empty message (`emptyDir: {}`) was meant. */
const VALUES: ReadonlySet<string> = new Set(
  'metadata spec status resources strategy updateStrategy template state lastState nodeInfo daemonEndpoints kubeletEndpoint involvedObject'.split(
    ' ',
  ),
);

/** True where the zero value (0, false, empty text) of a scalar field was meant. */
export function isPointerField(message: string, field: string): boolean {
  return POINTERS.has(`.${field}`) || POINTERS.has(`${message}.${field}`);
}

/** True where an empty message says nothing. */
export function isValueField(message: string, field: string): boolean {
  return VALUES.has(field) || (message === 'Event' && field === 'source');
}
