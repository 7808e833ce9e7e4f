import { Typography } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { writeYaml } from '#kit/write-yaml.ts';

/** An object as YAML, to read and copy. */
export function YamlView({ object }: { readonly object: object }) {
  const { t } = useTranslation();
  const text = useMemo(() => writeYaml(object), [object]);
  return (
    <div className="yaml-view">
      <Typography.Text copyable={{ text, tooltips: [t('details.copy'), t('details.copied')] }} />
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
