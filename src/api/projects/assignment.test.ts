import { describe, expect, it } from 'vitest';
import { type Assignable, planAssigning, planUnassigning } from './assignment.ts';

const namespace = (project?: string): Assignable => ({
  type: 'namespace',
  title: 'namespace "web"',
  labels: project === undefined ? undefined : { 'cpaas.io/project': project },
});
const classWith = (...labels: readonly string[]): Assignable => ({
  type: 'class',
  title: 'storageclass "fast"',
  labels: Object.fromEntries(
    labels.map((label) => {
      const [name = '', value = 'true'] = label.split('=');
      return [`project.cpaas.io/${name}`, value];
    }),
  ),
});

describe('CLASS-10: what is given to a project', () => {
  it.each([
    { name: 'a namespace of none', object: namespace(), labels: { 'cpaas.io/project': 'a' }, says: 'joins project a' },
    { name: 'a namespace of another', object: namespace('b'), labels: { 'cpaas.io/project': 'a' }, says: 'from project b to project a' },
    { name: 'its own namespace', object: namespace('a'), labels: {}, says: 'already' },
    { name: 'a class of everybody', object: classWith(), labels: { 'project.cpaas.io/a': 'true' }, says: 'from now on only project a may' },
    { name: 'a class of others', object: classWith('b'), labels: { 'project.cpaas.io/a': 'true' }, says: 'project a may use' },
    { name: 'a class of nobody', object: classWith('name='), labels: { 'project.cpaas.io/a': 'true' }, says: 'project a may use' },
    { name: 'its own class', object: classWith('name=a'), labels: {}, says: 'already' },
    { name: 'a class of all', object: classWith('ALL_ALL'), labels: {}, says: 'for all projects already' },
  ])('$name', ({ object, labels, says }) => {
    const plan = planAssigning(object, 'a');
    expect(plan.labels).toEqual(labels);
    expect(plan.means.join()).toContain(says);
  });
});

describe('CLASS-10: what is taken from a project', () => {
  it.each([
    { name: 'its namespace', object: namespace('a'), labels: { 'cpaas.io/project': null }, says: 'in no project any more' },
    { name: 'the namespace of another', object: namespace('b'), labels: {}, says: 'is in project b' },
    { name: 'one of several', object: classWith('a', 'b'), labels: { 'project.cpaas.io/a': null }, says: 'is left to b' },
    {
      name: 'the last one, and nobody has it then',
      object: classWith('a'),
      labels: { 'project.cpaas.io/a': null, 'project.cpaas.io/name': '' },
      says: 'nobody may use storageclass "fast" any more',
    },
    { name: 'the one by name', object: classWith('name=a', 'b'), labels: { 'project.cpaas.io/name': '' }, says: 'is left to b' },
    { name: 'a class of everybody', object: classWith(), labels: {}, says: 'everybody may use it' },
    { name: 'a class of all', object: classWith('ALL_ALL'), labels: {}, says: 'take its label project.cpaas.io/ALL_ALL off first' },
    { name: 'a class of others', object: classWith('b'), labels: {}, says: 'not allocated to project a' },
  ])('$name', ({ object, labels, says }) => {
    const plan = planUnassigning(object, 'a');
    expect(plan.labels).toEqual(labels);
    expect(plan.means.join()).toContain(says);
  });
});
