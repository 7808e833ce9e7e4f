import { Drawer } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** What stands over a list while one of its rows is open. */
export interface DetailsDrawerProps {
  readonly name: string;
  /** Beside the name, for example its namespace. */
  readonly place: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The one drawer of the product, for the details of a row. */
export function DetailsDrawer({ name, place, onClose, children }: DetailsDrawerProps) {
  const { t } = useTranslation();
  const title = (
    <span className="drawer-title">
      <h2>{name}</h2>
      <small>{place}</small>
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
      {children}
    </Drawer>
  );
}

function overlays(): HTMLElement {
  return document.getElementById('overlays') ?? document.body;
}
