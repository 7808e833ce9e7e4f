import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { requestedSize, volumeSize } from '#api/claim-facts.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { persistentVolumes, pods } from '#api/resources.ts';
import { useLiveList } from '../../data/live-context.tsx';
import { Facts } from '../../ui/facts.tsx';
import { StatusSign } from '../../ui/status.tsx';
import { ConditionList } from '../../ui/condition-list.tsx';
import { Age } from '../../ui/age.tsx';
import { ClaimExplanation } from './claim-explanation.tsx';
import type { ClaimRow } from './claim-rows.ts';
import { useClaimSentence } from './claim-sentence.ts';
import { QuotaLeft } from './quota-left.tsx';

interface ClaimOverviewProps {
  readonly row: ClaimRow;
  readonly aheadMs: number;
  /** What helps where its growth failed. */
  readonly recovery: ReactNode;
}

/** What is the matter with a claim, what it has, and who uses it. */
export function ClaimOverview({ row, aheadMs, recovery }: ClaimOverviewProps) {
  const { t } = useTranslation();
  const sentence = useClaimSentence();
  const { claim, status } = row;
  const { volume, isDenied } = useVolume(claim.spec.volumeName);
  return (
    <div className="details">
      <div className={`explain tone-edge-${status.tone}`}>
        <h3>
          <StatusSign tone={status.tone} /> {sentence(status)}
        </h3>
        <p>{t(`claimHelp.${status.code}`)}</p>
        {status.detail !== undefined && !sentence(status).includes(status.detail) && (
          <blockquote>
            <span>{t('details.serverSays')}</span>
            {status.detail}
          </blockquote>
        )}
      </div>
      {recovery}
      {status.tone !== 'good' && (
        <Section title={t('details.whatWasLookedAt')}>
          <ClaimExplanation claim={claim} code={status.code} />
        </Section>
      )}
      <Facts
        facts={[
          [t('details.requested'), requestedSize(claim).text],
          [t('details.capacity'), volumeSize(claim.status?.capacity?.['storage']).text || '—'],
          [t('claims.class'), row.className || t('claims.noClass')],
          [t('claims.modes'), (claim.spec.accessModes ?? []).join(', ')],
          [t('details.volumeMode'), claim.spec.volumeMode ?? 'Filesystem'],
          [t('details.created'), <Created key="created" atMs={row.createdMs} aheadMs={aheadMs} />],
        ]}
      />
      <Section title={t('details.volume')}>
        <VolumeFacts name={claim.spec.volumeName} volume={volume} isDenied={isDenied} />
      </Section>
      <Section title={t('quota.title')}>
        <QuotaLeft namespace={row.namespace} />
      </Section>
      <Section title={t('claims.pods')}>
        <PodList row={row} />
      </Section>
      <Section title={t('details.conditions')}>
        <ConditionList conditions={claim.status?.conditions ?? []} />
      </Section>
    </div>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Created({ atMs, aheadMs }: { readonly atMs: number; readonly aheadMs: number }) {
  const { i18n } = useTranslation();
  return (
    <>
      {new Date(atMs).toLocaleString(i18n.language)} · <Age atMs={atMs} aheadMs={aheadMs} />
    </>
  );
}

interface VolumeFactsProps {
  readonly name: string | undefined;
  readonly volume: PersistentVolume | undefined;
  /** He may not read volumes. */
  readonly isDenied: boolean;
}

function VolumeFacts({ name, volume, isDenied }: VolumeFactsProps) {
  const { t } = useTranslation();
  if (name === undefined || name === '') return <p className="faint">{t('details.notBound')}</p>;
  if (isDenied)
    return (
      <>
        <Facts facts={[[t('volumes.name'), <code key="name">{name}</code>]]} />
        <p className="faint">{t('details.volumeDenied')}</p>
      </>
    );
  const source = sourceOf(volume);
  return (
    <Facts
      facts={[
        [t('volumes.name'), <code key="name">{name}</code>],
        [t('details.reclaim'), volume?.spec?.persistentVolumeReclaimPolicy ?? '—'],
        [t('details.driver'), source.driver],
        [t('details.handle'), <code key="handle">{source.handle}</code>],
      ]}
    />
  );
}

/** Who serves the volume and under which name; in-tree sources go by their own name. */
function sourceOf(volume: PersistentVolume | undefined): { readonly driver: string; readonly handle: string } {
  const { csi, hostPath, nfs, local } = volume?.spec ?? {};
  if (csi !== undefined) return { driver: csi.driver, handle: csi.volumeHandle };
  if (hostPath !== undefined) return { driver: 'hostPath', handle: hostPath.path };
  if (nfs !== undefined) return { driver: 'nfs', handle: `${nfs.server}:${nfs.path}` };
  return local === undefined ? { driver: '—', handle: '—' } : { driver: 'local', handle: local.path };
}

function PodList({ row }: { readonly row: ClaimRow }) {
  const { t } = useTranslation();
  const list = useLiveList(pods, { namespace: row.namespace });
  if (row.podNames.length === 0) return <p className="faint">{t('claims.noPods')}</p>;
  const named = new Set(row.podNames);
  return (
    <ul className="pod-list">
      {list.items
        .filter((pod) => named.has(pod.metadata.name))
        .map((pod) => (
          <li key={pod.metadata.uid}>
            <code>{pod.metadata.name}</code> <span>{pod.status?.phase ?? 'Pending'}</span>{' '}
            {pod.spec?.nodeName !== undefined && <span className="faint">{t('details.node', { node: pod.spec.nodeName })}</span>}
          </li>
        ))}
    </ul>
  );
}

function useVolume(name: string | undefined): { readonly volume: PersistentVolume | undefined; readonly isDenied: boolean } {
  // why the impossible name: hooks can't be skipped, and a claim without a volume needs a list without one
  const list = useLiveList(persistentVolumes, { fieldSelector: `metadata.name=${name === undefined || name === '' ? '-' : name}` });
  return { volume: list.items.find((volume) => volume.metadata.name === name), isDenied: list.problem?.type === 'denied' };
}
