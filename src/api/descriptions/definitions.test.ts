import { expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '../kinds/built-in.ts';
import { findDefinition } from '../schema/definitions.ts';
import { broughtAlongDefinitions } from '../definitions/brought-along.ts';
import { ADMINISTRATION_DESCRIPTIONS } from './administration.ts';
import { APPLICATION_DESCRIPTIONS } from './applications.ts';
import { DELETED_CLAIM_TEXTS } from './deleted-claim-definitions.ts';
import { describeField } from './describe.ts';
import { LOCAL_DEFINITION_TEXTS } from './local-definitions.ts';
import { MOVE_DEFINITION_TEXTS } from './move-definitions.ts';
import { PROJECT_DEFINITION_TEXTS } from './project-definitions.ts';
import { ROLLBACK_DEFINITION_TEXTS } from './rollback-definitions.ts';
import { SNAPSHOT_DEFINITION_TEXTS } from './snapshot-definitions.ts';
import { SNAPSHOT_SCHEDULE_TEXTS } from './snapshot-schedule-definitions.ts';
import { TRANSFER_DEFINITION_TEXTS } from './transfer-definitions.ts';

const TEXTS = Object.entries({
  ...SNAPSHOT_DEFINITION_TEXTS,
  ...TRANSFER_DEFINITION_TEXTS,
  ...LOCAL_DEFINITION_TEXTS,
  ...PROJECT_DEFINITION_TEXTS,
  ...ROLLBACK_DEFINITION_TEXTS,
  ...MOVE_DEFINITION_TEXTS,
  ...SNAPSHOT_SCHEDULE_TEXTS,
  ...DELETED_CLAIM_TEXTS,
});

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

it('every built-in kind has a text', () => {
  const silent = BUILT_IN_KINDS.filter(({ schema }) => describeField(schema) === undefined).map(({ resource }) => resource.kind);
  expect(silent).toEqual([]);
});

it('every text of the built-in kinds is of a field that there is', () => {
  const groups = new Set(BUILT_IN_KINDS.map(({ schema }) => schema.split('.').slice(0, -1).join('.')));
  const found = (short: string, field: string): boolean =>
    [...groups].some((group) => {
      const name = `${group}.${short.split('.')[1]}`;
      return field === '' || Object.hasOwn(findDefinition(name)?.properties ?? {}, field);
    });
  const lost = Object.entries({ ...APPLICATION_DESCRIPTIONS, ...ADMINISTRATION_DESCRIPTIONS }).flatMap(([short, texts]) =>
    Object.keys(texts)
      .filter((field) => !found(short, field))
      .map((field) => `${short} ${field}`),
  );
  expect(lost).toEqual([]);
});
