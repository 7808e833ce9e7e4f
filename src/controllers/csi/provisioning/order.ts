import type { PersistentVolumeClaim, StorageClass, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { attributesClassOf } from '#api/storage/claim.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { type ContentSource, whyUnfillable, whyUnfinishable } from './content-source.ts';
import { type ClassParameters, sortParameters } from './parameters.ts';

/** What is asked for, as the plan saw it: what is carried out is what was decided on. */
export interface PlannedOrder {
  readonly storageClass: StorageClass;
  /** Of the class, sorted by whom they are for. */
  readonly parameters: ClassParameters;
  /** What the claim names, where it names one. */
  readonly attributesClass: VolumeAttributesClass | undefined;
  /** What the volume is filled from, where it is. */
  readonly source: ContentSource | undefined;
}

/** What of the objects an order is made from beside the claim. */
export interface OrderView {
  /** Why the class can't be read for the driver that took over its provisioner; absent where it can, or none has. */
  readonly classProblem?: string | undefined;
  /** The VolumeAttributesClass that the claim names, where it exists. */
  readonly attributesClass?: VolumeAttributesClass | undefined;
  /** What the claim is to be filled from, where it names something. */
  readonly source?: ContentSource | undefined;
  /** Why it may not be filled from there: no grant of that namespace lets it. */
  readonly grantProblem?: string | undefined;
  /** True where the driver was asked already, and may have made the volume. */
  readonly isBegun?: boolean;
}

/** Why nobody needs to be asked: as the objects are, this claim can't be provisioned with this class. */
export interface Refusal {
  /** Which object has to change. */
  readonly about: 'claim' | 'class' | 'attributesClass' | 'source' | 'grant';
  readonly problem: string;
}

/** The order for the volume of `claim`, or why there is none. What is refused here is never asked of a driver; explanations say the same. Pure. */
export function orderVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, view: OrderView): Result<PlannedOrder, Refusal> {
  const order = orderUnfilled(claim, storageClass, view);
  if (!order.ok) return order;
  // why before the source: without a grant nobody is told even whether it is there
  if (view.grantProblem !== undefined) return fail({ about: 'grant', problem: view.grantProblem });
  if (view.source === undefined) return order;
  const whyNot = view.isBegun === true ? whyUnfinishable : whyUnfillable;
  const problem = whyNot(claim, storageClass, view.source);
  return problem === undefined ? order : fail({ about: 'source', problem });
}

/** As {@link orderVolume}, whether or not what the volume is filled from is ready. Pure. */
export function orderUnfilled(claim: PersistentVolumeClaim, storageClass: StorageClass, view: OrderView): Result<PlannedOrder, Refusal> {
  const { classProblem, attributesClass, source } = view;
  if (classProblem !== undefined) return fail({ about: 'class', problem: classProblem });
  const claimProblem = whyUnservable(claim);
  if (claimProblem !== undefined) return fail({ about: 'claim', problem: claimProblem });
  const parameters = sortParameters(storageClass, claim);
  if (!parameters.ok) return fail({ about: 'class', problem: parameters.error });
  const attributesProblem = whyUnattributable(claim, storageClass, attributesClass);
  if (attributesProblem !== undefined) return fail({ about: 'attributesClass', problem: attributesProblem });
  return ok({ storageClass, parameters: parameters.value, attributesClass, source });
}

function whyUnservable(claim: PersistentVolumeClaim): string | undefined {
  if (claim.spec.selector !== undefined)
    return 'claim Selector is not supported: leave spec.selector out, or create a PersistentVolume that it selects';
  return undefined;
}

/** Why the VolumeAttributesClass that `claim` names can't be its volume's; undefined where it can, or none is named. */
function whyUnattributable(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  attributesClass: VolumeAttributesClass | undefined,
): string | undefined {
  const name = JSON.stringify(attributesClassOf(claim.spec));
  if (attributesClassOf(claim.spec) === '') return undefined;
  if (attributesClass === undefined) return `VAC ${name} does not exist: create it, or make a claim that names another`;
  if (attributesClass.driverName === storageClass.provisioner) return undefined;
  return `VAC ${name} is for the driver ${JSON.stringify(attributesClass.driverName)}, not for ${JSON.stringify(storageClass.provisioner)} of the class: name one of that driver`;
}
