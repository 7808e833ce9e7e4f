import { volumeSnapshots } from '#api/generated/definitions.ts';
import { BLOCKS_AUDIENCE, type Caller } from '#controllers/csi/snapshots/changed-blocks/caller.ts';
import { ChangedBlocks } from '#controllers/csi/snapshots/changed-blocks/changed-blocks.ts';
import { SnapshotMetadata } from '#controllers/csi/snapshots/changed-blocks/metadata-service.ts';
import { type SnapshotsView } from '#controllers/csi/snapshots/changed-blocks/ready-snapshot.ts';
import { PlatformError } from '#kit/errors.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import { endResponse, type HttpRequest, type HttpResponse, startResponse } from '#machinery/apiserver/http/messages.ts';
import { isGrpc } from '#protocols/grpc/serve-stream.ts';
import { SNAPSHOT_METADATA_PATH, snapshotMetadataDoor } from '#protocols/snapshot-metadata/serve.ts';
import type { ApiPort } from '../../api-port.ts';
import type { ModuleDeps } from '../module.ts';
import { BLOCKS_PATH } from './blocks-page.ts';
import { answerBlocks } from './answer-blocks.ts';

/** Serves which blocks of snapshots hold data or have changed: by gRPC for backup programs (KEP-3314), and page by page for the command line. */
export function serveBlocks(
  deps: Pick<ModuleDeps, 'drivers' | 'informers' | 'clock' | 'log'>,
  { view, port }: { readonly view: SnapshotsView; readonly port: ApiPort },
): { stop(): Promise<void> } {
  const { drivers, informers, clock, log } = deps;
  const blocks = new ChangedBlocks({ view, drivers, client: informers.client });
  const callerOf = (user: UserInfo | undefined): Caller | undefined => user && callerFor(port, user);
  const whoIs = async (token: string): Promise<Caller | undefined> => callerOf(await port.whoIs(token, BLOCKS_AUDIENCE));
  const answerCall = snapshotMetadataDoor(new SnapshotMetadata({ blocks, whoIs }), {
    clock,
    log: log.with({ component: 'snapshot-metadata' }),
  });
  const close = [
    port.serve(SNAPSHOT_METADATA_PATH, (request, response) => {
      if ('stream' in request && 'stream' in response && isGrpc(request)) void answerCall(request, response);
      else refuseOthers(response);
    }),
    port.serve(BLOCKS_PATH, (request, response) => {
      void answerBlocks({
        request,
        response,
        clock,
        ask: async (question, call) => blocks.answer({ ...question, caller: await knownCaller(request, port) }, call),
      });
    }),
  ];
  return {
    stop: async () => {
      for (const end of close) end();
    },
  };
}

function callerFor(port: ApiPort, user: UserInfo): Caller {
  return {
    name: user.name,
    mayRead: ({ namespace, name }) =>
      port.mayDo({ type: 'resource', user, verb: 'get', resource: volumeSnapshots, subresource: '', namespace, name }),
  };
}

/** Who signs in as at the API itself. @throws PlatformError `Unauthenticated` */
async function knownCaller(request: HttpRequest, port: ApiPort): Promise<Caller> {
  const user = await port.userOf(request);
  if (user !== undefined) return callerFor(port, user);
  const message = 'blocks are told to who signs in as at the API: show a client certificate or a bearer token';
  throw new PlatformError({ code: 'Unauthenticated', reason: 'CallerUnknown', message });
}

function refuseOthers(response: HttpResponse): void {
  startResponse(response, 415, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  endResponse(response, Buffer.from('gRPC over HTTP/2 is served here, and nothing else\n'));
}
