import { Alert, Button, Input } from 'antd';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFailureText } from '../../data/failure-text.ts';
import { RequestFailed } from '../../data/session.ts';
import { takeArrivalProblem, useSignIn } from '../../data/use-session.ts';
import { Preferences } from '../../shell/preferences.tsx';
import { ProductMark } from '../../ui/icons.tsx';

/** Where everybody begins: paste a token. `hasEnded`: a session was here before. */
export function SignInPage({ hasEnded }: { readonly hasEnded: boolean }) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const signIn = useSignIn();
  const inputId = useId();
  const helpId = useId();
  const problem = signIn.error ?? takeArrivalProblem() ?? null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsMissing(token.trim() === '');
    if (token.trim() !== '') signIn.mutate(token.trim());
  };
  return (
    <div className="sign-in">
      <div className="sign-in-bar">
        <Preferences />
      </div>
      <main>
        <form onSubmit={submit} noValidate>
          <header>
            <ProductMark />
            <div>
              <h1>{t('product.name')}</h1>
              <p>{t('product.tagline')}</p>
            </div>
          </header>
          {hasEnded && problem === null && <Alert type="info" title={t('signIn.ended')} />}
          <label htmlFor={inputId}>{t('signIn.token')}</label>
          <Input.Password
            id={inputId}
            size="large"
            autoFocus
            autoComplete="current-password"
            spellCheck={false}
            value={token}
            onChange={(event) => setToken(event.target.value)}
            aria-describedby={helpId}
            status={isMissing ? 'error' : ''}
          />
          <p id={helpId} className="help">
            {isMissing ? t('signIn.tokenMissing') : t('signIn.tokenHelp')}
          </p>
          {problem !== null && <Problem problem={problem} />}
          <Button type="primary" size="large" htmlType="submit" block loading={signIn.isPending}>
            {t('signIn.submit')}
          </Button>
        </form>
      </main>
    </div>
  );
}

function Problem({ problem }: { readonly problem: Error }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const id = problem instanceof RequestFailed ? problem.refusal.requestId : '';
  return (
    <div className="problem" role="alert">
      {failureText(problem)}
      {id !== '' && <small>{t('signIn.reference', { id })}</small>}
    </div>
  );
}
