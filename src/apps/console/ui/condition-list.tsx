import { useTranslation } from 'react-i18next';

interface ShownCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** Conditions as the server tells them. */
export function ConditionList({ conditions }: { readonly conditions: readonly ShownCondition[] }) {
  const { t } = useTranslation();
  if (conditions.length === 0) return <p className="faint">{t('details.noConditions')}</p>;
  return (
    <ul className="condition-list">
      {conditions.map((condition) => (
        <li key={condition.type}>
          <strong>{condition.type}</strong> {condition.status}
          {condition.reason !== undefined && <span className="faint"> · {condition.reason}</span>}
          {condition.message !== undefined && <p>{condition.message}</p>}
        </li>
      ))}
    </ul>
  );
}
