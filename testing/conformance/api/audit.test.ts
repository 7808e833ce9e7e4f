import { expect, it } from 'vitest';
import { pods } from '#api/resources.ts';
import { Secret } from '#kit/secret.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import type { AuditRecord } from '#machinery/apiserver/contract/audit.ts';
import { startTestApi } from '#testing/api.ts';
import { aPod } from '#testing/builders/pod.ts';

it('API-3: the audit log has who read the log of a pod, and who was refused, where it has reads', async () => {
  const kept: AuditRecord[] = [];
  const user = { name: 'ann', groups: [] };
  const podLogs = { open: async () => (async function* () {})() };
  const api = await startTestApi({
    podLogs,
    authenticators: [tokenAuthenticator([{ token: new Secret('t'), user }])],
    authorizers: [
      {
        name: 'test',
        authorize: ({ user: { name }, ...asked }) => ({
          verdict: name === 'ann' && 'name' in asked && asked.name === 'web' ? 'allow' : 'no-opinion',
        }),
      },
    ],
    audit: { recordsReads: true, record: (each) => void kept.push(each) },
  });
  await api.client.create(pods, aPod());
  const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
  kept.length = 0;
  for (const name of ['web', 'other'])
    await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default/pods/${name}/log`, { headers: { authorization: 'Bearer t' } });
  expect(kept.map(({ verb, code, name, subresource }) => [verb, subresource, name, code])).toEqual([
    ['get', 'log', 'web', 200],
    ['get', 'log', 'other', 403],
  ]);
  await api.close();
});
