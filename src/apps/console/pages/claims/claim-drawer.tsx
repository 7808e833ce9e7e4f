import { Drawer, Tabs } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { events } from '#api/resources.ts';
import { trustedItems } from '#api/console-items.ts';
import { useLiveList } from '../../data/live-context.tsx';
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
  const title = (
    <span className="drawer-title">
      <h2>{name}</h2>
      <small>{namespace}</small>
    </span>
  );
  return (
    <Drawer
      open
      // why: over the body the library would add a style element without the page's nonce, to stop a scrolling that never happens
      getContainer={overlays}
      size={620}
      onClose={onClose}
      title={title}
      closable={{ 'aria-label': t('details.close') }}
      styles={{ header: { padding: '12px 20px' }, body: { paddingTop: 8 } }}
      mask={{ closable: true, blur: false }}
    >
      {row === undefined ? whenGone : <ClaimTabs row={row} aheadMs={aheadMs} recovery={panel} />}
    </Drawer>
  );
}

function overlays(): HTMLElement {
  return document.getElementById('overlays') ?? document.body;
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
