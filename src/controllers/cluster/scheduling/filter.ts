import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { whyNodeUnfit } from './node-fit.ts';
import type { PlacedPods } from './ledger-view.ts';
import { type AffinityJudge, judgeAffinity, type Neighbours } from './pod-affinity.ts';
import type { ClaimLookup, PodClaims } from './pod-claims.ts';
import { whyNoRoom, whyPortsTaken } from './room-fit.ts';
import { judgeSpread, type SpreadJudge } from './topology-spread.ts';
import { assignVolumes, type VolumeLookup, type VolumePlan } from './volume-fit.ts';
import { type LimitLookup, whyDriverMissing, whyTooManyVolumes } from './volume-limits.ts';

/** What the scheduler looks at beside the pod. */
export interface SchedulingView extends ClaimLookup, VolumeLookup, LimitLookup, Pick<Neighbours, 'namespaceLabels'> {
  readonly nodes: readonly Node[];
  readonly ledger: PlacedPods;
  /** `ledger` without nominated pods, where it has some: they may go elsewhere, and nobody is placed for the sake of their company. */
  readonly settled?: PlacedPods | undefined;
  /** Uids of the pods with a node that use a claim of this pod which only one pod may use. */
  readonly rivals: readonly string[];
}

/** What a node lacks, so that a pod is looked at again when that changes, and not before. */
export type Lack = 'node' | 'ports' | 'resources' | 'exclusive' | 'limits' | 'volume' | 'capacity' | 'spread' | 'affinity';

/** Why a node won't do: upstream's reasons, of the first of its plugins that says no. */
export interface Refusal {
  readonly lack: Lack;
  readonly reasons: readonly string[];
}

/** What is the same for every node that a pod is tried on. */
export interface Trial {
  readonly pod: Pod;
  readonly claims: PodClaims;
  readonly view: SchedulingView;
  readonly spread: SpreadJudge;
  readonly affinity: AffinityJudge;
  /** The same without nominated pods; a node has to do either way (upstream `RunFilterPluginsWithNominatedPods`). */
  readonly settled?: Trial | undefined;
}

/** VolumeRestrictions' reason (upstream pkg/scheduler/framework/plugins/volumerestrictions). */
const EXCLUSIVE_CONFLICT =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

/** Looks once at what is the same for every node. Pure. */
export function startTrial(pod: Pod, claims: PodClaims, view: SchedulingView): Trial {
  const { ledger, settled } = view;
  return {
    pod,
    claims,
    view,
    settled: settled === undefined ? undefined : startTrial(pod, claims, { ...view, ledger: settled, settled: undefined }),
    spread: judgeSpread(pod, { nodes: view.nodes, inNamespace: (namespace) => ledger.inNamespace(namespace) }),
    affinity: judgeAffinity(pod, {
      all: () => ledger.all(),
      choosy: () => ledger.choosy(),
      node: view.node,
      namespaceLabels: view.namespaceLabels,
    }),
  };
}

/** What the pod's delayed claims get on `node`, or why the pod can't run there: upstream's filters in upstream's order (default plugins, Filter). Pure. */
export function tryNode(trial: Trial, node: Node): Result<VolumePlan, Refusal> {
  const refusal = refusalBeforeVolumes(trial, node);
  if (refusal !== undefined) return fail(refusal);
  const volumes = assignVolumes(trial.claims, node, trial.view);
  if (!volumes.ok) return refuse(volumes.error.lack, volumes.error.reason);
  const uneven = trial.spread.whyUnfit(node);
  if (uneven !== undefined) return refuse('spread', uneven);
  const crowded = trial.affinity.whyUnfit(node);
  if (crowded !== undefined) return refuse('affinity', crowded);
  return trial.settled === undefined ? ok(volumes.value) : tryNode(trial.settled, node);
}

function refusalBeforeVolumes({ pod, view }: Trial, node: Node): Refusal | undefined {
  const load = view.ledger.loadOf(node.metadata.name);
  const unfit = whyNodeUnfit(pod, node);
  if (unfit !== undefined) return { lack: 'node', reasons: [unfit] };
  const ports = whyPortsTaken(pod, load);
  if (ports !== undefined) return { lack: 'ports', reasons: [ports] };
  const room = whyNoRoom(pod, node, load);
  if (room.length > 0) return { lack: 'resources', reasons: room };
  if (view.rivals.length > 0) return { lack: 'exclusive', reasons: [EXCLUSIVE_CONFLICT] };
  const limits = whyDriverMissing(pod, node, view) ?? whyTooManyVolumes(pod, { node, load }, view);
  return limits === undefined ? undefined : { lack: 'limits', reasons: [limits] };
}

function refuse(lack: Lack, reason: string): { readonly ok: false; readonly error: Refusal } {
  return fail({ lack, reasons: [reason] });
}
