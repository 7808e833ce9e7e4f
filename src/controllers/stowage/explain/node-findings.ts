import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { type Finding, type Words, words } from '#api/explanation.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { formatBytes, formatQuantity } from '#kit/quantity.ts';
import { type Refusal, type SchedulingView, startTrial, tryNode } from '../../cluster/scheduling/filter.ts';
import type { PodClaims } from '../../cluster/scheduling/pod-claims.ts';
import type { NodeLoad } from '../../cluster/scheduling/pod-ledger.ts';
import { loadOf, nanoOfText } from '../../cluster/scheduling/pod-load.ts';

/** Each node with the scheduler's own reasons against it, and how much is lacking where room is. Pure. */
export function nodeFindings(pod: Pod, claims: PodClaims, view: SchedulingView): readonly Finding[] {
  const trial = startTrial(pod, claims, view);
  return view.nodes.map((node) => {
    const tried = tryNode(trial, node);
    return {
      subject: `node ${node.metadata.name}`,
      words: tried.ok ? words('fits') : refusalWords(tried.error, { pod, claims, node, view }),
    };
  });
}

interface Tried {
  readonly pod: Pod;
  readonly claims: PodClaims;
  readonly node: Node;
  readonly view: SchedulingView;
}

function refusalWords({ lack, reasons }: Refusal, { pod, claims, node, view }: Tried): Words {
  const lacks = lack === 'resources' ? lackWords(pod, node, view.ledger.loadOf(node.metadata.name)) : [];
  const text = reasons.join(', ');
  const refused = lacks.length === 0 ? words('nodeRefuses', { reasons: text }) : words('nodeLacks', { reasons: text, lacks });
  const places = placeWords(claims, node, view);
  return places.length === 0 ? refused : words('nodeAway', { reasons: refused, places });
}

function lackWords(pod: Pod, { status }: Node, { requested }: NodeLoad): readonly Words[] {
  return [...loadOf(pod).requests].flatMap(([resource, amount]) => {
    const total = nanoOfText(status?.allocatable?.[resource]);
    const free = total - (requested.get(resource) ?? 0n);
    if (amount <= free) return [];
    const [wanted, freeText, totalText] = [amount, free, total].map((nano) => amountText(resource, nano));
    return [words('lack', { resource, wanted: wanted ?? '', free: freeText ?? '', total: totalText ?? '' })];
  });
}

/** Which claims keep the pod from the node because their volumes lie elsewhere. */
function placeWords({ bound }: PodClaims, node: Node, view: SchedulingView): readonly Words[] {
  return bound.flatMap((claim) => {
    const volume = view.volume(volumeNameOf(claim));
    if (volume === undefined || isVolumeUsableOn(volume, node)) return [];
    const nodes = view.nodes.filter((other) => isVolumeUsableOn(volume, other)).map(({ metadata }) => metadata.name);
    const { name } = claim.metadata;
    return [
      nodes.length === 0 ? words('claimLiesNowhere', { claim: name }) : words('claimLiesOn', { claim: name, nodes: nodes.join(', ') }),
    ];
  });
}

const NANO = 1_000_000_000n;
/** Of these, bytes are counted. */
const BYTES = /^(memory|ephemeral-storage|hugepages-.*)$/;

/** Of a resource that is counted in 1/10^9: bytes as `1Gi`, others as `1500m`. Pure. */
export function amountText(name: string, nano: bigint): string {
  // why: pods that were given to the node by name may take more than it has
  const amount = nano < 0n ? 0n : nano;
  return BYTES.test(name) ? formatBytes(amount / NANO) : formatQuantity({ mantissa: amount, exponent: -9, format: 'DecimalSI' });
}
