import { describe, expect, it } from 'vitest';
import { podKind } from '../kinds/pod.ts';
import { trusted } from '#kit/json.ts';
import { findUnsupportedField, matchesFields, parseFieldSelector } from './field-selector.ts';
import type { KindDefinition } from './kind.ts';
import { labelRequirementsOf, matchesLabels, matchesLabelSelector, parseLabelSelector } from './selector.ts';

const labels = { app: 'web', tier: 'front', 'example.com/size': '7' };

describe('label selectors in text', () => {
  it.each([
    { text: '', isMatch: true },
    { text: 'app=web', isMatch: true },
    { text: 'app==web,tier=front', isMatch: true },
    { text: 'app!=web', isMatch: false },
    { text: 'other!=web', isMatch: true },
    { text: 'app in (api, web)', isMatch: true },
    { text: 'app in(api)', isMatch: false },
    { text: 'app notin (api),tier', isMatch: true },
    { text: 'other notin (api)', isMatch: true },
    { text: '!other', isMatch: true },
    { text: '!app', isMatch: false },
    { text: 'constructor', isMatch: false },
    { text: 'example.com/size>6', isMatch: true },
    { text: 'example.com/size<7', isMatch: false },
    { text: 'app>1', isMatch: false },
    { text: 'app=', isMatch: false },
  ])('$text', ({ text, isMatch }) => {
    const parsed = parseLabelSelector(text);
    expect(parsed.ok && matchesLabels(parsed.value, labels)).toBe(isMatch);
  });

  it.each(['app in web', 'app in (', ',', 'a=b,', '-app=x', 'app=-x', 'a b', 'app in ()x', 'a>x', '=x', 'a/b/c'])(
    'refuses %j with a remedy',
    (text) => {
      const parsed = parseLabelSelector(text);
      expect(parsed.ok ? undefined : parsed.error).toContain('unable to parse requirement');
    },
  );

  it('reads a hostile text in time', () => {
    expect(parseLabelSelector(`a in (${'x,'.repeat(100_000)}`).ok).toBe(false);
    expect(parseLabelSelector('a'.repeat(1_000_000)).ok).toBe(false);
  });
});

describe('LabelSelector objects', () => {
  it.each([
    { name: 'the empty one selects all', selector: {}, isMatch: true },
    {
      name: 'labels and expressions must all hold',
      selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
      isMatch: true,
    },
    {
      name: 'one that does not hold',
      selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
      isMatch: false,
    },
    { name: 'an unknown operator selects nothing', selector: { matchExpressions: [{ key: 'tier', operator: 'Like' }] }, isMatch: false },
  ])('$name', ({ selector, isMatch }) => {
    expect(matchesLabelSelector(selector, labels)).toBe(isMatch);
  });

  it('says why it is wrong', () => {
    const parsed = labelRequirementsOf({ matchExpressions: [{ key: 'tier', operator: 'In', values: [] }] });
    expect(parsed.ok ? '' : parsed.error).toContain("values set can't be empty");
  });
});

describe('field selectors', () => {
  const kind = trusted<KindDefinition>(podKind);
  const pod = trusted<Parameters<typeof podKind.validate>[0]>({
    metadata: { name: 'p', namespace: 'ns' },
    spec: { nodeName: 'n1', containers: [] },
    status: { phase: 'Running' },
  });

  it.each([
    { text: '', isMatch: true },
    { text: 'metadata.name=p', isMatch: true },
    { text: 'metadata.namespace!=ns', isMatch: false },
    { text: 'spec.nodeName==n1,status.phase!=Failed', isMatch: true },
    { text: 'spec.nodeName=', isMatch: false },
    { text: String.raw`spec.nodeName=a\,b\=c`, isMatch: false },
  ])('$text', ({ text, isMatch }) => {
    const parsed = parseFieldSelector(text);
    expect(parsed.ok && matchesFields(parsed.value, kind, pod)).toBe(isMatch);
  });

  it('unescapes values', () => {
    const parsed = parseFieldSelector(String.raw`a=x\,y\=z\\`);
    expect(parsed.ok && parsed.value).toEqual([{ field: 'a', isEqual: true, value: String.raw`x,y=z\ `.trim() }]);
  });

  it.each(['a', '=b', 'a=b=c'])('refuses %j', (text) => {
    expect(parseFieldSelector(text).ok).toBe(false);
  });

  it.each(['spec.image', 'constructor', '__proto__'])('names %s as a field that pods are not selected by', (field) => {
    const parsed = parseFieldSelector(`${field}=x`);
    expect(parsed.ok && findUnsupportedField(parsed.value, kind)).toBe(`field label not supported: ${field}`);
  });
});
