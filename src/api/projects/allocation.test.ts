import { describe, expect, it } from 'vitest';
import { allocationOf, type ProjectMember, whyNotAllocated } from './allocation.ts';

const inProject = (project: string, name = 'web'): ProjectMember => ({ name, labels: { 'cpaas.io/project': project } });

describe('CLASS-10: what the labels of a class say about projects', () => {
  it.each([
    { name: 'no labels', labels: undefined, is: 'everywhere' },
    { name: 'labels about other things', labels: { app: 'x', 'cpaas.io/project': 'a' }, is: 'everywhere' },
    { name: 'all projects', labels: { 'project.cpaas.io/ALL_ALL': 'true' }, is: 'allProjects' },
    { name: 'all projects beside a name', labels: { 'project.cpaas.io/name': '', 'project.cpaas.io/ALL_ALL': 'true' }, is: 'allProjects' },
    { name: 'all projects, taken back', labels: { 'project.cpaas.io/ALL_ALL': 'false' }, is: '' },
    { name: 'a name', labels: { 'project.cpaas.io/name': 'a' }, is: 'a' },
    { name: 'an empty name', labels: { 'project.cpaas.io/name': '' }, is: '' },
    { name: 'several projects', labels: { 'project.cpaas.io/b': 'true', 'project.cpaas.io/a': 'true' }, is: 'a,b' },
    { name: 'a project both ways', labels: { 'project.cpaas.io/a': 'true', 'project.cpaas.io/name': 'a' }, is: 'a' },
    { name: 'a project that was taken back', labels: { 'project.cpaas.io/a': 'false', 'project.cpaas.io/b': 'true' }, is: 'b' },
  ])('$name: $is', ({ labels, is }) => {
    const allocation = allocationOf(labels);
    expect(allocation.kind === 'projects' ? allocation.projects.join(',') : allocation.kind).toBe(is);
  });
});

describe('CLASS-10: who may use a class', () => {
  const fast = { kind: 'storageclass', name: 'fast' };
  it.each([
    { name: 'everybody a class without a word about projects', labels: {}, namespace: { name: 'web' } },
    { name: 'everybody a class for all projects', labels: { 'project.cpaas.io/ALL_ALL': 'true' }, namespace: { name: 'web' } },
    { name: 'a project its own class', labels: { 'project.cpaas.io/a': 'true' }, namespace: inProject('a') },
    { name: 'a namespace of the cluster', labels: { 'project.cpaas.io/a': 'true' }, namespace: { name: 'kube-system' } },
    { name: 'a namespace of the platform', labels: { 'project.cpaas.io/a': 'true' }, namespace: inProject('cpaas-system', 'acp-storage') },
  ])('$name', ({ labels, namespace }) => {
    expect(whyNotAllocated(allocationOf(labels), namespace, fast)).toBeUndefined();
  });

  it.each([
    {
      name: 'the class of others',
      labels: { 'project.cpaas.io/a': 'true', 'project.cpaas.io/b': 'true' },
      namespace: inProject('c'),
      says: 'storageclass "fast" is allocated to the projects a, b: namespace "web" is in project "c"; use another storageclass, or have an administrator label it project.cpaas.io/c=true',
    },
    {
      name: 'a class of a project by a namespace of none',
      labels: { 'project.cpaas.io/name': 'a' },
      namespace: { name: 'web' },
      says: 'storageclass "fast" is allocated to the project a: namespace "web" is in no project; put the namespace into one of them (label cpaas.io/project), or use another storageclass',
    },
    {
      name: 'a class that nobody has yet',
      labels: { 'project.cpaas.io/name': '' },
      namespace: inProject('a'),
      says: 'storageclass "fast" is allocated to no project yet: namespace "web" is in project "a"; use another storageclass, or have an administrator label it project.cpaas.io/a=true',
    },
  ])('not $name', ({ labels, namespace, says }) => {
    expect(whyNotAllocated(allocationOf(labels), namespace, fast)).toBe(says);
  });
});
