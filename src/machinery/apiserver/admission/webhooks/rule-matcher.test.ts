import { describe, expect, it } from 'vitest';
import type { NamedRuleWithOperations, RuleWithOperations } from '#api/generated/kubernetes.ts';
import { configMaps, namespaces, pods, storageClasses } from '#api/resources.ts';
import { resourceMatcher, ruleMatcher, type RuleSubject } from './rule-matcher.ts';

const RULE: RuleWithOperations = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' };
const SUBJECT: RuleSubject = { operation: 'CREATE', resource: pods, subresource: '', name: 'x' };

describe('API-1: what a webhook is asked about', () => {
  it.each<{ name: string; rule?: Partial<RuleWithOperations>; subject?: Partial<RuleSubject>; asked: boolean }>([
    { name: 'what it names', asked: true },
    { name: 'another operation', subject: { operation: 'DELETE' }, asked: false },
    { name: 'any operation', rule: { operations: ['*'] }, subject: { operation: 'DELETE' }, asked: true },
    { name: 'another resource', subject: { resource: configMaps }, asked: false },
    { name: 'any resource', rule: { resources: ['*'] }, subject: { resource: configMaps }, asked: true },
    { name: 'any resource, a subresource', rule: { resources: ['*'] }, subject: { subresource: 'status' }, asked: false },
    { name: 'everything, a subresource', rule: { resources: ['*/*'] }, subject: { subresource: 'status' }, asked: true },
    { name: 'everything, the object', rule: { resources: ['*/*'] }, asked: true },
    { name: 'a subresource', rule: { resources: ['pods/status'] }, subject: { subresource: 'status' }, asked: true },
    { name: 'a subresource, the object', rule: { resources: ['pods/status'] }, asked: false },
    { name: 'all of one, a subresource', rule: { resources: ['pods/*'] }, subject: { subresource: 'status' }, asked: true },
    { name: 'all of one, the object', rule: { resources: ['pods/*'] }, asked: true },
    { name: 'a subresource of all', rule: { resources: ['*/status'] }, subject: { subresource: 'status' }, asked: true },
    { name: 'another group', subject: { resource: { ...pods, group: 'x' } }, asked: false },
    { name: 'any group', rule: { apiGroups: ['*'] }, subject: { resource: { ...pods, group: 'x' } }, asked: true },
    { name: 'another version', subject: { resource: { ...pods, version: 'v2' } }, asked: false },
    { name: 'any version', rule: { apiVersions: ['*'] }, subject: { resource: { ...pods, version: 'v2' } }, asked: true },
    { name: 'the cluster', rule: { resources: ['*'], scope: 'Cluster' }, asked: false },
    { name: 'namespaces', rule: { resources: ['*'], scope: 'Namespaced' }, asked: true },
    { name: 'the cluster, a namespace', rule: { resources: ['*'], scope: 'Cluster' }, subject: { resource: namespaces }, asked: true },
    {
      name: 'namespaces, a class',
      rule: { resources: ['*'], apiGroups: ['*'], scope: 'Namespaced' },
      subject: { resource: storageClasses },
      asked: false,
    },
    { name: 'nothing', rule: { operations: undefined }, asked: false },
  ])('$name: $asked', ({ rule = {}, subject = {}, asked }) => {
    expect(ruleMatcher([{ ...RULE, ...rule }])({ ...SUBJECT, ...subject })).toBe(asked);
    if (asked) expect(resourceMatcher([{ ...RULE, ...rule }])({ ...SUBJECT, ...subject })).toBe(true);
  });

  it.each<{ name: string; rule?: Partial<NamedRuleWithOperations>; subject?: Partial<RuleSubject>; may: boolean }>([
    { name: 'another version and name', rule: { apiVersions: ['v2'], resourceNames: ['y'] }, may: true },
    { name: 'another operation', subject: { operation: 'DELETE' }, may: false },
    { name: 'another resource', subject: { resource: configMaps }, may: false },
    { name: 'another group', subject: { resource: { ...pods, group: 'x' } }, may: false },
    { name: 'a subresource', subject: { subresource: 'status' }, may: false },
  ])('may be about what has $name: $may', ({ rule = {}, subject = {}, may }) => {
    expect(resourceMatcher([{ ...RULE, ...rule }])({ ...SUBJECT, ...subject })).toBe(may);
  });
});
