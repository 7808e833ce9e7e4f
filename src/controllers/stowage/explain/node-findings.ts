import type { Node, Pod } from '#api/generated/kubernetes.ts';
import type { Finding } from '#api/explanation.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { formatBytes, formatQuantity } from '#kit/quantity.ts';
import { type Refusal, type SchedulingView, startTrial, tryNode } from '../../cluster/scheduling/filter.ts';
import type { PodClaims } from '../../cluster/scheduling/pod-claims.ts';
import type { NodeLoad } from '../../cluster/scheduling/pod-ledger.ts';
import { loadOf, nanoOfText } from '../../cluster/scheduling/pod-load.ts';

/** What is said of a node that would take the pod. */
export const FITS = 'fits';

/** Each node with the scheduler's own reasons against it, and how much is lacking where room is. Pure. */
export function nodeFindings(pod: Pod, claims: PodClaims, view: SchedulingView): readonly Finding[] {
  const trial = startTrial(pod, claims, view);
  return view.nodes.map((node) => {
    const tried = tryNode(trial, node);
    return {
      subject: `node ${node.metadata.name}`,
      text: tried.ok ? FITS : `${textOf(tried.error, { pod, node, view })}${placesText(claims, node, view)}`,
    };
  });
}

function textOf({ lack, reasons }: Refusal, at: { readonly pod: Pod; readonly node: Node; readonly view: SchedulingView }): string {
  const text = reasons.join(', ');
  return lack === 'resources' ? `${text}${lackText(at.pod, at.node, at.view.ledger.loadOf(at.node.metadata.name))}` : text;
}

function lackText(pod: Pod, { status }: Node, { requested }: NodeLoad): string {
  const short = [...loadOf(pod).requests].flatMap(([name, amount]) => {
    const total = nanoOfText(status?.allocatable?.[name]);
    const free = total - (requested.get(name) ?? 0n);
    const amounts = `${amountText(name, amount)} asked for, ${amountText(name, free)} of ${amountText(name, total)} free`;
    return amount > free ? [`${name}: ${amounts}`] : [];
  });
  return short.length === 0 ? '' : ` (${short.join('; ')})`;
}

/** Which claims keep the pod from the node because their volumes lie elsewhere. */
function placesText({ bound }: PodClaims, node: Node, view: SchedulingView): string {
  const away = bound.flatMap((claim) => {
    const volume = view.volume(volumeNameOf(claim));
    if (volume === undefined || isVolumeUsableOn(volume, node)) return [];
    const places = view.nodes.filter((other) => isVolumeUsableOn(volume, other)).map(({ metadata }) => metadata.name);
    return [`claim ${claim.metadata.name} lies on ${places.length === 0 ? 'no node that is here' : places.join(', ')}`];
  });
  return away.length === 0 ? '' : ` (${away.join('; ')})`;
}

const NANO = 1_000_000_000n;
/** Of these, bytes are counted. */
const BYTES = /^(memory|ephemeral-storage|hugepages-.*)$/;

function amountText(name: string, nano: bigint): string {
  // why: pods that were given to the node by name may take more than it has
  const amount = nano < 0n ? 0n : nano;
  return BYTES.test(name) ? formatBytes(amount / NANO) : formatQuantity({ mantissa: amount, exponent: -9, format: 'DecimalSI' });
}
