import { useMemo, useState } from 'react';
import { claimStatuses } from '#api/claim-status.ts';
import { events, persistentVolumeClaims, pods } from '#api/resources.ts';
import { type TypedList, useLink, useLiveList } from '../../data/live-context.tsx';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type ClaimRow, ClaimRows } from './claim-rows.ts';

/** Only what happened to claims; the gateway and the API filter. */
const ABOUT_CLAIMS = 'involvedObject.kind=PersistentVolumeClaim';

/** The live claims of a namespace, or of all, each with its status. */
export function useClaimRows(namespace: string | undefined): {
  readonly rows: readonly ClaimRow[];
  readonly claims: TypedList<PersistentVolumeClaim>;
  readonly isStale: boolean;
} {
  const claims = useLiveList(persistentVolumeClaims, { namespace });
  const podList = useLiveList(pods, { namespace });
  const eventList = useLiveList(events, { namespace, fieldSelector: ABOUT_CLAIMS });
  const decided = useLiveList(claimStatuses, { namespace });
  const link = useLink();
  const [cache] = useState(() => new ClaimRows());
  const statuses = useMemo(() => new Map(decided.items.map(({ metadata, status }) => [metadata.uid, status])), [decided.items]);
  const rows = useMemo(
    () =>
      cache.rows({
        claims: claims.items,
        podsOf: (key) => podList.byIndex('claim', key),
        eventsAbout: (uid) => eventList.byIndex('about', uid),
        statuses,
      }),
    [cache, claims.items, podList, eventList, statuses],
  );
  return { rows, claims, isStale: claims.state === 'stale' || link.state === 'offline' };
}
