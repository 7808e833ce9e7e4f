import { currentSize, shortAccessMode } from '#api/claim-facts.ts';
import { type ClaimStatus, claimStatus } from '#api/claim-status.ts';
import { trustedItems } from '#api/console-items.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { events, pods } from '#api/resources.ts';

/** A line of the list of claims. */
export interface ClaimRow {
  readonly claim: PersistentVolumeClaim;
  /** `namespace/name`; the `open` parameter of the URL. */
  readonly key: string;
  readonly name: string;
  readonly namespace: string;
  readonly status: ClaimStatus;
  readonly size: { readonly text: string; readonly sizeBytes: bigint };
  readonly className: string;
  readonly modes: string;
  readonly podNames: readonly string[];
  readonly createdMs: number;
  readonly searchText: string;
}

/** The lists that rows are made from. */
export interface ClaimSources {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly podsOf: (claimKey: string) => readonly KubeObject[];
  readonly eventsAbout: (uid: string) => readonly KubeObject[];
  /** Of those that wait, by uid: what was decided on. */
  readonly statuses: ReadonlyMap<string, ClaimStatus>;
}

interface Held {
  readonly row: ClaimRow;
  readonly pods: readonly KubeObject[];
  readonly events: readonly KubeObject[];
  readonly decided: ClaimStatus | undefined;
}

/** Makes rows and keeps those whose sources have not changed, so that a change costs what changed and not what exists. */
export class ClaimRows {
  #held = new Map<string, Held>();

  rows(sources: ClaimSources): readonly ClaimRow[] {
    const next = new Map<string, Held>();
    const rows = sources.claims.map((claim) => {
      const held = this.#row(claim, sources);
      next.set(claim.metadata.uid, held);
      return held.row;
    });
    this.#held = next;
    return rows;
  }

  #row(claim: PersistentVolumeClaim, sources: ClaimSources): Held {
    const key = `${claim.metadata.namespace ?? ''}/${claim.metadata.name}`;
    const podList = sources.podsOf(key);
    const eventList = sources.eventsAbout(claim.metadata.uid);
    const decided = sources.statuses.get(claim.metadata.uid);
    const known = this.#held.get(claim.metadata.uid);
    const isSame = known?.row.claim === claim && known.pods === podList && known.events === eventList && known.decided === decided;
    if (isSame) return known;
    const claimPods = trustedItems(pods, podList);
    const status = claimStatus(claim, { pods: claimPods, events: trustedItems(events, eventList), decided });
    const podNames = claimPods.map((pod) => pod.metadata.name).sort();
    return { row: makeRow(claim, { key, status, podNames }), pods: podList, events: eventList, decided };
  }
}

function makeRow(claim: PersistentVolumeClaim, made: Pick<ClaimRow, 'key' | 'status' | 'podNames'>): ClaimRow {
  const { name, namespace = '', creationTimestamp } = claim.metadata;
  const className = claim.spec.storageClassName ?? '';
  return {
    ...made,
    claim,
    name,
    namespace,
    size: currentSize(claim),
    className,
    modes: (claim.status?.accessModes ?? claim.spec.accessModes ?? []).map(shortAccessMode).join(' '),
    createdMs: Date.parse(creationTimestamp),
    searchText: [name, namespace, className, ...made.podNames].join(' ').toLowerCase(),
  };
}
