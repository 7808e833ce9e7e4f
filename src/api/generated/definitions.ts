// Made by `npm run generate` from the definitions that Stowage brings along. Do not edit.
import type { KubeObject } from '../meta/object.ts';
import type { Resource } from '../meta/resource.ts';

/** populators.stowage.dev/v1alpha1, in a namespace. */
export interface Archive extends KubeObject {
  readonly spec: {
    readonly archivePath?: string | undefined;
    readonly caBundle?: string | undefined;
    readonly extractPath?: string | undefined;
    readonly sha256?: string | undefined;
    readonly sourceURL: string;
  };
}

export const archives: Resource<Archive> = {
  group: 'populators.stowage.dev',
  version: 'v1alpha1',
  kind: 'Archive',
  listKind: 'ArchiveList',
  plural: 'archives',
  singular: 'archive',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** objectstorage.k8s.io/v1alpha1, of the cluster. */
export interface Bucket extends KubeObject {
  readonly spec?: {
    readonly bucketClaim: {
      readonly apiVersion?: string | undefined;
      readonly fieldPath?: string | undefined;
      readonly kind?: string | undefined;
      readonly name?: string | undefined;
      readonly namespace?: string | undefined;
      readonly resourceVersion?: string | undefined;
      readonly uid?: string | undefined;
    };
    readonly bucketClassName: string;
    readonly deletionPolicy?: string | undefined;
    readonly driverName: string;
    readonly existingBucketID?: string | undefined;
    readonly parameters?: Readonly<Record<string, string>> | undefined;
    readonly protocols: readonly (string)[];
  } | undefined;
  readonly status?: {
    readonly bucketID?: string | undefined;
    readonly bucketReady?: boolean | undefined;
  } | undefined;
}

export const buckets: Resource<Bucket> = {
  group: 'objectstorage.k8s.io',
  version: 'v1alpha1',
  kind: 'Bucket',
  listKind: 'BucketList',
  plural: 'buckets',
  singular: 'bucket',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** objectstorage.k8s.io/v1alpha1, in a namespace. */
export interface BucketAccess extends KubeObject {
  readonly spec?: {
    readonly bucketAccessClassName: string;
    readonly bucketClaimName: string;
    readonly credentialsSecretName: string;
    readonly protocol?: string | undefined;
    readonly serviceAccountName?: string | undefined;
  } | undefined;
  readonly status?: {
    readonly accessGranted?: boolean | undefined;
    readonly accountID?: string | undefined;
  } | undefined;
}

export const bucketAccesses: Resource<BucketAccess> = {
  group: 'objectstorage.k8s.io',
  version: 'v1alpha1',
  kind: 'BucketAccess',
  listKind: 'BucketAccessList',
  plural: 'bucketaccesses',
  singular: 'bucketaccess',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** objectstorage.k8s.io/v1alpha1, of the cluster. */
export interface BucketAccessClass extends KubeObject {
  readonly authenticationType: string;
  readonly driverName: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export const bucketAccessClasses: Resource<BucketAccessClass> = {
  group: 'objectstorage.k8s.io',
  version: 'v1alpha1',
  kind: 'BucketAccessClass',
  listKind: 'BucketAccessClassList',
  plural: 'bucketaccessclasses',
  singular: 'bucketaccessclass',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** objectstorage.k8s.io/v1alpha1, in a namespace. */
export interface BucketClaim extends KubeObject {
  readonly spec?: {
    readonly bucketClassName?: string | undefined;
    readonly existingBucketName?: string | undefined;
    readonly protocol?: {
      readonly azure?: Readonly<Record<string, unknown>> | undefined;
      readonly gcs?: Readonly<Record<string, unknown>> | undefined;
      readonly s3?: Readonly<Record<string, unknown>> | undefined;
    } | undefined;
    readonly protocols?: readonly (string)[] | undefined;
  } | undefined;
  readonly status?: {
    readonly bucketName?: string | undefined;
    readonly bucketReady: boolean;
  } | undefined;
}

export const bucketClaims: Resource<BucketClaim> = {
  group: 'objectstorage.k8s.io',
  version: 'v1alpha1',
  kind: 'BucketClaim',
  listKind: 'BucketClaimList',
  plural: 'bucketclaims',
  singular: 'bucketclaim',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** objectstorage.k8s.io/v1alpha1, of the cluster. */
export interface BucketClass extends KubeObject {
  readonly deletionPolicy: string;
  readonly driverName: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export const bucketClasses: Resource<BucketClass> = {
  group: 'objectstorage.k8s.io',
  version: 'v1alpha1',
  kind: 'BucketClass',
  listKind: 'BucketClassList',
  plural: 'bucketclasses',
  singular: 'bucketclass',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** ceph.rook.io/v1, in a namespace. */
export interface CephObjectStoreUser extends KubeObject {
  readonly spec: {
    readonly accountRef?: {
      readonly name: string;
    } | undefined;
    readonly capabilities?: {
      readonly accounts?: unknown | undefined;
      readonly 'amz-cache'?: unknown | undefined;
      readonly bilog?: unknown | undefined;
      readonly bucket?: unknown | undefined;
      readonly buckets?: unknown | undefined;
      readonly datalog?: unknown | undefined;
      readonly info?: unknown | undefined;
      readonly mdlog?: unknown | undefined;
      readonly metadata?: unknown | undefined;
      readonly 'oidc-provider'?: unknown | undefined;
      readonly ratelimit?: unknown | undefined;
      readonly roles?: unknown | undefined;
      readonly usage?: unknown | undefined;
      readonly user?: unknown | undefined;
      readonly 'user-policy'?: unknown | undefined;
      readonly userInfoWithoutKeys?: unknown | undefined;
      readonly users?: unknown | undefined;
      readonly zone?: unknown | undefined;
    } | undefined;
    readonly clusterNamespace?: string | undefined;
    readonly displayName?: string | undefined;
    readonly keys?: readonly ({
      readonly accessKeyRef?: {
        readonly key: string;
        readonly name?: string | undefined;
        readonly optional?: boolean | undefined;
      } | undefined;
      readonly secretKeyRef?: {
        readonly key: string;
        readonly name?: string | undefined;
        readonly optional?: boolean | undefined;
      } | undefined;
    })[] | undefined;
    readonly opMask?: readonly ('read' | 'write' | 'delete')[] | undefined;
    readonly quotas?: {
      readonly maxBuckets?: number | undefined;
      readonly maxObjects?: number | undefined;
      readonly maxSize?: string | number | undefined;
    } | undefined;
    readonly store?: string | undefined;
  };
  readonly status?: {
    readonly info?: Readonly<Record<string, string>> | undefined;
    readonly keys?: readonly ({
      readonly name?: string | undefined;
      readonly namespace?: string | undefined;
      readonly resourceVersion?: string | undefined;
      readonly uid?: string | undefined;
    })[] | undefined;
    readonly observedGeneration?: number | undefined;
    readonly phase?: string | undefined;
  } | undefined;
}

export const cephObjectStoreUsers: Resource<CephObjectStoreUser> = {
  group: 'ceph.rook.io',
  version: 'v1',
  kind: 'CephObjectStoreUser',
  listKind: 'CephObjectStoreUserList',
  plural: 'cephobjectstoreusers',
  singular: 'cephobjectstoreuser',
  shortNames: ['rcou', 'objectuser', 'cephosu'],
  categories: [],
  isNamespaced: true,
};

/** populators.stowage.dev/v1alpha1, in a namespace. */
export interface ClaimDirectory extends KubeObject {
  readonly spec: {
    readonly claimName: string;
    readonly extractPath?: string | undefined;
    readonly path?: string | undefined;
  };
}

export const claimDirectories: Resource<ClaimDirectory> = {
  group: 'populators.stowage.dev',
  version: 'v1alpha1',
  kind: 'ClaimDirectory',
  listKind: 'ClaimDirectoryList',
  plural: 'claimdirectories',
  singular: 'claimdirectory',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** volumes.stowage.dev/v1alpha1, in a namespace. */
export interface DeletedClaim extends KubeObject {
  readonly spec: {
    readonly claim: Readonly<Record<string, unknown>>;
    readonly claimName: string;
    readonly claimUid: string;
    readonly deletedAt: string;
    readonly keptUntil: string;
    readonly storage: string;
    readonly storageClassName?: string | undefined;
    readonly volumeAttributesClassName?: string | undefined;
  };
}

export const deletedClaims: Resource<DeletedClaim> = {
  group: 'volumes.stowage.dev',
  version: 'v1alpha1',
  kind: 'DeletedClaim',
  listKind: 'DeletedClaimList',
  plural: 'deletedclaims',
  singular: 'deletedclaim',
  shortNames: ['dpvc'],
  categories: [],
  isNamespaced: true,
};

/** local.storage.openshift.io/v1, in a namespace. */
export interface LocalVolume extends KubeObject {
  readonly spec?: {
    readonly logLevel?: '' | 'Normal' | 'Debug' | 'Trace' | 'TraceAll' | undefined;
    readonly managementState?: string | undefined;
    readonly nodeSelector?: {
      readonly nodeSelectorTerms: readonly ({
        readonly matchExpressions?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
        readonly matchFields?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
      })[];
    } | undefined;
    readonly storageClassDevices?: readonly ({
      readonly devicePaths?: readonly (string)[] | undefined;
      readonly forceWipeDevicesAndDestroyAllData?: boolean | undefined;
      readonly fsType?: string | undefined;
      readonly storageClassName: string;
      readonly volumeMode?: string | undefined;
    })[] | undefined;
    readonly tolerations?: readonly ({
      readonly effect?: string | undefined;
      readonly key?: string | undefined;
      readonly operator?: string | undefined;
      readonly tolerationSeconds?: number | undefined;
      readonly value?: string | undefined;
    })[] | undefined;
  } | undefined;
  readonly status?: {
    readonly conditions?: readonly ({
      readonly lastTransitionTime: string;
      readonly message?: string | undefined;
      readonly reason?: string | undefined;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly type: string;
    })[] | undefined;
    readonly generations?: readonly ({
      readonly group: string;
      readonly hash?: string | undefined;
      readonly lastGeneration?: number | undefined;
      readonly name: string;
      readonly namespace: string;
      readonly resource: string;
    })[] | undefined;
    readonly managementState?: string | undefined;
    readonly observedGeneration?: number | undefined;
    readonly readyReplicas: number;
  } | undefined;
}

export const localVolumes: Resource<LocalVolume> = {
  group: 'local.storage.openshift.io',
  version: 'v1',
  kind: 'LocalVolume',
  listKind: 'LocalVolumeList',
  plural: 'localvolumes',
  singular: 'localvolume',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** local.storage.openshift.io/v1, in a namespace. */
export interface LocalVolumeDeviceLink extends KubeObject {
  readonly spec: {
    readonly nodeName: string;
    readonly persistentVolumeName: string;
    readonly policy?: 'None' | 'CurrentLinkTarget' | 'PreferredLinkTarget' | undefined;
  };
  readonly status?: {
    readonly conditions?: readonly ({
      readonly lastTransitionTime: string;
      readonly message?: string | undefined;
      readonly reason?: string | undefined;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly type: string;
    })[] | undefined;
    readonly currentLinkTarget: string;
    readonly filesystemUUID?: string | undefined;
    readonly persistentVolumeSymlinkPath?: string | undefined;
    readonly preferredLinkTarget?: string | undefined;
    readonly validLinkTargets?: readonly (string)[] | undefined;
  } | undefined;
}

export const localVolumeDeviceLinks: Resource<LocalVolumeDeviceLink> = {
  group: 'local.storage.openshift.io',
  version: 'v1',
  kind: 'LocalVolumeDeviceLink',
  listKind: 'LocalVolumeDeviceLinkList',
  plural: 'localvolumedevicelinks',
  singular: 'localvolumedevicelink',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** local.storage.openshift.io/v1alpha1, in a namespace. */
export interface LocalVolumeDiscovery extends KubeObject {
  readonly spec?: {
    readonly nodeSelector?: {
      readonly nodeSelectorTerms: readonly ({
        readonly matchExpressions?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
        readonly matchFields?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
      })[];
    } | undefined;
    readonly tolerations?: readonly ({
      readonly effect?: string | undefined;
      readonly key?: string | undefined;
      readonly operator?: string | undefined;
      readonly tolerationSeconds?: number | undefined;
      readonly value?: string | undefined;
    })[] | undefined;
  } | undefined;
  readonly status?: {
    readonly conditions?: readonly ({
      readonly lastTransitionTime: string;
      readonly message?: string | undefined;
      readonly reason?: string | undefined;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly type: string;
    })[] | undefined;
    readonly observedGeneration?: number | undefined;
    readonly phase?: string | undefined;
  } | undefined;
}

export const localVolumeDiscoveries: Resource<LocalVolumeDiscovery> = {
  group: 'local.storage.openshift.io',
  version: 'v1alpha1',
  kind: 'LocalVolumeDiscovery',
  listKind: 'LocalVolumeDiscoveryList',
  plural: 'localvolumediscoveries',
  singular: 'localvolumediscovery',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** local.storage.openshift.io/v1alpha1, in a namespace. */
export interface LocalVolumeDiscoveryResult extends KubeObject {
  readonly spec?: {
    readonly nodeName: string;
  } | undefined;
  readonly status?: {
    readonly discoveredDevices?: readonly ({
      readonly deviceID: string;
      readonly fstype: string;
      readonly model: string;
      readonly path: string;
      readonly property: string;
      readonly serial: string;
      readonly size: number;
      readonly status: {
        readonly state: string;
      };
      readonly type: string;
      readonly vendor: string;
    })[] | undefined;
    readonly discoveredTimeStamp?: string | undefined;
  } | undefined;
}

export const localVolumeDiscoveryResults: Resource<LocalVolumeDiscoveryResult> = {
  group: 'local.storage.openshift.io',
  version: 'v1alpha1',
  kind: 'LocalVolumeDiscoveryResult',
  listKind: 'LocalVolumeDiscoveryResultList',
  plural: 'localvolumediscoveryresults',
  singular: 'localvolumediscoveryresult',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** local.storage.openshift.io/v1alpha1, in a namespace. */
export interface LocalVolumeSet extends KubeObject {
  readonly spec?: {
    readonly deviceExclusionSpec?: {
      readonly deviceNameFilter?: readonly (string)[] | undefined;
    } | undefined;
    readonly deviceInclusionSpec?: {
      readonly deviceMechanicalProperties?: readonly (string)[] | undefined;
      readonly deviceTypes?: readonly (string)[] | undefined;
      readonly maxSize?: string | number | undefined;
      readonly minSize?: string | number | undefined;
      readonly models?: readonly (string)[] | undefined;
      readonly vendors?: readonly (string)[] | undefined;
    } | undefined;
    readonly fsType?: string | undefined;
    readonly maxDeviceCount?: number | undefined;
    readonly nodeSelector?: {
      readonly nodeSelectorTerms: readonly ({
        readonly matchExpressions?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
        readonly matchFields?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
      })[];
    } | undefined;
    readonly storageClassName: string;
    readonly tolerations?: readonly ({
      readonly effect?: string | undefined;
      readonly key?: string | undefined;
      readonly operator?: string | undefined;
      readonly tolerationSeconds?: number | undefined;
      readonly value?: string | undefined;
    })[] | undefined;
    readonly volumeMode?: string | undefined;
  } | undefined;
  readonly status?: {
    readonly conditions?: readonly ({
      readonly lastTransitionTime: string;
      readonly message?: string | undefined;
      readonly reason?: string | undefined;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly type: string;
    })[] | undefined;
    readonly observedGeneration?: number | undefined;
    readonly totalProvisionedDeviceCount?: number | undefined;
  } | undefined;
}

export const localVolumeSets: Resource<LocalVolumeSet> = {
  group: 'local.storage.openshift.io',
  version: 'v1alpha1',
  kind: 'LocalVolumeSet',
  listKind: 'LocalVolumeSetList',
  plural: 'localvolumesets',
  singular: 'localvolumeset',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** topolvm.io/v1, of the cluster. */
export interface LogicalVolume extends KubeObject {
  readonly spec?: {
    readonly accessType?: string | undefined;
    readonly deviceClass?: string | undefined;
    readonly lvcreateOptionClass?: string | undefined;
    readonly name: string;
    readonly nodeName: string;
    readonly size: string | number;
    readonly source?: string | undefined;
  } | undefined;
  readonly status?: {
    readonly code?: number | undefined;
    readonly currentSize?: string | number | undefined;
    readonly message?: string | undefined;
    readonly volumeID?: string | undefined;
  } | undefined;
}

export const logicalVolumes: Resource<LogicalVolume> = {
  group: 'topolvm.io',
  version: 'v1',
  kind: 'LogicalVolume',
  listKind: 'LogicalVolumeList',
  plural: 'logicalvolumes',
  singular: 'logicalvolume',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** cluster.alauda.io/v1alpha1, of the cluster. */
export interface ModuleConfig extends KubeObject {
  readonly spec?: {
    readonly config?: Readonly<Record<string, unknown>> | undefined;
    readonly configSchema?: Readonly<Record<string, unknown>> | undefined;
    readonly dependencies?: readonly (string)[] | undefined;
    readonly moduleName?: string | undefined;
    readonly version?: string | undefined;
  } | undefined;
  readonly status?: {
    readonly message?: string | undefined;
    readonly phase?: string | undefined;
    readonly reason?: string | undefined;
    readonly version?: string | undefined;
  } | undefined;
}

export const moduleConfigs: Resource<ModuleConfig> = {
  group: 'cluster.alauda.io',
  version: 'v1alpha1',
  kind: 'ModuleConfig',
  listKind: 'ModuleConfigList',
  plural: 'moduleconfigs',
  singular: 'moduleconfig',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** cluster.alauda.io/v1alpha1, of the cluster. */
export interface ModuleInfo extends KubeObject {
  readonly spec?: {
    readonly approvedVersion?: string | undefined;
    readonly channel?: string | undefined;
    readonly config?: Readonly<Record<string, unknown>> | undefined;
    readonly installMode?: 'Cluster' | undefined;
    readonly installPlanApproval?: 'Automatic' | 'Manual' | undefined;
    readonly namespace?: string | undefined;
    readonly targetClusters?: readonly (string)[] | undefined;
    readonly version?: string | undefined;
  } | undefined;
  readonly status?: {
    readonly availableVersion?: string | undefined;
    readonly brought?: readonly ({
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string | undefined;
      readonly plural: string;
    })[] | undefined;
    readonly message?: string | undefined;
    readonly observedGeneration?: number | undefined;
    readonly phase?: string | undefined;
    readonly reason?: string | undefined;
    readonly retriedAt?: string | undefined;
    readonly state?: string | undefined;
    readonly targetVersion?: string | undefined;
    readonly version?: string | undefined;
  } | undefined;
}

export const moduleInfoes: Resource<ModuleInfo> = {
  group: 'cluster.alauda.io',
  version: 'v1alpha1',
  kind: 'ModuleInfo',
  listKind: 'ModuleInfoList',
  plural: 'moduleinfoes',
  singular: 'moduleinfo',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** cluster.alauda.io/v1alpha1, of the cluster. */
export interface ModulePlugin extends KubeObject {
  readonly spec?: {
    readonly configSchema?: Readonly<Record<string, unknown>> | undefined;
    readonly defaultChannel?: string | undefined;
    readonly defaultConfig?: Readonly<Record<string, unknown>> | undefined;
    readonly dependencies?: readonly (string)[] | undefined;
    readonly description?: Readonly<Record<string, unknown>> | undefined;
    readonly displayName?: Readonly<Record<string, unknown>> | undefined;
    readonly installMode?: string | undefined;
    readonly name?: string | undefined;
    readonly recommendedNamespace?: string | undefined;
    readonly version?: string | undefined;
  } | undefined;
  readonly status?: {
    readonly brings?: readonly (string)[] | undefined;
    readonly message?: string | undefined;
    readonly phase?: string | undefined;
    readonly preflight?: {
      readonly lacks?: readonly (string)[] | undefined;
      readonly requestedAt?: string | undefined;
    } | undefined;
    readonly reason?: string | undefined;
    readonly version?: string | undefined;
    readonly versions?: readonly ({
      readonly channel?: string | undefined;
      readonly isTrusted?: boolean | undefined;
      readonly signer?: string | undefined;
      readonly source?: string | undefined;
      readonly version: string;
    })[] | undefined;
  } | undefined;
}

export const modulePlugins: Resource<ModulePlugin> = {
  group: 'cluster.alauda.io',
  version: 'v1alpha1',
  kind: 'ModulePlugin',
  listKind: 'ModulePluginList',
  plural: 'moduleplugins',
  singular: 'moduleplugin',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** plugins.stowage.dev/v1alpha1, of the cluster. */
export interface PluginPackage extends KubeObject {
  readonly spec: {
    readonly archive: string;
  };
  readonly status?: {
    readonly channel?: string | undefined;
    readonly digest?: string | undefined;
    readonly fingerprint?: string | undefined;
    readonly message?: string | undefined;
    readonly phase?: string | undefined;
    readonly plugin?: string | undefined;
    readonly signer?: string | undefined;
    readonly version?: string | undefined;
  } | undefined;
}

export const pluginPackages: Resource<PluginPackage> = {
  group: 'plugins.stowage.dev',
  version: 'v1alpha1',
  kind: 'PluginPackage',
  listKind: 'PluginPackageList',
  plural: 'pluginpackages',
  singular: 'pluginpackage',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** plugins.stowage.dev/v1alpha1, of the cluster. */
export interface PluginSigner extends KubeObject {
  readonly spec: {
    readonly publicKey: string;
  };
  readonly status?: {
    readonly fingerprint?: string | undefined;
  } | undefined;
}

export const pluginSigners: Resource<PluginSigner> = {
  group: 'plugins.stowage.dev',
  version: 'v1alpha1',
  kind: 'PluginSigner',
  listKind: 'PluginSignerList',
  plural: 'pluginsigners',
  singular: 'pluginsigner',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** stowage.dev/v1alpha1, of the cluster. */
export interface Project extends KubeObject {
  readonly spec?: {
    readonly defaultStorageClassName?: string | undefined;
    readonly description?: string | undefined;
    readonly displayName?: string | undefined;
    readonly storageQuota?: {
      readonly hard?: Readonly<Record<string, string | number>> | undefined;
    } | undefined;
  } | undefined;
  readonly status?: {
    readonly hard?: Readonly<Record<string, string | number>> | undefined;
    readonly namespaces?: readonly (string)[] | undefined;
    readonly used?: Readonly<Record<string, string | number>> | undefined;
  } | undefined;
}

export const projects: Resource<Project> = {
  group: 'stowage.dev',
  version: 'v1alpha1',
  kind: 'Project',
  listKind: 'ProjectList',
  plural: 'projects',
  singular: 'project',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** gateway.networking.k8s.io/v1beta1, in a namespace. */
export interface ReferenceGrant extends KubeObject {
  readonly spec?: {
    readonly from: readonly ({
      readonly group: string;
      readonly kind: string;
      readonly namespace: string;
    })[];
    readonly to: readonly ({
      readonly group: string;
      readonly kind: string;
      readonly name?: string | undefined;
    })[];
  } | undefined;
}

export const referenceGrants: Resource<ReferenceGrant> = {
  group: 'gateway.networking.k8s.io',
  version: 'v1beta1',
  kind: 'ReferenceGrant',
  listKind: 'ReferenceGrantList',
  plural: 'referencegrants',
  singular: 'referencegrant',
  shortNames: ['refgrant'],
  categories: ['gateway-api'],
  isNamespaced: true,
};

/** volsync.backube/v1alpha1, in a namespace. */
export interface ReplicationDestination extends KubeObject {
  readonly spec?: {
    readonly external?: {
      readonly parameters?: Readonly<Record<string, string>> | undefined;
      readonly provider?: string | undefined;
    } | undefined;
    readonly paused?: boolean | undefined;
    readonly rclone?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly capacity?: string | number | undefined;
      readonly cleanupTempPVC?: boolean | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly customCA?: {
        readonly configMapName?: string | undefined;
        readonly key?: string | undefined;
        readonly secretName?: string | undefined;
      } | undefined;
      readonly destinationPVC?: string | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly rcloneConfig?: string | undefined;
      readonly rcloneConfigSection?: string | undefined;
      readonly rcloneDestPath?: string | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly restic?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly cacheAccessModes?: readonly (string)[] | undefined;
      readonly cacheCapacity?: string | number | undefined;
      readonly cacheStorageClassName?: string | undefined;
      readonly capacity?: string | number | undefined;
      readonly cleanupCachePVC?: boolean | undefined;
      readonly cleanupTempPVC?: boolean | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly customCA?: {
        readonly configMapName?: string | undefined;
        readonly key?: string | undefined;
        readonly secretName?: string | undefined;
      } | undefined;
      readonly destinationPVC?: string | undefined;
      readonly enableFileDeletion?: boolean | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly previous?: number | undefined;
      readonly repository?: string | undefined;
      readonly restoreAsOf?: string | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly rsync?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly address?: string | undefined;
      readonly capacity?: string | number | undefined;
      readonly cleanupTempPVC?: boolean | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly destinationPVC?: string | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly path?: string | undefined;
      readonly port?: number | undefined;
      readonly serviceAnnotations?: Readonly<Record<string, string>> | undefined;
      readonly serviceType?: string | undefined;
      readonly sshKeys?: string | undefined;
      readonly sshUser?: string | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeMode?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly rsyncTLS?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly capacity?: string | number | undefined;
      readonly cleanupTempPVC?: boolean | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly destinationPVC?: string | undefined;
      readonly keySecret?: string | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly serviceAnnotations?: Readonly<Record<string, string>> | undefined;
      readonly serviceType?: string | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeMode?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly trigger?: {
      readonly manual?: string | undefined;
      readonly schedule?: string | undefined;
    } | undefined;
  } | undefined;
  readonly status?: {
    readonly conditions?: readonly ({
      readonly lastTransitionTime: string;
      readonly message: string;
      readonly observedGeneration?: number | undefined;
      readonly reason: string;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly type: string;
    })[] | undefined;
    readonly external?: Readonly<Record<string, string>> | undefined;
    readonly lastManualSync?: string | undefined;
    readonly lastSyncDuration?: string | undefined;
    readonly lastSyncStartTime?: string | undefined;
    readonly lastSyncTime?: string | undefined;
    readonly latestImage?: {
      readonly apiGroup?: string | undefined;
      readonly kind: string;
      readonly name: string;
    } | undefined;
    readonly latestMoverStatus?: {
      readonly logs?: string | undefined;
      readonly result?: string | undefined;
    } | undefined;
    readonly nextSyncTime?: string | undefined;
    readonly rsync?: {
      readonly address?: string | undefined;
      readonly port?: number | undefined;
      readonly sshKeys?: string | undefined;
    } | undefined;
    readonly rsyncTLS?: {
      readonly address?: string | undefined;
      readonly keySecret?: string | undefined;
      readonly port?: number | undefined;
    } | undefined;
  } | undefined;
}

export const replicationDestinations: Resource<ReplicationDestination> = {
  group: 'volsync.backube',
  version: 'v1alpha1',
  kind: 'ReplicationDestination',
  listKind: 'ReplicationDestinationList',
  plural: 'replicationdestinations',
  singular: 'replicationdestination',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** volsync.backube/v1alpha1, in a namespace. */
export interface ReplicationSource extends KubeObject {
  readonly spec?: {
    readonly external?: {
      readonly parameters?: Readonly<Record<string, string>> | undefined;
      readonly provider?: string | undefined;
    } | undefined;
    readonly paused?: boolean | undefined;
    readonly rclone?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly capacity?: string | number | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly customCA?: {
        readonly configMapName?: string | undefined;
        readonly key?: string | undefined;
        readonly secretName?: string | undefined;
      } | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly rcloneConfig?: string | undefined;
      readonly rcloneConfigSection?: string | undefined;
      readonly rcloneDestPath?: string | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly restic?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly cacheAccessModes?: readonly (string)[] | undefined;
      readonly cacheCapacity?: string | number | undefined;
      readonly cacheStorageClassName?: string | undefined;
      readonly capacity?: string | number | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly customCA?: {
        readonly configMapName?: string | undefined;
        readonly key?: string | undefined;
        readonly secretName?: string | undefined;
      } | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly pruneIntervalDays?: number | undefined;
      readonly repository?: string | undefined;
      readonly retain?: {
        readonly daily?: number | undefined;
        readonly hourly?: number | undefined;
        readonly last?: string | undefined;
        readonly monthly?: number | undefined;
        readonly weekly?: number | undefined;
        readonly within?: string | undefined;
        readonly yearly?: number | undefined;
      } | undefined;
      readonly storageClassName?: string | undefined;
      readonly unlock?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly rsync?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly address?: string | undefined;
      readonly capacity?: string | number | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly path?: string | undefined;
      readonly port?: number | undefined;
      readonly serviceType?: string | undefined;
      readonly sshKeys?: string | undefined;
      readonly sshUser?: string | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly rsyncTLS?: {
      readonly accessModes?: readonly (string)[] | undefined;
      readonly address?: string | undefined;
      readonly capacity?: string | number | undefined;
      readonly copyMethod?: 'Direct' | 'None' | 'Clone' | 'Snapshot' | undefined;
      readonly keySecret?: string | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly port?: number | undefined;
      readonly storageClassName?: string | undefined;
      readonly volumeSnapshotClassName?: string | undefined;
    } | undefined;
    readonly sourcePVC?: string | undefined;
    readonly syncthing?: {
      readonly configAccessModes?: readonly (string)[] | undefined;
      readonly configCapacity?: string | number | undefined;
      readonly configStorageClassName?: string | undefined;
      readonly moverAffinity?: {
        readonly nodeAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly preference: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms: readonly ({
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchFields?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
            })[];
          } | undefined;
        } | undefined;
        readonly podAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
        readonly podAntiAffinity?: {
          readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly podAffinityTerm: {
              readonly labelSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly matchLabelKeys?: readonly (string)[] | undefined;
              readonly mismatchLabelKeys?: readonly (string)[] | undefined;
              readonly namespaces?: readonly (string)[] | undefined;
              readonly namespaceSelector?: {
                readonly matchExpressions?: readonly ({
                  readonly key: string;
                  readonly operator: string;
                  readonly values?: readonly (string)[] | undefined;
                })[] | undefined;
                readonly matchLabels?: Readonly<Record<string, string>> | undefined;
              } | undefined;
              readonly topologyKey: string;
            };
            readonly weight: number;
          })[] | undefined;
          readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ({
            readonly labelSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly matchLabelKeys?: readonly (string)[] | undefined;
            readonly mismatchLabelKeys?: readonly (string)[] | undefined;
            readonly namespaces?: readonly (string)[] | undefined;
            readonly namespaceSelector?: {
              readonly matchExpressions?: readonly ({
                readonly key: string;
                readonly operator: string;
                readonly values?: readonly (string)[] | undefined;
              })[] | undefined;
              readonly matchLabels?: Readonly<Record<string, string>> | undefined;
            } | undefined;
            readonly topologyKey: string;
          })[] | undefined;
        } | undefined;
      } | undefined;
      readonly moverPodLabels?: Readonly<Record<string, string>> | undefined;
      readonly moverResources?: {
        readonly claims?: readonly ({
          readonly name: string;
          readonly request?: string | undefined;
        })[] | undefined;
        readonly limits?: Readonly<Record<string, string | number>> | undefined;
        readonly requests?: Readonly<Record<string, string | number>> | undefined;
      } | undefined;
      readonly moverSecurityContext?: {
        readonly appArmorProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly fsGroup?: number | undefined;
        readonly fsGroupChangePolicy?: string | undefined;
        readonly runAsGroup?: number | undefined;
        readonly runAsNonRoot?: boolean | undefined;
        readonly runAsUser?: number | undefined;
        readonly seccompProfile?: {
          readonly localhostProfile?: string | undefined;
          readonly type: string;
        } | undefined;
        readonly seLinuxChangePolicy?: string | undefined;
        readonly seLinuxOptions?: {
          readonly level?: string | undefined;
          readonly role?: string | undefined;
          readonly type?: string | undefined;
          readonly user?: string | undefined;
        } | undefined;
        readonly supplementalGroups?: readonly (number)[] | undefined;
        readonly supplementalGroupsPolicy?: string | undefined;
        readonly sysctls?: readonly ({
          readonly name: string;
          readonly value: string;
        })[] | undefined;
        readonly windowsOptions?: {
          readonly gmsaCredentialSpec?: string | undefined;
          readonly gmsaCredentialSpecName?: string | undefined;
          readonly hostProcess?: boolean | undefined;
          readonly runAsUserName?: string | undefined;
        } | undefined;
      } | undefined;
      readonly moverServiceAccount?: string | undefined;
      readonly moverVolumes?: readonly ({
        readonly mountPath: string;
        readonly volumeSource: {
          readonly nfs?: {
            readonly path: string;
            readonly readOnly?: boolean | undefined;
            readonly server: string;
          } | undefined;
          readonly persistentVolumeClaim?: {
            readonly claimName: string;
            readonly readOnly?: boolean | undefined;
          } | undefined;
          readonly secret?: {
            readonly defaultMode?: number | undefined;
            readonly items?: readonly ({
              readonly key: string;
              readonly mode?: number | undefined;
              readonly path: string;
            })[] | undefined;
            readonly optional?: boolean | undefined;
            readonly secretName?: string | undefined;
          } | undefined;
        };
      })[] | undefined;
      readonly peers?: readonly ({
        readonly address: string;
        readonly ID: string;
        readonly introducer: boolean;
      })[] | undefined;
      readonly serviceType?: string | undefined;
    } | undefined;
    readonly trigger?: {
      readonly manual?: string | undefined;
      readonly schedule?: string | undefined;
    } | undefined;
  } | undefined;
  readonly status?: {
    readonly conditions?: readonly ({
      readonly lastTransitionTime: string;
      readonly message: string;
      readonly observedGeneration?: number | undefined;
      readonly reason: string;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly type: string;
    })[] | undefined;
    readonly external?: Readonly<Record<string, string>> | undefined;
    readonly lastManualSync?: string | undefined;
    readonly lastSyncDuration?: string | undefined;
    readonly lastSyncStartTime?: string | undefined;
    readonly lastSyncTime?: string | undefined;
    readonly latestMoverStatus?: {
      readonly logs?: string | undefined;
      readonly result?: string | undefined;
    } | undefined;
    readonly nextSyncTime?: string | undefined;
    readonly restic?: {
      readonly lastPruned?: string | undefined;
      readonly lastUnlocked?: string | undefined;
    } | undefined;
    readonly rsync?: {
      readonly address?: string | undefined;
      readonly port?: number | undefined;
      readonly sshKeys?: string | undefined;
    } | undefined;
    readonly rsyncTLS?: {
      readonly keySecret?: string | undefined;
    } | undefined;
    readonly syncthing?: {
      readonly address?: string | undefined;
      readonly ID?: string | undefined;
      readonly peers?: readonly ({
        readonly address: string;
        readonly connected: boolean;
        readonly ID: string;
        readonly introducedBy?: string | undefined;
        readonly name?: string | undefined;
      })[] | undefined;
    } | undefined;
  } | undefined;
}

export const replicationSources: Resource<ReplicationSource> = {
  group: 'volsync.backube',
  version: 'v1alpha1',
  kind: 'ReplicationSource',
  listKind: 'ReplicationSourceList',
  plural: 'replicationsources',
  singular: 'replicationsource',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** cbt.storage.k8s.io/v1beta1, of the cluster. */
export interface SnapshotMetadataService extends KubeObject {
  readonly spec: {
    readonly address: string;
    readonly audience: string;
    readonly caCert: string;
  };
}

export const snapshotMetadataServices: Resource<SnapshotMetadataService> = {
  group: 'cbt.storage.k8s.io',
  version: 'v1beta1',
  kind: 'SnapshotMetadataService',
  listKind: 'SnapshotMetadataServiceList',
  plural: 'snapshotmetadataservices',
  singular: 'snapshotmetadataservice',
  shortNames: ['sms'],
  categories: [],
  isNamespaced: false,
};

/** volumes.stowage.dev/v1alpha1, in a namespace. */
export interface SnapshotSchedule extends KubeObject {
  readonly spec: {
    readonly asGroup?: boolean | undefined;
    readonly hooks?: {
      readonly after?: readonly ({
        readonly command: readonly (string)[];
        readonly container?: string | undefined;
        readonly onError?: 'Fail' | 'Continue' | undefined;
        readonly podSelector?: {
          readonly matchExpressions?: readonly ({
            readonly key: string;
            readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
            readonly values?: readonly (string)[] | undefined;
          })[] | undefined;
          readonly matchLabels?: Readonly<Record<string, string>> | undefined;
        } | undefined;
        readonly timeoutSeconds?: number | undefined;
      })[] | undefined;
      readonly before?: readonly ({
        readonly command: readonly (string)[];
        readonly container?: string | undefined;
        readonly onError?: 'Fail' | 'Continue' | undefined;
        readonly podSelector?: {
          readonly matchExpressions?: readonly ({
            readonly key: string;
            readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
            readonly values?: readonly (string)[] | undefined;
          })[] | undefined;
          readonly matchLabels?: Readonly<Record<string, string>> | undefined;
        } | undefined;
        readonly timeoutSeconds?: number | undefined;
      })[] | undefined;
      readonly holdSeconds?: number | undefined;
    } | undefined;
    readonly jitterSeconds?: number | undefined;
    readonly keep?: {
      readonly age?: string | undefined;
      readonly count?: number | undefined;
    } | undefined;
    readonly schedule: string;
    readonly selector: {
      readonly matchExpressions?: readonly ({
        readonly key: string;
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
        readonly values?: readonly (string)[] | undefined;
      })[] | undefined;
      readonly matchLabels?: Readonly<Record<string, string>> | undefined;
    };
    readonly startingDeadlineSeconds?: number | undefined;
    readonly suspend?: boolean | undefined;
    readonly timeZone?: string | undefined;
    readonly volumeGroupSnapshotClassName?: string | undefined;
    readonly volumeSnapshotClassName?: string | undefined;
  };
  readonly status?: {
    readonly hooks?: {
      readonly phase: 'Before' | 'Taking' | 'After';
      readonly pods?: readonly ({
        readonly name: string;
        readonly uid: string;
      })[] | undefined;
      readonly scheduledTime: string;
      readonly since: string;
    } | undefined;
    readonly lastHookError?: string | undefined;
    readonly lastScheduleTime?: string | undefined;
    readonly lastSuccessfulTime?: string | undefined;
    readonly message?: string | undefined;
    readonly missedRuns?: number | undefined;
    readonly nextScheduleTime?: string | undefined;
    readonly snapshots?: number | undefined;
  } | undefined;
}

export const snapshotSchedules: Resource<SnapshotSchedule> = {
  group: 'volumes.stowage.dev',
  version: 'v1alpha1',
  kind: 'SnapshotSchedule',
  listKind: 'SnapshotScheduleList',
  plural: 'snapshotschedules',
  singular: 'snapshotschedule',
  shortNames: [],
  categories: [],
  isNamespaced: true,
};

/** groupsnapshot.storage.k8s.io/v1, in a namespace. */
export interface VolumeGroupSnapshot extends KubeObject {
  readonly spec: {
    readonly source: {
      readonly selector?: {
        readonly matchExpressions?: readonly ({
          readonly key: string;
          readonly operator: string;
          readonly values?: readonly (string)[] | undefined;
        })[] | undefined;
        readonly matchLabels?: Readonly<Record<string, string>> | undefined;
      } | undefined;
      readonly volumeGroupSnapshotContentName?: string | undefined;
    };
    readonly volumeGroupSnapshotClassName?: string | undefined;
  };
  readonly status?: {
    readonly boundVolumeGroupSnapshotContentName?: string | undefined;
    readonly creationTime?: string | undefined;
    readonly error?: {
      readonly message?: string | undefined;
      readonly time?: string | undefined;
    } | undefined;
    readonly readyToUse?: boolean | undefined;
  } | undefined;
}

export const volumeGroupSnapshots: Resource<VolumeGroupSnapshot> = {
  group: 'groupsnapshot.storage.k8s.io',
  version: 'v1',
  kind: 'VolumeGroupSnapshot',
  listKind: 'VolumeGroupSnapshotList',
  plural: 'volumegroupsnapshots',
  singular: 'volumegroupsnapshot',
  shortNames: ['vgs'],
  categories: [],
  isNamespaced: true,
};

/** groupsnapshot.storage.k8s.io/v1, of the cluster. */
export interface VolumeGroupSnapshotClass extends KubeObject {
  readonly deletionPolicy: 'Delete' | 'Retain';
  readonly driver: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export const volumeGroupSnapshotClasses: Resource<VolumeGroupSnapshotClass> = {
  group: 'groupsnapshot.storage.k8s.io',
  version: 'v1',
  kind: 'VolumeGroupSnapshotClass',
  listKind: 'VolumeGroupSnapshotClassList',
  plural: 'volumegroupsnapshotclasses',
  singular: 'volumegroupsnapshotclass',
  shortNames: ['vgsclass', 'vgsclasses'],
  categories: [],
  isNamespaced: false,
};

/** groupsnapshot.storage.k8s.io/v1, of the cluster. */
export interface VolumeGroupSnapshotContent extends KubeObject {
  readonly spec: {
    readonly deletionPolicy: 'Delete' | 'Retain';
    readonly driver: string;
    readonly source: {
      readonly groupSnapshotHandles?: {
        readonly volumeGroupSnapshotHandle: string;
        readonly volumeSnapshotHandles: readonly (string)[];
      } | undefined;
      readonly volumeHandles?: readonly (string)[] | undefined;
    };
    readonly volumeGroupSnapshotClassName?: string | undefined;
    readonly volumeGroupSnapshotRef: {
      readonly apiVersion?: string | undefined;
      readonly fieldPath?: string | undefined;
      readonly kind?: string | undefined;
      readonly name?: string | undefined;
      readonly namespace?: string | undefined;
      readonly resourceVersion?: string | undefined;
      readonly uid?: string | undefined;
    };
  };
  readonly status?: {
    readonly creationTime?: string | undefined;
    readonly error?: {
      readonly message?: string | undefined;
      readonly time?: string | undefined;
    } | undefined;
    readonly readyToUse?: boolean | undefined;
    readonly volumeGroupSnapshotHandle?: string | undefined;
    readonly volumeSnapshotInfoList?: readonly ({
      readonly creationTime?: number | undefined;
      readonly readyToUse?: boolean | undefined;
      readonly restoreSize?: number | undefined;
      readonly snapshotHandle?: string | undefined;
      readonly volumeHandle?: string | undefined;
    })[] | undefined;
  } | undefined;
}

export const volumeGroupSnapshotContents: Resource<VolumeGroupSnapshotContent> = {
  group: 'groupsnapshot.storage.k8s.io',
  version: 'v1',
  kind: 'VolumeGroupSnapshotContent',
  listKind: 'VolumeGroupSnapshotContentList',
  plural: 'volumegroupsnapshotcontents',
  singular: 'volumegroupsnapshotcontent',
  shortNames: ['vgsc', 'vgscs'],
  categories: [],
  isNamespaced: false,
};

/** volumes.stowage.dev/v1alpha1, in a namespace. */
export interface VolumeMove extends KubeObject {
  readonly spec: {
    readonly claimName: string;
    readonly decision?: 'Confirm' | 'Undo' | undefined;
    readonly nodeName?: string | undefined;
    readonly size?: string | undefined;
    readonly storageClassName?: string | undefined;
    readonly targetNamespace?: string | undefined;
  };
  readonly status?: {
    readonly claim?: Readonly<Record<string, unknown>> | undefined;
    readonly consumers?: readonly ({
      readonly kind: string;
      readonly name: string;
      readonly pod?: Readonly<Record<string, unknown>> | undefined;
      readonly replicas?: number | undefined;
      readonly uid: string;
    })[] | undefined;
    readonly copy?: {
      readonly doneBytes?: number | undefined;
      readonly percent?: number | undefined;
      readonly sinceSeconds?: number | undefined;
      readonly totalBytes?: number | undefined;
    } | undefined;
    readonly message?: string | undefined;
    readonly newVolume?: {
      readonly name: string;
      readonly reclaimPolicy?: string | undefined;
    } | undefined;
    readonly nodeName?: string | undefined;
    readonly notes?: readonly (string)[] | undefined;
    readonly oldVolume?: {
      readonly name: string;
      readonly reclaimPolicy?: string | undefined;
    } | undefined;
    readonly phase?: 'Preparing' | 'Copying' | 'Stopping' | 'Finishing' | 'Swapping' | 'Starting' | 'Swapped' | 'UndoStopping' | 'UndoSwapping' | 'UndoStarting' | 'Confirmed' | 'Undone' | 'Refused' | undefined;
    readonly problem?: string | undefined;
    readonly uid?: string | undefined;
  } | undefined;
}

export const volumeMoves: Resource<VolumeMove> = {
  group: 'volumes.stowage.dev',
  version: 'v1alpha1',
  kind: 'VolumeMove',
  listKind: 'VolumeMoveList',
  plural: 'volumemoves',
  singular: 'volumemove',
  shortNames: ['vmv'],
  categories: [],
  isNamespaced: true,
};

/** populator.storage.k8s.io/v1beta1, of the cluster. */
export interface VolumePopulator extends KubeObject {
  readonly sourceKind: {
    readonly group: string;
    readonly kind: string;
  };
}

export const volumePopulators: Resource<VolumePopulator> = {
  group: 'populator.storage.k8s.io',
  version: 'v1beta1',
  kind: 'VolumePopulator',
  listKind: 'VolumePopulatorList',
  plural: 'volumepopulators',
  singular: 'volumepopulator',
  shortNames: [],
  categories: [],
  isNamespaced: false,
};

/** volumes.stowage.dev/v1alpha1, in a namespace. */
export interface VolumeRollback extends KubeObject {
  readonly spec: {
    readonly claims?: readonly ({
      readonly claimName: string;
      readonly volumeSnapshotName: string;
    })[] | undefined;
    readonly decision?: 'Confirm' | 'Undo' | undefined;
    readonly volumeGroupSnapshotName?: string | undefined;
  };
  readonly status?: {
    readonly claims?: readonly ({
      readonly claim: Readonly<Record<string, unknown>>;
      readonly claimName: string;
      readonly newVolume?: {
        readonly name: string;
        readonly reclaimPolicy?: string | undefined;
      } | undefined;
      readonly oldVolume: {
        readonly name: string;
        readonly reclaimPolicy?: string | undefined;
      };
      readonly uid: string;
      readonly volumeSnapshotName: string;
    })[] | undefined;
    readonly consumers?: readonly ({
      readonly kind: string;
      readonly name: string;
      readonly pod?: Readonly<Record<string, unknown>> | undefined;
      readonly replicas?: number | undefined;
      readonly uid: string;
    })[] | undefined;
    readonly message?: string | undefined;
    readonly phase?: 'Preparing' | 'Stopping' | 'Swapping' | 'Starting' | 'Swapped' | 'UndoStopping' | 'UndoSwapping' | 'UndoStarting' | 'Confirmed' | 'Undone' | 'Refused' | undefined;
  } | undefined;
}

export const volumeRollbacks: Resource<VolumeRollback> = {
  group: 'volumes.stowage.dev',
  version: 'v1alpha1',
  kind: 'VolumeRollback',
  listKind: 'VolumeRollbackList',
  plural: 'volumerollbacks',
  singular: 'volumerollback',
  shortNames: ['vrb'],
  categories: [],
  isNamespaced: true,
};

/** snapshot.storage.k8s.io/v1, in a namespace. */
export interface VolumeSnapshot extends KubeObject {
  readonly spec: {
    readonly source: {
      readonly persistentVolumeClaimName?: string | undefined;
      readonly volumeSnapshotContentName?: string | undefined;
    };
    readonly volumeSnapshotClassName?: string | undefined;
  };
  readonly status?: {
    readonly boundVolumeSnapshotContentName?: string | undefined;
    readonly creationTime?: string | undefined;
    readonly error?: {
      readonly message?: string | undefined;
      readonly time?: string | undefined;
    } | undefined;
    readonly readyToUse?: boolean | undefined;
    readonly restoreSize?: string | number | undefined;
    readonly volumeGroupSnapshotName?: string | undefined;
  } | undefined;
}

export const volumeSnapshots: Resource<VolumeSnapshot> = {
  group: 'snapshot.storage.k8s.io',
  version: 'v1',
  kind: 'VolumeSnapshot',
  listKind: 'VolumeSnapshotList',
  plural: 'volumesnapshots',
  singular: 'volumesnapshot',
  shortNames: ['vs'],
  categories: [],
  isNamespaced: true,
};

/** snapshot.storage.k8s.io/v1, of the cluster. */
export interface VolumeSnapshotClass extends KubeObject {
  readonly deletionPolicy: 'Delete' | 'Retain';
  readonly driver: string;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export const volumeSnapshotClasses: Resource<VolumeSnapshotClass> = {
  group: 'snapshot.storage.k8s.io',
  version: 'v1',
  kind: 'VolumeSnapshotClass',
  listKind: 'VolumeSnapshotClassList',
  plural: 'volumesnapshotclasses',
  singular: 'volumesnapshotclass',
  shortNames: ['vsclass', 'vsclasses'],
  categories: [],
  isNamespaced: false,
};

/** snapshot.storage.k8s.io/v1, of the cluster. */
export interface VolumeSnapshotContent extends KubeObject {
  readonly spec: {
    readonly deletionPolicy: 'Delete' | 'Retain';
    readonly driver: string;
    readonly source: {
      readonly snapshotHandle?: string | undefined;
      readonly volumeHandle?: string | undefined;
    };
    readonly sourceVolumeMode?: string | undefined;
    readonly volumeSnapshotClassName?: string | undefined;
    readonly volumeSnapshotRef: {
      readonly apiVersion?: string | undefined;
      readonly fieldPath?: string | undefined;
      readonly kind?: string | undefined;
      readonly name?: string | undefined;
      readonly namespace?: string | undefined;
      readonly resourceVersion?: string | undefined;
      readonly uid?: string | undefined;
    };
  };
  readonly status?: {
    readonly creationTime?: number | undefined;
    readonly error?: {
      readonly message?: string | undefined;
      readonly time?: string | undefined;
    } | undefined;
    readonly readyToUse?: boolean | undefined;
    readonly restoreSize?: number | undefined;
    readonly snapshotHandle?: string | undefined;
    readonly volumeGroupSnapshotHandle?: string | undefined;
  } | undefined;
}

export const volumeSnapshotContents: Resource<VolumeSnapshotContent> = {
  group: 'snapshot.storage.k8s.io',
  version: 'v1',
  kind: 'VolumeSnapshotContent',
  listKind: 'VolumeSnapshotContentList',
  plural: 'volumesnapshotcontents',
  singular: 'volumesnapshotcontent',
  shortNames: ['vsc', 'vscs'],
  categories: [],
  isNamespaced: false,
};
