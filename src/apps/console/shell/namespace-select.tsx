import { Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { namespaces } from '#api/resources.ts';
import { useRights } from '../data/use-session.ts';
import { useLiveList } from '../data/live-context.tsx';
import { compareText } from '../ui/compare.ts';

const ALL = '';

/** The namespace switcher. Who may not list namespaces can still type one. */
export function NamespaceSelect({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (namespace: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const list = useLiveList(namespaces);
  const [typed, setTyped] = useState('');
  const rights = useRights();
  const isListed = list.problem === undefined;
  const options = useMemo(() => {
    const own = rights.namespaces;
    const names = new Set(own === 'all' ? list.items.map((item) => item.metadata.name) : own);
    if (value !== undefined) names.add(value);
    if (!isListed && typed !== '') names.add(typed);
    const all = own === 'all' ? [{ value: ALL, label: t('bar.allNamespaces') }] : [];
    return [...all, ...[...names].sort(compareText).map((name) => ({ value: name, label: name }))];
  }, [list.items, value, isListed, typed, rights, t]);
  return (
    <Select
      className="namespace-select"
      variant="filled"
      aria-label={t('bar.namespace')}
      showSearch={{ optionFilterProp: 'label', onSearch: setTyped }}
      popupMatchSelectWidth={240}
      options={options}
      value={value ?? ALL}
      onChange={(next: string) => onChange(next === ALL ? undefined : next)}
    />
  );
}
