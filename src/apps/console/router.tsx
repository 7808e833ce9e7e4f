import { createRootRoute, createRoute, createRouter, Navigate, redirect } from '@tanstack/react-router';
import { Button } from 'antd';
import { useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useRights, useSession } from './data/use-session.ts';
import { ClaimsPage, type ClaimsSearch } from './pages/claims/claims-page.tsx';
import { ClassesPage } from './pages/classes/classes-page.tsx';
import { useFailureText } from './data/failure-text.ts';
import { SignInPage } from './pages/sign-in/sign-in-page.tsx';
import { VolumesPage } from './pages/volumes/volumes-page.tsx';
import { Shell } from './shell/shell.tsx';
import type { ListSearch } from './ui/list-page.tsx';
import { parseListSearch, textOf } from './ui/list-search.ts';

/** Signing in changes no address: whoever signs in stays on the page that he came for. */
function Root() {
  const session = useSession();
  const wasSignedIn = useRef(false);
  if (session.data === undefined) return session.isError ? <SignInPage hasEnded={false} /> : null;
  if (session.data === null) return <SignInPage hasEnded={wasSignedIn.current} />;
  wasSignedIn.current = true;
  return <Shell session={session.data} />;
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: Failed });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/platform/claims' });
  },
});

const claims = createRoute({
  getParentRoute: () => root,
  path: '/platform/claims',
  validateSearch: (search: Record<string, unknown>): ClaimsSearch => ({ ...parseListSearch(search), ns: textOf(search['ns']) }),
  component: function Claims() {
    const navigate = claims.useNavigate();
    const onSearch = useCallback(
      (change: Partial<ClaimsSearch>) =>
        void navigate({ search: (previous) => ({ ...previous, ...change }), replace: change.open === undefined }),
      [navigate],
    );
    const search = claims.useSearch();
    const { namespaces } = useRights();
    if (search.ns !== undefined || namespaces === 'all') return <ClaimsPage search={search} onSearch={onSearch} />;
    // why: a list of all namespaces would be a refusal, and where he may go is known
    const [first] = namespaces;
    return first === undefined ? <NoNamespace /> : <Navigate to="/platform/claims" search={{ ...search, ns: first }} replace />;
  },
});

const classes = createRoute({
  getParentRoute: () => root,
  path: '/admin/classes',
  validateSearch: parseListSearch,
  component: function Classes() {
    const navigate = classes.useNavigate();
    const onSearch = (change: Partial<ListSearch>): void =>
      void navigate({ search: (previous) => ({ ...previous, ...change }), replace: true });
    return <ClassesPage search={classes.useSearch()} onSearch={onSearch} />;
  },
});

const volumes = createRoute({
  getParentRoute: () => root,
  path: '/admin/volumes',
  validateSearch: parseListSearch,
  component: function Volumes() {
    const navigate = volumes.useNavigate();
    const onSearch = (change: Partial<ListSearch>): void =>
      void navigate({ search: (previous) => ({ ...previous, ...change }), replace: true });
    return <VolumesPage search={volumes.useSearch()} onSearch={onSearch} />;
  },
});

/** Every page of the console; to add one, add its route here and its link to shell/shell.tsx. */
export const router = createRouter({ routeTree: root.addChildren([home, claims, classes, volumes]), basepath: '/console' });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** Signed in, and nobody has given him rights anywhere. */
function NoNamespace() {
  const { t } = useTranslation();
  const user = useSession().data?.user.name ?? '';
  return (
    <div className="nothing">
      <h1>{t('rights.noneTitle')}</h1>
      <p>{t('rights.noneHelp')}</p>
      <pre>{`kubectl create rolebinding EXAMPLE --clusterrole=edit --user=${user} -n NAMESPACE`}</pre>
    </div>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="nothing">
      <h1>{t('error.notFoundTitle')}</h1>
      <Button onClick={() => void router.navigate({ to: '/platform/claims' })}>{t('error.goHome')}</Button>
    </div>
  );
}

function Failed({ error }: { readonly error: unknown }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  return (
    <div className="nothing" role="alert">
      <h1>{t('error.title')}</h1>
      <code>{error instanceof Error ? failureText(error) : String(error)}</code>
      <Button onClick={() => location.reload()}>{t('error.reload')}</Button>
    </div>
  );
}
