// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { parseExactJson } from '#kit/exact-json.ts';
import { initTexts } from '../i18n/i18n.ts';
import { YamlView } from './yaml-view.tsx';

beforeAll(() => initTexts('en'));
afterEach(cleanup);

it('API-2: shows every digit, and in quotes what a reader would take for something else than a text', () => {
  const object = parseExactJson('{"spec":{"size":9007199254740993,"answer":"yes","lines":"a\\nb\\n"}}');
  const { container } = render(<YamlView object={Object(object)} />);
  expect(container.querySelector('pre')?.textContent).toBe('spec:\n  size: 9007199254740993\n  answer: "yes"\n  lines: |\n    a\n    b\n');
});
