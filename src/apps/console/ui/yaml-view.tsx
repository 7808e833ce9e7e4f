import { Typography } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { stringify } from 'yaml';

/** An object as YAML, to read and copy. */
export function YamlView({ object }: { readonly object: object }) {
  const { t } = useTranslation();
  const text = useMemo(() => stringify(object, { lineWidth: 0 }), [object]);
  return (
    <div className="yaml-view">
      <Typography.Text copyable={{ text, tooltips: [t('details.copy'), t('details.copied')] }} />
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
