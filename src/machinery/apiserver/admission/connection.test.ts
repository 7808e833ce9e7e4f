import { describe, expect, it } from 'vitest';
import { podKind } from '#api/kinds/pod.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import { trusted } from '#kit/json.ts';
import { connectionQuery, connectionRequest } from './connection.ts';
import { sentFault } from './sent-object.ts';

const request = {
  user: { name: 'ann', groups: [] },
  kind: trusted<KindDefinition>(podKind),
  namespace: 'default',
  name: 'p',
  subresource: 'exec',
  isDryRun: false,
  fieldValidation: 'Ignore',
  warn: () => {},
} as const;
const optionsOf = (query: string) => connectionRequest(request, new URLSearchParams(query), new Map()).object;

describe('API-1: options of a connection', () => {
  it.each(['stdin=true&stdout=true&container=c&command=ls&command=-l', 'ports=80&ports=81', ''])(
    'are the query that they came as: %s',
    (query) => {
      expect(connectionQuery(optionsOf(query)).toString()).toBe(query);
    },
  );

  const before = optionsOf('stdout=true&command=ls');
  it.each([
    { name: 'another command', options: { ...before, command: ['id'], container: 'c', tty: true }, says: undefined },
    { name: 'another kind', options: { ...before, kind: 'PodAttachOptions' }, says: 'something else' },
    { name: 'a field that there is not', options: { ...before, user: 'root' }, says: 'unknown field "user"' },
    { name: 'a command that is no list', options: { ...before, command: 'id' }, says: 'command of PodExecOptions can not be "id"' },
    { name: 'a flag that is none', options: { ...before, tty: 'yes' }, says: 'tty of PodExecOptions can not be "yes"' },
    { name: 'ports that are none', options: { ...before, ports: ['80'] }, says: 'ports of PodExecOptions can not be ["80"]' },
    { name: 'nothing', options: null, says: 'something else' },
  ])('hold after a policy: $name', ({ options, says }) => {
    const fault = sentFault({ group: '', version: 'v1', kind: 'PodExecOptions' }, before, options);
    if (says === undefined) expect(fault).toBeUndefined();
    else expect(fault).toContain(says);
  });
});
