import { expect, it } from 'vitest';
import { broughtAlongDefinitions } from '../definitions/brought-along.ts';
import { LOCAL_DEFINITION_TEXTS } from './local-definitions.ts';
import { SNAPSHOT_DEFINITION_TEXTS } from './snapshot-definitions.ts';
import { TRANSFER_DEFINITION_TEXTS } from './transfer-definitions.ts';

const TEXTS = Object.entries({ ...SNAPSHOT_DEFINITION_TEXTS, ...TRANSFER_DEFINITION_TEXTS, ...LOCAL_DEFINITION_TEXTS });

it.each(TEXTS.map(([kind, texts]) => ({ kind, texts })))('every text of $kind is shown at a field that there is', ({ kind, texts }) => {
  const definition = broughtAlongDefinitions().find(({ spec }) => spec.names.kind === kind);
  const shown = JSON.stringify(definition?.spec.versions.map(({ schema }) => schema));
  const lost = Object.entries(texts).filter(([, text]) => !shown.includes(JSON.stringify(text)));
  expect(lost).toEqual([]);
});

it('every definition has texts', () => {
  const described = TEXTS.map(([kind]) => kind);
  expect(
    broughtAlongDefinitions()
      .map(({ spec }) => spec.names.kind)
      .toSorted(),
  ).toEqual(described.toSorted());
});
