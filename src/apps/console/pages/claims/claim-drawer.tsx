import { Tabs } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { events } from '#api/resources.ts';
import { trustedItems } from '#api/console-items.ts';
import { useLiveList } from '../../data/live-context.tsx';
import { DetailsDrawer } from '../../ui/details-drawer.tsx';
import { EventList } from '../../ui/event-list.tsx';
import { YamlView } from '../../ui/yaml-view.tsx';
import { ClaimOverview } from './claim-overview.tsx';
import type { ClaimRow } from './claim-rows.ts';
import { GrowthRecovery } from './growth-recovery.tsx';
import { useRecovery } from './use-recovery.ts';

/** Details of one claim over the list. `row` is undefined once the claim is gone. */
export interface ClaimDrawerProps {
  readonly claimKey: string;
  readonly row: ClaimRow | undefined;
  readonly onClose: () => void;
  readonly aheadMs: number;
}

/** The drawer of a claim: why it is as it is, its events, its YAML. */
export function ClaimDrawer({ claimKey, row, onClose, aheadMs }: ClaimDrawerProps) {
  const { t } = useTranslation();
  const [namespace = '', name = claimKey] = claimKey.split('/');
  // why here: the claim goes and comes again meanwhile, and what was done stays to be read
  const recovery = useRecovery({ namespace, name });
  const panel = <GrowthRecovery recovery={recovery} row={row} />;
  const whenGone = recovery.state === 'idle' ? <p className="gone">{t('details.gone')}</p> : panel;
  return (
    <DetailsDrawer name={name} place={namespace} onClose={onClose}>
      {row === undefined ? whenGone : <ClaimTabs row={row} aheadMs={aheadMs} recovery={panel} />}
    </DetailsDrawer>
  );
}

interface ClaimTabsProps {
  readonly row: ClaimRow;
  readonly aheadMs: number;
  readonly recovery: ReactNode;
}

function ClaimTabs({ row, aheadMs, recovery }: ClaimTabsProps) {
  const { t } = useTranslation();
  const about = useLiveList(events, { namespace: row.namespace, fieldSelector: `involvedObject.uid=${row.claim.metadata.uid}` });
  const eventItems = trustedItems(events, about.byIndex('about', row.claim.metadata.uid));
  const items = [
    { key: 'overview', label: t('details.overview'), children: <ClaimOverview row={row} aheadMs={aheadMs} recovery={recovery} /> },
    {
      key: 'events',
      label: `${t('details.events')} (${eventItems.length})`,
      children: <EventList events={eventItems} aheadMs={aheadMs} />,
    },
    { key: 'yaml', label: t('details.yaml'), children: <YamlView object={row.claim} /> },
  ];
  return <Tabs items={items} aria-label={t('details.tabs')} />;
}
