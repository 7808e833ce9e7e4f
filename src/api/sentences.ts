import { PLUGIN_SENTENCES } from './plugins/plugin-sentences.ts';
import { ROLLBACK_SENTENCES } from './storage/rollback-sentences.ts';
import { SNAPSHOT_SENTENCES } from './storage/snapshot-sentences.ts';
import { UNDELETE_SENTENCES } from './undelete/undelete-sentences.ts';

/** A sentence in each language; `{name}` stands for a value. */
export interface Sentence {
  readonly en: string;
  readonly zh: string;
}

/**
 * Everything that explanations, the console's gateway and the browser itself say, by code, in every language. Words of servers, drivers, the scheduler and
 * the API are values: they stay as they were said.
 */
export const SENTENCES = {
  ...PLUGIN_SENTENCES,
  ...SNAPSHOT_SENTENCES,
  ...ROLLBACK_SENTENCES,
  ...UNDELETE_SENTENCES,
  /** What somebody else said, as it was said. */
  said: { en: '{text}', zh: '{text}' },
  /** What a module says that brings its sentences itself, one value for each language. */
  inBoth: { en: '{en}', zh: '{zh}' },
  pendingBecause: { en: '{object} is Pending: {why}', zh: '{object} 处于 Pending：{why}' },
  pendingUnseen: {
    en: '{object} is Pending, and you may not see all that decides over it',
    zh: '{object} 处于 Pending，而您无权查看决定它的全部对象',
  },
  unseen: {
    en: '{object}: you may not see all that decides over it',
    zh: '{object}：您无权查看决定它的全部对象',
  },
  unseenKinds: { en: '{kinds}', zh: '{kinds}' },
  askForRights: {
    en: 'ask an administrator, or for the right to list {kinds}',
    zh: '请联系管理员，或申请列出 {kinds} 的权限',
  },
  notThere: { en: '{object} does not exist', zh: '{object} 不存在' },
  createOrLookElsewhere: {
    en: 'create it, or look for it in another namespace with -n',
    zh: '创建它，或用 -n 在其他命名空间中查找',
  },
  quotaUsedUp: { en: '{resource} is used up: {used} of {hard}', zh: '{resource} 已用尽：{hard} 中已用 {used}' },
  inUseBy: { en: 'uses it ({phase})', zh: '正在使用它（{phase}）' },

  claimLost: {
    en: '{object} is Lost: its volume {volume} is gone, and the data with it',
    zh: '{object} 已丢失（Lost）：其卷 {volume} 已不存在，数据也随之丢失',
  },
  restoreIntoNewClaim: {
    en: 'delete the claim, and restore the data from a copy into a new one',
    zh: '删除该声明，并从副本将数据恢复到新的声明中',
  },
  deletionWaitsForPods: {
    en: '{object} is to be deleted and waits for its pods to end',
    zh: '{object} 等待删除，正在等使用它的 Pod 结束',
  },
  deletePodsThatUseIt: { en: 'delete the pods that use it', zh: '删除使用它的 Pod' },
  beingDeleted: { en: '{object} is being deleted', zh: '{object} 正在删除' },
  claimBound: { en: '{object} is Bound to volume {volume} with {size}', zh: '{object} 已绑定到卷 {volume}，大小 {size}' },

  claimUnwell: {
    en: '{object} is Bound to volume {volume}, and its driver says that the volume is not well',
    zh: '{object} 已绑定到卷 {volume}，而其驱动报告该卷不正常',
  },
  healthSaid: { en: '{reason}, since {since}: {text}', zh: '{reason}，自 {since} 起：{text}' },
  mendDegraded: {
    en: 'it still works: mend what the driver says before it gets worse',
    zh: '卷仍可使用：请在恶化之前解决驱动所说的问题',
  },
  mendInaccessible: {
    en: 'make the storage reachable again, as the driver says; pods that use it wait until then',
    zh: '按驱动所说恢复存储的访问；在此之前使用它的 Pod 会等待',
  },
  restoreLostData: {
    en: 'data is lost: stop what writes to it, and restore it from a snapshot or a copy into a new claim',
    zh: '数据已丢失：请停止写入，并从快照或副本恢复到新的声明中',
  },

  claimGrows: {
    en: '{object} is Bound to volume {volume} with {size}, and is to grow to {wanted}',
    zh: '{object} 已绑定到卷 {volume}，大小 {size}，将扩容到 {wanted}',
  },
  growthNotBegun: { en: 'not begun', zh: '尚未开始' },
  mendCondition: {
    en: 'mend what the condition says; it is tried again by itself',
    zh: '解决 condition 中所说的问题；之后会自动重试',
  },
  giveUpGrowth: {
    en: 'lower spec.resources.requests.storage again, to any size above status.capacity, to give up',
    zh: '如要放弃，将 spec.resources.requests.storage 调回大于 status.capacity 的任意值',
  },
  startPodToGrow: {
    en: 'start a pod that uses the claim: the node ends the growth',
    zh: '启动一个使用该声明的 Pod：扩容由节点完成',
  },

  claimChangesAttributes: {
    en: '{object} is Bound to volume {volume}, and is to have the attributes of VolumeAttributesClass {class}',
    zh: '{object} 已绑定到卷 {volume}，将采用 VolumeAttributesClass {class} 的属性',
  },
  attributesFailed: { en: '{status}: {error}', zh: '{status}：{error}' },
  createAttributesClass: { en: 'create the VolumeAttributesClass {class}', zh: '创建 VolumeAttributesClass {class}' },
  giveUpAttributes: {
    en: 'set spec.volumeAttributesClassName back to what the volume has, to give up',
    zh: '如要放弃，将 spec.volumeAttributesClassName 改回卷现有的值',
  },

  volumeAboutToBeBound: { en: 'volume {volume} fits and is about to be bound', zh: '卷 {volume} 符合要求，即将绑定' },
  namesVolume: { en: 'it names volume {volume}', zh: '它指定了卷 {volume}' },
  namesMissingVolume: { en: 'it names volume {volume}, which does not exist', zh: '它指定了卷 {volume}，而该卷不存在' },
  namesTakenVolume: { en: "it names volume {volume}, which is another claim's", zh: '它指定了卷 {volume}，而该卷属于其他声明' },
  namesUnfitVolume: { en: 'it names volume {volume}, which will not do', zh: '它指定了卷 {volume}，而该卷不符合要求' },
  missing: { en: 'does not exist', zh: '不存在' },
  missingThereAre: { en: 'does not exist (there are: {names})', zh: '不存在（现有：{names}）' },
  createThatVolume: {
    en: 'create that volume, or make the claim again without spec.volumeName',
    zh: '创建该卷，或去掉 spec.volumeName 后重新创建声明',
  },
  correctClaimOrVolume: {
    en: 'correct the claim or the volume, or make the claim again without spec.volumeName',
    zh: '修正声明或卷，或去掉 spec.volumeName 后重新创建声明',
  },
  fitsAboutToBeBound: { en: 'fits, and is about to be bound', zh: '符合要求，即将绑定' },

  noClassAndNoVolume: {
    en: 'it asks for volumes without a class, and none fits',
    zh: '它要求没有存储类的卷，而没有符合要求的卷',
  },
  createFittingVolume: { en: 'create a PersistentVolume that fits', zh: '创建一个符合要求的 PersistentVolume' },
  orClaimWithClass: {
    en: 'or make the claim again with a storageClassName',
    zh: '或指定 storageClassName 后重新创建声明',
  },
  namesNoClass: { en: 'it names no class, and no volume fits', zh: '它没有指定存储类，也没有符合要求的卷' },
  getsDefaultClass: {
    en: 'it names no class, and gets the default one, {class}, in a moment',
    zh: '它没有指定存储类，马上会得到默认的存储类 {class}',
  },
  isLeft: { en: 'nothing is done for it', zh: '不会为它做任何事' },
  losesVolume: { en: "its volume {volume} is gone, or another claim's", zh: '其卷 {volume} 已不存在，或属于其他声明' },
  chosenNodeGone: { en: 'the node that was chosen for it is gone; another one is chosen', zh: '为它选定的节点已不存在；正在重新选择节点' },
  noDefault: { en: 'none of the classes is the default (there are: {names})', zh: '没有默认存储类（现有：{names}）' },
  orMarkDefault: {
    en: 'or mark a class with storageclass.kubernetes.io/is-default-class: "true"',
    zh: '或为某个存储类加上 storageclass.kubernetes.io/is-default-class: "true"',
  },
  classMissing: {
    en: 'its class does not exist, and no volume of that class fits',
    zh: '其存储类不存在，也没有该类的卷符合要求',
  },
  createClass: {
    en: 'create the storageclass {class}, or make the claim again with an existing one',
    zh: '创建存储类 {class}，或使用已有的存储类重新创建声明',
  },
  classMakesNone: { en: 'its class makes no volumes, and none that exists fits', zh: '其存储类不会创建卷，现有的卷也都不符合要求' },
  provisionerMakesNone: { en: 'provisioner {provisioner} makes no volumes', zh: '制备器 {provisioner} 不会创建卷' },
  createVolumeOfClass: {
    en: 'create a PersistentVolume of class {class} that fits',
    zh: '创建一个属于存储类 {class} 且符合要求的 PersistentVolume',
  },
  driverOnNoNode: { en: 'the driver of its class is not there', zh: '其存储类的驱动不在' },
  isOnNoNode: { en: 'is not there (there are: {names})', zh: '不在（现有：{names}）' },
  startDriver: {
    en: 'start the driver {driver}, or make the claim again with the class of another driver',
    zh: '启动驱动 {driver}，或使用其他驱动的存储类重新创建声明',
  },
  attributesClassUnusable: { en: 'its VolumeAttributesClass can not be used', zh: '其 VolumeAttributesClass 无法使用' },
  createThatClass: {
    en: 'create that class, or make the claim again with another',
    zh: '创建该类，或使用其他类重新创建声明',
  },
  notAskedFor: { en: 'driver {driver} is not asked for it as it stands', zh: '以目前的定义，不会向驱动 {driver} 请求该卷' },
  mendRefusal: {
    en: 'mend what the reason says; it is looked at again by itself, and a claim whose spec can not change is made again',
    zh: '按原因所说进行修正；之后会自动重新检查；spec 无法更改的声明需要重新创建',
  },
  noRoom: { en: 'driver {driver} has no room for it', zh: '驱动 {driver} 没有足够的空间' },
  room: { en: 'has room for {free}, the claim asks for {wanted}', zh: '可用空间 {free}，声明请求 {wanted}' },
  freeSpace: { en: 'free space, or ask for less', zh: '释放空间，或减少请求的大小' },
  makesTheVolume: { en: 'driver {driver} makes the volume', zh: '由驱动 {driver} 创建卷' },
  couldNotMake: {
    en: 'driver {driver} could not make the volume; it is tried again',
    zh: '驱动 {driver} 未能创建卷；正在重试',
  },
  mendEvent: { en: 'mend what the event says; it is tried again by itself', zh: '解决事件中所说的问题；之后会自动重试' },
  awaitsPopulator: {
    en: 'the populator of {kind} is to make its volume and to fill it',
    zh: '由 {kind} 的填充器创建并填充其卷',
  },
  isBeingFilled: { en: 'the populator of {kind} fills its volume: {progress}', zh: '{kind} 的填充器正在填充其卷：{progress}' },
  isMakingVolume: { en: 'driver {driver} is making the volume', zh: '驱动 {driver} 正在创建卷' },

  bindsWithFirstPod: {
    en: 'volumeBindingMode WaitForFirstConsumer: the volume is made where the first pod goes',
    zh: 'volumeBindingMode 为 WaitForFirstConsumer：卷在第一个 Pod 所在的节点创建',
  },
  waitsForFirstPod: { en: 'no pod uses it yet, and its class waits for one', zh: '还没有 Pod 使用它，而其存储类要等第一个 Pod' },
  createPod: { en: 'create a pod that uses the claim', zh: '创建一个使用该声明的 Pod' },
  podWaitsForNode: { en: 'waits for a node', zh: '正在等待节点' },
  podNamesNode: {
    en: 'names its node itself, so the scheduler chooses no place for the volume',
    zh: '自己指定了节点，因此调度器不会为卷选择位置',
  },
  explainPod: {
    en: 'stowage explain pod/{pod} -n {namespace} says why the pod has no node',
    zh: 'stowage explain pod/{pod} -n {namespace} 会说明该 Pod 为何没有节点',
  },
  podsHaveNoNode: { en: 'the pods that use it have no node yet', zh: '使用它的 Pod 还没有节点' },
  podsBypassScheduler: { en: 'no pod that uses it goes through the scheduler', zh: '使用它的 Pod 都没有经过调度器' },
  useNodeSelector: {
    en: 'make the pod again with a nodeSelector in place of spec.nodeName',
    zh: '用 nodeSelector 代替 spec.nodeName 重新创建 Pod',
  },

  moreUnfit: { en: 'and {count} more that do not fit', zh: '另有 {count} 个不符合要求' },
  oneBound: { en: '{count} is bound to other claims', zh: '{count} 个已绑定到其他声明' },
  manyBound: { en: '{count} are bound to other claims', zh: '{count} 个已绑定到其他声明' },
  fits: { en: 'fits', zh: '符合要求' },

  released: {
    en: 'Released: it still holds the data of the deleted claim {claim}; remove its spec.claimRef.uid and spec.claimRef.resourceVersion to offer it to a new claim {claim}',
    zh: 'Released：仍保存着已删除声明 {claim} 的数据；去掉其 spec.claimRef.uid 和 spec.claimRef.resourceVersion 即可提供给新的声明 {claim}',
  },
  boundTo: { en: 'bound to the claim {claim}', zh: '已绑定到声明 {claim}' },
  reservedFor: { en: 'reserved for the claim {claim}', zh: '已为声明 {claim} 预留' },
  phaseIs: { en: 'its phase is {phase}, not Available', zh: '其状态为 {phase}，不是 Available' },
  labelsDiffer: {
    en: 'spec.selector of the claim does not match its labels ({labels})',
    zh: '声明的 spec.selector 与其标签不匹配（{labels}）',
  },
  noLabels: {
    en: 'spec.selector of the claim does not match its labels (it has none)',
    zh: '声明的 spec.selector 与其标签不匹配（它没有标签）',
  },
  classDiffers: { en: 'its class is {has}, the claim asks for {wanted}', zh: '其存储类为 {has}，声明要求 {wanted}' },
  tooSmall: { en: 'too small: it has {has}, the claim asks for {wanted}', zh: '太小：它有 {has}，声明请求 {wanted}' },
  modeDiffers: { en: 'its volumeMode is {has}, the claim asks for {wanted}', zh: '其 volumeMode 为 {has}，声明要求 {wanted}' },
  attributesDiffer: {
    en: 'its volumeAttributesClassName is {has}, the claim asks for {wanted}',
    zh: '其 volumeAttributesClassName 为 {has}，声明要求 {wanted}',
  },
  isBeingDeleted: { en: 'it is being deleted', zh: '它正在删除' },
  accessDiffers: { en: 'it offers {has}, the claim asks for {wanted}', zh: '它提供 {has}，声明要求 {wanted}' },

  gatesHoldPod: { en: 'gates hold it back', zh: '被调度门（scheduling gate）挡住' },
  holdsPodBack: { en: 'holds the pod back', zh: '挡住了该 Pod' },
  takeGatesOff: { en: 'take the gates off', zh: '去掉这些调度门' },
  exclusiveClaimInUse: { en: 'a claim for one pod only is in use', zh: '只供一个 Pod 使用的声明正在被使用' },
  exclusiveHolder: { en: 'is ReadWriteOncePod and pod {pod} uses it', zh: '访问模式为 ReadWriteOncePod，正由 Pod {pod} 使用' },
  endHolder: { en: 'end the pod that uses the claim', zh: '结束正在使用该声明的 Pod' },
  noNodeAtAll: { en: 'there is no node', zh: '没有节点' },
  startNode: { en: 'wait for a node, or start one', zh: '等待节点，或启动一个节点' },
  aboutToGetNode: { en: '{object} is Pending and about to get a node', zh: '{object} 处于 Pending，即将得到节点' },
  noNodeWillDo: { en: 'no node will do', zh: '没有合适的节点' },
  changeAsReasonsSay: {
    en: 'change the pod, a node or a claim as the reasons say',
    zh: '按上述原因修改 Pod、节点或声明',
  },
  otherPodsUnseen: {
    en: 'you may not see them: what they take of the nodes is not counted here',
    zh: '您无权查看：它们占用的节点资源没有计入',
  },
  nodeRefuses: { en: '{reasons}', zh: '{reasons}' },
  nodeLacks: { en: '{reasons} ({lacks})', zh: '{reasons}（{lacks}）' },
  lack: { en: '{resource}: {wanted} asked for, {free} of {total} free', zh: '{resource}：请求 {wanted}，{total} 中可用 {free}' },
  nodeAway: { en: '{reasons} ({places})', zh: '{reasons}（{places}）' },
  claimLiesOn: { en: 'claim {claim} lies on {nodes}', zh: '声明 {claim} 的卷在 {nodes} 上' },
  claimLiesNowhere: { en: 'claim {claim} lies on no node that is here', zh: '声明 {claim} 的卷不在现有的任何节点上' },

  podDeletionUnconfirmed: {
    en: "{object} is being deleted, and its node can't confirm it",
    zh: '{object} 正在删除，但其节点无法确认',
  },
  podDeletionStuck: {
    en: '{object} is being deleted, and what it used is not let go',
    zh: '{object} 正在删除，但它使用的资源没有释放',
  },
  podIs: { en: '{object} is {phase}', zh: '{object} 的状态为 {phase}' },
  podVolumesUnwell: {
    en: '{object} is {phase}, and a driver says that its volumes are not well',
    zh: '{object} 的状态为 {phase}，而驱动报告其卷不正常',
  },
  podIsBecause: { en: '{object} is {phase}: {why}', zh: '{object} 的状态为 {phase}：{why}' },
  nodeNotReadyOrGone: { en: 'its node is not ready, or gone', zh: '其节点未就绪或已不存在' },
  notReady: { en: 'not ready', zh: '未就绪' },
  podStarts: { en: '{object} is Pending on node {node}: it is being started', zh: '{object} 在节点 {node} 上处于 Pending：正在启动' },
  podPendingOnNode: { en: '{object} is Pending on node {node}', zh: '{object} 在节点 {node} 上处于 Pending' },
  podCrashes: {
    en: 'container {container} ended {times} times, last with exit code {exitCode}',
    zh: '容器 {container} 已退出 {times} 次，最近一次退出码为 {exitCode}',
  },
  readLogs: {
    en: 'kubectl logs {pod} -n {namespace} -c {container} --previous has its last words',
    zh: 'kubectl logs {pod} -n {namespace} -c {container} --previous 可查看其最后的输出',
  },
  lastWords: { en: 'said last: {text}', zh: '最后的输出：{text}' },
  nodeStartAgain: { en: 'start node {node} again', zh: '重新启动节点 {node}' },
  nodeOffForGood: {
    en: 'where it is off for good: kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
    zh: '如节点不再恢复：kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
  },
  deleteByForce: { en: 'delete the pod with --force', zh: '用 --force 删除该 Pod' },
  isNotReady: { en: 'is not ready', zh: '未就绪' },
  isNotReadyBecause: { en: 'is not ready: {why}', zh: '未就绪：{why}' },
  containerWaits: { en: 'waits: {reason}', zh: '等待中：{reason}' },
  containerWaitsBecause: { en: 'waits: {reason}: {message}', zh: '等待中：{reason}：{message}' },
  containerEnded: { en: 'ended with {exitCode} ({reason})', zh: '已结束，退出码 {exitCode}（{reason}）' },

  attachmentComes: { en: 'is about to be asked for', zh: '即将请求挂接' },
  attachedElsewhere: {
    en: 'is for one node at a time, and node {node} has it until the pods there are gone',
    zh: '一次只能挂接到一个节点，节点 {node} 上的 Pod 结束前由该节点占用',
  },
  deletePodsThere: { en: 'delete the pods on node {node} that use the volume', zh: '删除节点 {node} 上使用该卷的 Pod' },
  thatNodeOffForGood: {
    en: 'where that node is off for good: kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
    zh: '如该节点不再恢复：kubectl taint node {node} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute',
  },
  detaching: { en: 'is being taken off, and made anew then', zh: '正在解除挂接，之后会重新挂接' },
  attached: { en: 'done', zh: '已完成' },
  attaching: { en: 'under way', zh: '进行中' },
  mendAttachment: {
    en: 'mend what the driver says of the attachment; it is tried again by itself',
    zh: '解决驱动所说的挂接问题；之后会自动重试',
  },

  volumeIs: { en: '{object} is {phase}', zh: '{object} 的状态为 {phase}' },
  volumeBoundTo: { en: '{object} is Bound to the claim {claim}', zh: '{object} 已绑定到声明 {claim}' },
  volumeFree: { en: '{object} is Available: no claim has it yet', zh: '{object} 可用（Available）：还没有声明使用它' },
  volumeReserved: { en: '{object} waits for the claim {claim}', zh: '{object} 正在等待声明 {claim}' },
  volumeReleased: {
    en: '{object} is Released: its claim {claim} is gone, and its data is kept',
    zh: '{object} 已释放（Released）：其声明 {claim} 已不存在，数据仍保留',
  },
  volumeToBeDeleted: {
    en: '{object} is Released: its claim {claim} is gone, and the volume is being deleted',
    zh: '{object} 已释放（Released）：其声明 {claim} 已不存在，卷正在删除',
  },
  offerAgain: {
    en: 'remove spec.claimRef.uid and spec.claimRef.resourceVersion to offer it to a new claim {claim}, or delete the volume: its data is not deleted with it',
    zh: '去掉 spec.claimRef.uid 和 spec.claimRef.resourceVersion 即可提供给新的声明 {claim}；或删除该卷：数据不会随之删除',
  },
  volumeFailed: { en: '{object} is Failed: {why}', zh: '{object} 失败（Failed）：{why}' },
  retain: { en: 'Retain: its data outlives its claim', zh: 'Retain：声明删除后数据保留' },
  delete: { en: 'Delete: it goes with its claim', zh: 'Delete：随声明一起删除' },
  recycle: { en: 'Recycle: it is emptied when its claim goes, then offered again', zh: 'Recycle：声明删除后清空，再重新提供' },
  volumeBeingEmptied: {
    en: '{object} is Released: its claim {claim} is gone, and the volume is being emptied',
    zh: '{object} 已释放（Released）：其声明 {claim} 已不存在，卷正在清空',
  },
  placeUnseen: { en: 'you may not list the nodes', zh: '您无权列出节点' },
  moreWaiting: { en: 'and {count} more were not looked at', zh: '另有 {count} 个没有检查' },
  liesOn: { en: '{nodes}', zh: '{nodes}' },

  classWorks: { en: '{object} makes volumes with driver {driver}', zh: '{object} 由驱动 {driver} 创建卷' },
  classByHand: { en: '{object} makes no volumes: they are made by hand', zh: '{object} 不会创建卷：卷由人工创建' },
  classWithoutDriver: {
    en: '{object} can make no volumes: its driver {driver} is not there',
    zh: '{object} 无法创建卷：其驱动 {driver} 不在',
  },
  startThatDriver: { en: 'start the driver {driver} on a node', zh: '在节点上启动驱动 {driver}' },
  isDefault: { en: 'yes: claims that name no class get it', zh: '是：没有指定存储类的声明会使用它' },
  isNotDefault: { en: 'no', zh: '否' },
  waiting: { en: '{count} wait: {names}', zh: '{count} 个正在等待：{names}' },
  noneWaits: { en: 'none waits', zh: '没有正在等待的' },
  roomIs: { en: 'has room for {free}', zh: '可用空间 {free}' },

  nodeWell: { en: '{object} is ready', zh: '{object} 已就绪' },
  nodeUnwell: { en: '{object} takes no pods: {why}', zh: '{object} 不接收 Pod：{why}' },
  nodeCordoned: { en: 'it is marked unschedulable', zh: '它被标记为不可调度' },
  uncordon: { en: 'kubectl uncordon {node}', zh: 'kubectl uncordon {node}' },
  taintPrefers: { en: 'pods that do not tolerate it go elsewhere where they can', zh: '不容忍它的 Pod 尽量调度到其他节点' },
  nodeTainted: { en: 'it is tainted {taints}', zh: '它带有污点 {taints}' },
  waitForTaint: {
    en: 'wait until what the taint says has passed; the node takes it off by itself',
    zh: '等待污点所说的情况过去；节点会自动去掉它',
  },
  taint: { en: 'keeps pods away that do not tolerate it', zh: '不容忍它的 Pod 不会调度到此节点' },
  driverHere: { en: 'is registered', zh: '已注册' },
  usedOf: { en: '{used} of {total} asked for', zh: '{total} 中已请求 {used}' },

  namespaceWell: { en: '{object} is Active', zh: '{object} 可用（Active）' },
  namespaceEnds: { en: '{object} is being deleted, and waits for what is in it', zh: '{object} 正在删除，等待其中的对象' },
  claimWaits: { en: '{why}', zh: '{why}' },
  namespaceBlocked: {
    en: '{object} is Active, and {count} of its claims and pods wait',
    zh: '{object} 可用（Active），其中 {count} 个声明和 Pod 正在等待',
  },
  mendThose: {
    en: 'stowage explain TYPE/NAME -n {namespace} says of each what helps',
    zh: 'stowage explain TYPE/NAME -n {namespace} 会说明每一个如何解决',
  },

  // of requests to the console: why one is refused, and what is done step by step
  tokenUnknown: { en: 'the token is not known: paste it in full', zh: '令牌不正确：请完整粘贴' },
  linkUsed: {
    en: 'this link was used or has expired: sign in with a token, or restart the platform for a new link',
    zh: '该链接已使用过或已过期：请用令牌登录，或重启平台以获得新链接',
  },
  signInBusy: { en: 'too many failed sign-ins from this address: wait a minute', zh: '该地址登录失败次数过多：请等待一分钟' },
  sessionMissing: { en: 'nobody is signed in: sign in', zh: '尚未登录：请登录' },
  tooManyPages: { en: 'the console has {limit} open pages: close some', zh: '控制台已打开 {limit} 个页面：请关闭一些' },
  csrfTokenRefused: { en: 'header {header} is missing or wrong: reload the page', zh: '请求头 {header} 缺失或不正确：请重新加载页面' },
  originRefused: {
    en: 'the request comes from {origin}, not from this console: open the console at its own address',
    zh: '请求来自 {origin}，而不是本控制台：请用控制台自己的地址打开',
  },
  contentTypeWrong: { en: 'content-type must be {wanted}', zh: 'content-type 必须为 {wanted}' },
  bodyTooLarge: { en: 'the body is larger than {limit} bytes', zh: '请求正文超过 {limit} 字节' },
  bodyMalformed: { en: 'the body is not JSON: {said}', zh: '请求正文不是 JSON：{said}' },
  claimUnnamed: { en: 'name the claim with namespace and name', zh: '请用 namespace 和 name 指明声明' },
  questionMalformed: {
    en: 'ask with kind ({kinds}), namespace where it has one, and name',
    zh: '请给出 kind（{kinds}）、name，以及 namespace（如有）',
  },
  noSocket: { en: 'there is no socket at {path}', zh: '{path} 处没有 WebSocket' },
  notOfConsole: { en: '{path} is not part of the console', zh: '{path} 不属于控制台' },
  noSuchRequest: { en: 'the console has no {method} {path}', zh: '控制台没有 {method} {path}' },
  noSuchFile: { en: 'the console has no file {name}: reload the page', zh: '控制台没有文件 {name}：请重新加载页面' },
  methodUnknown: { en: "{method} can't be used on {path}: use GET", zh: '{path} 不支持 {method}：请用 GET' },
  consoleNotBuilt: {
    en: "the console's files are not in {dir}: run `npm run build:console`, then reload",
    zh: '{dir} 中没有控制台的文件：请运行 `npm run build:console`，然后重新加载',
  },
  tooManyLists: { en: 'a tab can follow {limit} lists at most: close some', zh: '一个标签页最多可跟踪 {limit} 个列表：请关闭一些' },
  noSuchResource: { en: 'the API has no resource {resource}', zh: 'API 没有资源 {resource}' },
  consoleFailed: { en: "the console failed: see the server's log for this request", zh: '控制台出错：请在服务器日志中查看该请求' },
  /** Words of the API stay as they are; in other languages it is said beside them what they mean. */
  apiForbids: { en: '{said}', zh: '您没有权限：{said}' },
  apiLacks: { en: '{said}', zh: '不存在：{said}' },
  apiConflicts: { en: '{said}', zh: '对象已被修改或已存在：{said}' },
  apiRefuses: { en: '{said}', zh: 'API 拒绝了请求：{said}' },

  recoveryRunning: { en: 'the growth of {claim} is being given up already: wait', zh: '正在放弃 {claim} 的扩容：请等待' },
  recoveriesBusy: { en: '{limit} growths are being given up: try again in a minute', zh: '正在放弃 {limit} 个扩容：请一分钟后重试' },
  recoveryUnfinished: {
    en: 'the growth of {claim} was not given up to its end ({minutes} minutes, or the server stops); no data is lost: run "stowage recover pvc/{name} -n {namespace}", which goes on where this stopped',
    zh: '{claim} 的扩容没有完全放弃（超过 {minutes} 分钟，或服务器停止）；数据没有丢失：请运行 "stowage recover pvc/{name} -n {namespace}"，它会从中断处继续',
  },
  noGrowthToGiveUp: {
    en: 'no growth of this claim is under way: there is nothing to give up',
    zh: '该声明没有正在进行的扩容：没有可放弃的',
  },
  noVolumeToKeep: { en: 'the claim has no volume yet: there is nothing to give up', zh: '该声明还没有卷：没有可放弃的' },
  podsUseClaim: {
    en: 'pods use the claim: {pods}; delete them (scale their owner down) first',
    zh: '有 Pod 正在使用该声明：{pods}；请先删除它们（将其所有者缩容）',
  },
  claimAndVolumeGone: {
    en: 'persistentvolumeclaim {claim} does not exist, and no volume waits for it',
    zh: 'persistentvolumeclaim {claim} 不存在，也没有卷在等待它',
  },
  volumeKept: { en: 'volume {volume} is kept (Retain)', zh: '卷 {volume} 将保留（Retain）' },
  claimDeleted: { en: 'claim {claim} is deleted', zh: '声明 {claim} 已删除' },
  volumeReservedAgain: { en: 'volume {volume} is reserved for the new claim', zh: '卷 {volume} 已为新声明预留' },
  claimMadeAgain: { en: 'claim {claim} is made again with {size} and bound', zh: '声明 {claim} 已重新创建（{size}）并绑定' },
  policyPutBack: {
    en: 'volume {volume} has its reclaim policy {policy} again; the data is as it was',
    zh: '卷 {volume} 的回收策略已恢复为 {policy}；数据保持不变',
  },

  serverUnreachable: { en: 'the server can’t be reached: is it running?', zh: '无法连接服务器：它在运行吗？' },
  connectionBroke: {
    en: 'the connection broke; the server goes on: look at the claim again, and try again if it does not come back',
    zh: '连接中断，服务器会继续执行：请再查看该声明，如未恢复请重试',
  },
  answerUnknown: {
    en: 'the server answered something that this page does not know: reload it',
    zh: '服务器的回答无法识别：请重新加载页面',
  },
} as const satisfies Readonly<Record<string, Sentence>>;
