import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { changeLanguage } from '../i18n/i18n.ts';
import { type ThemeChoice, useThemeChoice } from '../theme/theme-context.tsx';
import { ThemeIcon } from '../ui/icons.tsx';

/** Language and theme, the same on every page. */
export function Preferences() {
  const { t, i18n } = useTranslation();
  const { choice, choose } = useThemeChoice();
  const isChinese = i18n.language === 'zh-CN';
  const themes: readonly { readonly key: ThemeChoice; readonly label: string }[] = [
    { key: 'system', label: t('bar.themeSystem') },
    { key: 'light', label: t('bar.themeLight') },
    { key: 'dark', label: t('bar.themeDark') },
  ];
  const items = themes.map((item) => ({ ...item, onClick: () => choose(item.key) }));
  return (
    <>
      <Button type="text" lang={isChinese ? 'en' : 'zh-CN'} onClick={() => void changeLanguage(isChinese ? 'en' : 'zh-CN')}>
        {isChinese ? 'English' : '中文'}
      </Button>
      <Dropdown menu={{ items, selectable: true, selectedKeys: [choice] }} trigger={['click']}>
        <Button type="text" aria-label={t('bar.theme')} title={t('bar.theme')} icon={<ThemeIcon />} />
      </Dropdown>
    </>
  );
}
