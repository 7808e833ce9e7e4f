import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import type { ClassCapabilities } from '#api/capabilities/resolve.ts';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { DetailsDrawer } from '../../ui/details-drawer.tsx';
import { Facts } from '../../ui/facts.tsx';
import { YamlView } from '../../ui/yaml-view.tsx';
import { ClassCapabilitiesList } from './class-capabilities.tsx';

/** Details of one class over the list. `item` is undefined once the class is gone. */
export interface ClassDrawerProps {
  readonly name: string;
  readonly item: StorageClass | undefined;
  /** Undefined until they are known. */
  readonly can: ClassCapabilities | undefined;
  readonly onClose: () => void;
}

/** The drawer of a class: what claims of it can ask for and who says so, its parameters, its YAML. */
export function ClassDrawer({ name, item, can, onClose }: ClassDrawerProps) {
  const { t } = useTranslation();
  return (
    <DetailsDrawer name={name} place={can?.displayName ?? ''} onClose={onClose}>
      {item === undefined ? <p className="gone">{t('details.gone')}</p> : <ClassTabs item={item} can={can} />}
    </DetailsDrawer>
  );
}

function ClassTabs({ item, can }: { readonly item: StorageClass; readonly can: ClassCapabilities | undefined }) {
  const { t } = useTranslation();
  const parameters = Object.entries(item.parameters ?? {});
  const overview = (
    <div className="details">
      <section>
        <h3>{t('capability.title')}</h3>
        {can === undefined ? <p>{t('list.loading')}</p> : <ClassCapabilitiesList can={can} />}
      </section>
      <section>
        <h3>{t('classes.parameters')}</h3>
        {parameters.length === 0 ? <p>{t('classes.noParameters')}</p> : <Facts facts={parameters} />}
      </section>
    </div>
  );
  const items = [
    { key: 'overview', label: t('details.overview'), children: overview },
    { key: 'yaml', label: t('details.yaml'), children: <YamlView object={item} /> },
  ];
  return <Tabs items={items} aria-label={t('details.tabs')} />;
}
