import { Link, Outlet, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Dropdown } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConsoleSession } from '#api/console-session.ts';
import { LiveProvider } from '../data/live-context.tsx';
import { useSignOut } from '../data/use-session.ts';
import { ClaimIcon, ClassIcon, ProductMark, UserIcon, VolumeIcon } from '../ui/icons.tsx';
import { LinkDot, OfflineBanner } from './link-state.tsx';
import { NamespaceSelect } from './namespace-select.tsx';
import { Preferences } from './preferences.tsx';

/** The frame around every page of a signed-in user. */
export function Shell({ session }: { readonly session: ConsoleSession }) {
  const { t } = useTranslation();
  const isAdmin = useLocation().pathname.startsWith('/admin');
  return (
    <LiveProvider>
      <a className="skip" href="#content">
        {t('nav.skip')}
      </a>
      <div className="shell">
        <TopBar session={session} isAdmin={isAdmin} />
        <SideBar isAdmin={isAdmin} />
        <main id="content" tabIndex={-1}>
          <OfflineBanner />
          <Outlet />
        </main>
      </div>
    </LiveProvider>
  );
}

function TopBar({ session, isAdmin }: { readonly session: ConsoleSession; readonly isAdmin: boolean }) {
  const { t } = useTranslation();
  return (
    <header className="top-bar">
      <Link to="/" className="brand">
        <ProductMark />
        {t('product.name')}
      </Link>
      <nav className="views" aria-label={t('view.label')}>
        <Link to="/platform/claims" aria-current={isAdmin ? undefined : 'true'}>
          {t('view.platform')}
        </Link>
        {session.rights.seesAdministration && (
          <Link to="/admin/classes" aria-current={isAdmin ? 'true' : undefined}>
            {t('view.admin')}
          </Link>
        )}
      </nav>
      {!isAdmin && <PlatformNamespace />}
      <span className="grow" />
      <LinkDot />
      <Preferences />
      <UserMenu session={session} />
    </header>
  );
}

function PlatformNamespace() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  return (
    <NamespaceSelect
      value={search.ns}
      onChange={(ns) => void navigate({ to: '/platform/claims', search: (previous) => ({ ...previous, ns, open: undefined }) })}
    />
  );
}

function UserMenu({ session }: { readonly session: ConsoleSession }) {
  const { t } = useTranslation();
  const signOut = useSignOut();
  const { name } = session.user;
  const items = [
    { key: 'user', label: t('bar.user', { name }), disabled: true },
    { type: 'divider' as const },
    { key: 'out', label: t('bar.signOut'), onClick: () => signOut.mutate(session) },
  ];
  return (
    <Dropdown menu={{ items }} trigger={['click']}>
      <Button type="text" icon={<UserIcon />} aria-label={t('bar.user', { name })}>
        <span className="user-name">{name}</span>
      </Button>
    </Dropdown>
  );
}

function SideBar({ isAdmin }: { readonly isAdmin: boolean }) {
  const { t } = useTranslation();
  return (
    <nav className="side-bar" aria-label={t('nav.label')}>
      {isAdmin ? (
        <>
          <Page icon={<ClassIcon />} to="/admin/classes" label={t('nav.classes')} />
          <Page icon={<VolumeIcon />} to="/admin/volumes" label={t('nav.volumes')} />
        </>
      ) : (
        <Page icon={<ClaimIcon />} to="/platform/claims" label={t('nav.claims')} />
      )}
    </nav>
  );
}

function Page({
  icon,
  to,
  label,
}: {
  readonly icon: ReactNode;
  readonly to: '/admin/classes' | '/admin/volumes' | '/platform/claims';
  readonly label: string;
}) {
  return (
    <Link to={to} search={(previous) => ({ ns: previous.ns })} activeOptions={{ includeSearch: false }}>
      {icon}
      {label}
    </Link>
  );
}
