/** Classes of the simulation. */
export const CLASSES = ['local', 'spread', 'net', 'net-wait', 'kept'] as const;
/** Beside these, one that is always there and keeps the volumes of deleted claims. */
export type ClassName = (typeof CLASSES)[number] | 'graced';

/** StatefulSets of the simulation, and what becomes of their claims when the set goes, and when it gets smaller. */
export const SETS = {
  w: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  x: { whenDeleted: 'Delete', whenScaled: 'Delete' },
  y: { whenDeleted: 'Delete', whenScaled: 'Retain' },
} as const;
export type SetName = keyof typeof SETS;
export const SET_NAMES: readonly SetName[] = ['w', 'x', 'y'];

/** Whose snapshots: each has a class of that name. */
export const SNAPSHOT_DRIVERS = ['local', 'net'] as const;
export type SnapshotDriver = (typeof SNAPSHOT_DRIVERS)[number];

/** Plugins that come and go in the simulation. */
export const PLUGINS = ['projects', 'snapshot', 'volsync', 'local-directory', 'nfs'] as const;
export type PluginName = (typeof PLUGINS)[number];

/** Those that say nothing of what was asked for. */
export const BREAKDOWNS = ['Internal', 'Unavailable', 'Aborted', 'DeadlineExceeded', 'Unknown'] as const;
/** Codes with which a driver refuses a call before it did anything. */
export const REFUSALS = [...BREAKDOWNS, 'ResourceExhausted', 'FailedPrecondition', 'InvalidArgument'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What becomes of the next call of a driver, or of the next write to the API. */
export type Fate =
  /** Done, but nobody hears of it. */
  | { readonly kind: 'lostAnswer' }
  /** Done so late that the caller may have given up. */
  | { readonly kind: 'late'; readonly ms: number }
  /** Done at once, and answered late. */
  | { readonly kind: 'slowAnswer'; readonly ms: number }
  | { readonly kind: 'refused'; readonly code: Refusal };

/** Of controllers' and nodes' calls, those that change something or that decisions rest on. */
export const CONTROLLER_METHODS = [
  'createVolume',
  'deleteVolume',
  'controllerGetVolume',
  'controllerPublishVolume',
  'controllerUnpublishVolume',
  'controllerExpandVolume',
  'controllerModifyVolume',
  'getCapacity',
  'createSnapshot',
  'deleteSnapshot',
  'listSnapshots',
  'createVolumeGroupSnapshot',
  'deleteVolumeGroupSnapshot',
] as const;
export const NODE_METHODS = [
  'nodeStageVolume',
  'nodePublishVolume',
  'nodeUnpublishVolume',
  'nodeUnstageVolume',
  'nodeExpandVolume',
] as const;

/** What can be killed. `server` is the API with its store and the controllers; `controllers` are those alone. */
export type Part = 'server' | 'controllers' | `node-${number}` | `driver-${number}` | 'driver-net';

/** Whose calls meet a fate. */
export type DriverName = `driver-${number}` | 'driver-net';

/** One thing that happens in a simulation, as data: the same steps on the same seed do the same again. What does not fit the moment is left out. */
export type Step =
  | {
      readonly do: 'createClaim';
      readonly name: string;
      readonly className: ClassName;
      readonly mib: number;
      readonly mode?: 'ReadWriteOncePod' | 'ReadWriteMany';
      readonly from?: string;
      readonly fromSnapshot?: string;
    }
  | { readonly do: 'deleteClaim'; readonly name: string }
  /** The claim is brought back that was deleted last under the name, or its volume is let go. */
  | { readonly do: 'undelete' | 'letGo'; readonly name: string }
  | { readonly do: 'growClaim'; readonly name: string; readonly mib: number }
  | { readonly do: 'setAttributes'; readonly name: string; readonly className: 'gold' | 'silver' }
  | { readonly do: 'deleteVolumeOf'; readonly name: string }
  | { readonly do: 'takeSnapshot'; readonly name: string; readonly claim: string; readonly driver: SnapshotDriver }
  | { readonly do: 'deleteSnapshot'; readonly name: string }
  /** Of all claims of a driver that are made at once. */
  | { readonly do: 'takeGroup'; readonly name: string; readonly driver: SnapshotDriver }
  | { readonly do: 'deleteGroup'; readonly name: string }
  /** The plugin is used no more by them. */
  | { readonly do: 'deleteSnapshotClass' | 'deleteGroupClass'; readonly driver: SnapshotDriver }
  | { readonly do: 'createPod'; readonly name: string; readonly claims: readonly string[] }
  | { readonly do: 'deletePod'; readonly name: string }
  | { readonly do: 'createSet'; readonly name: SetName; readonly replicas: number; readonly className: ClassName }
  | { readonly do: 'scaleSet'; readonly name: SetName; readonly replicas: number }
  | { readonly do: 'deleteSet'; readonly name: SetName }
  | { readonly do: 'cordon' | 'uncordon'; readonly node: number }
  | { readonly do: 'deleteClass' | 'createClass'; readonly className: ClassName }
  | { readonly do: 'installPlugin' | 'uninstallPlugin'; readonly plugin: PluginName }
  /** A plugin is used, and no more. */
  | { readonly do: 'createProject' | 'deleteProject' }
  /** A node can't serve the drivers of plugins, and can again. */
  | { readonly do: 'breakNode' | 'mendNode'; readonly node: number }
  | { readonly do: 'takeDriverAway' | 'bringDriverBack'; readonly driver: 'local' | 'net' }
  | { readonly do: 'fillPool' | 'freePool'; readonly node: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'halt'; readonly driver: DriverName; readonly ms: number }
  /** A node does not reach the API for so long. */
  | { readonly do: 'cutOff'; readonly node: number; readonly ms: number }
  | { readonly do: 'kill'; readonly part: Part }
  /** A node's machine loses its power: with its processes go its mounts and containers. */
  | { readonly do: 'reboot'; readonly node: number }
  /** Kills when that many more effects of the part have begun: before the last of them, or after it and unheard. */
  | { readonly do: 'killAt'; readonly part: Part; readonly effects: number; readonly moment: 'before' | 'after' }
  | { readonly do: 'driverFate'; readonly driver: DriverName; readonly method: string; readonly fate: Fate }
  | { readonly do: 'apiFate'; readonly part: 'controllers' | `node-${number}`; readonly fate: 'conflict' | 'lostAnswer' | 'unreachable' };

/** Steps that are faults. */
export const FAULTS: ReadonlySet<Step['do']> = new Set([
  'takeDriverAway',
  'fillPool',
  'breakNode',
  'jump',
  'halt',
  'kill',
  'reboot',
  'cutOff',
  'killAt',
  'driverFate',
  'apiFate',
  'deleteClass',
]);
