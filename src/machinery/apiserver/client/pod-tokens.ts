import { pods, serviceAccounts } from '#api/resources.ts';
import type { PodTokenSource } from '#api/pod-tokens.ts';
import { newNotes } from '../contract/audit.ts';
import type { AccountTokens } from '../access/service-accounts/account-tokens.ts';
import type { UserInfo } from '../contract/user.ts';
import type { ServerContext } from '../contract/context.ts';
import type { WriteRequest } from '../contract/request.ts';
import { Api } from '../verbs/api.ts';

/** Tokens of pods, asked for in this process as `user`: the same way as over the wire. */
export function podTokens(ctx: ServerContext, user: UserInfo, tokens: AccountTokens): PodTokenSource {
  const api = new Api(ctx);
  return {
    issue: async ({ pod: { metadata, spec }, audience, expiresInSec }) => {
      const request: WriteRequest = {
        user,
        kind: ctx.registry.require(serviceAccounts),
        namespace: metadata.namespace ?? '',
        name: spec.serviceAccountName ?? 'default',
        subresource: 'token',
        isDryRun: false,
        fieldValidation: 'Strict',
        ownership: 'kept',
        warn: () => {},
        notes: newNotes(),
      };
      const boundObjectRef = { kind: pods.kind, apiVersion: pods.version, name: metadata.name, uid: metadata.uid };
      const asked = { audiences: audience === '' ? [] : [audience], expirationSeconds: expiresInSec, boundObjectRef };
      const { status } = await api.requestToken(request, tokens, () => Promise.resolve({ spec: asked }));
      return { token: status.token, expiresAtMs: Date.parse(status.expirationTimestamp) };
    },
  };
}
