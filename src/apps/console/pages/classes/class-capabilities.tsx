import { useTranslation } from 'react-i18next';
import type { ClassCapabilities, Origin, Told } from '#api/capabilities/resolve.ts';

/** Everything that a class may say of itself, in the order in which it is shown. */
const VALUES = ['volumeModes', 'accessModes', 'blockAccessModes', 'snapshot', 'expansion'] as const;

/** What claims of a class can ask for, who says so, and what others said that does not count. */
export function ClassCapabilitiesList({ can }: { readonly can: ClassCapabilities }) {
  const { t } = useTranslation();
  return (
    <dl className="capabilities">
      {VALUES.map((value) => (
        <div key={value}>
          <dt>{t(`capability.${value}`)}</dt>
          <ToldValue told={can[value]} />
        </div>
      ))}
      {can.features !== undefined && (
        <div>
          <dt>{t('capability.features')}</dt>
          <dd>
            {can.features.join(', ')} <small>{t('capability.byFeatures')}</small>
          </dd>
        </div>
      )}
    </dl>
  );
}

function ToldValue({ told }: { readonly told: Told<boolean> | Told<readonly string[]> | undefined }) {
  const { t } = useTranslation();
  const textOf = useCapabilityText();
  if (told === undefined) {
    return (
      <dd>
        {t('capability.unknown')} <small>{t('capability.unknownHelp')}</small>
      </dd>
    );
  }
  return (
    <>
      <dd>
        {textOf(told.value)} <small>{t(originKey(told.origin), { name: told.origin.name })}</small>
      </dd>
      {told.overridden.map(({ value, origin }) => (
        <dd key={`${origin.by}/${origin.name}`} className="overridden">
          {t('capability.overridden', { value: textOf(value) })} <small>{t(originKey(origin), { name: origin.name })}</small>
        </dd>
      ))}
    </>
  );
}

/** A value in the present language. */
function useCapabilityText(): (value: boolean | readonly string[]) => string {
  const { t } = useTranslation();
  return (value) => {
    if (typeof value === 'boolean') return t(value ? 'classes.yes' : 'classes.no');
    return value.length === 0 ? t('capability.none') : value.join(', ');
  };
}

function originKey({ by }: Origin): `capability.by${'Driver' | 'ConfigMap' | 'Class'}` {
  if (by === 'driver') return 'capability.byDriver';
  return by === 'configMap' ? 'capability.byConfigMap' : 'capability.byClass';
}
