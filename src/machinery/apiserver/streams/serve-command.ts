import type { Pod } from '#api/generated/kubernetes.ts';
import type { AttachOptions, PodStreamSource, RemoteProcess } from '#api/pod-streams.ts';
import { isSet } from '../contract/query-flag.ts';
import { podContainer } from '../http/pod-container.ts';
import { badRequest } from '../contract/status-error.ts';
import type { CommandChannels } from './command-channels.ts';
import { runCommand } from './run-command.ts';
import { acceptSpdyCommand, SPDY_COMMAND_PROTOCOLS } from './spdy-channels.ts';
import { acceptSpdy, chooseStreamProtocol } from './spdy-upgrade.ts';
import type { Session } from './session.ts';
import { chooseChannelProtocol } from './channel-frames.ts';
import { acceptWebSocket, wantsWebSocket } from './websocket.ts';
import { WebSocketChannels } from './websocket-channels.ts';

/** `…/exec` and `…/attach`. Everything that can be refused is refused before the connection is upgraded. @throws ApiError, PlatformError */
export async function serveCommand(session: Session, kind: 'exec' | 'attach'): Promise<void> {
  const { upgrade, pod, query, source, ending } = session;
  const options = commandOptions(pod, query, ending.signal);
  const isWebSocket = wantsWebSocket(upgrade.request);
  const webSocketProtocol = isWebSocket ? chooseChannelProtocol(upgrade.request) : undefined;
  const spdyProtocol = isWebSocket ? '' : chooseStreamProtocol(upgrade.request, SPDY_COMMAND_PROTOCOLS);
  const command = query.getAll('command');
  if (kind === 'exec' && command.length === 0)
    throw badRequest('command: Required value: you must specify at least one command for the container');
  const process = await startProcess(source, { pod, kind, options, command });
  const { clock } = session;
  const channels =
    webSocketProtocol === undefined
      ? await acceptSpdyCommand(acceptSpdy(upgrade, spdyProtocol), { options, clock })
      : new WebSocketChannels(await acceptWebSocket(upgrade, webSocketProtocol.name), { protocol: webSocketProtocol, clock });
  session.upgraded();
  await attended(channels, ending, () => runCommand(process, channels));
}

interface Start {
  readonly pod: Pod;
  readonly kind: 'exec' | 'attach';
  readonly options: AttachOptions;
  readonly command: readonly string[];
}

function startProcess(source: PodStreamSource, { pod, kind, options, command }: Start): Promise<RemoteProcess> {
  return kind === 'exec' ? source.exec(pod, { ...options, command }) : source.attach(pod, options);
}

/** Does the work; a client that goes ends the session. */
async function attended(channels: CommandChannels, ending: AbortController, work: () => Promise<void>): Promise<void> {
  const end = (): void => ending.abort();
  channels.gone.addEventListener('abort', end, { once: true });
  if (channels.gone.aborted) end();
  await work();
}

/** What the query of exec and attach says (core/v1 PodExecOptions). @throws ApiError 400 */
function commandOptions(pod: Pod, query: URLSearchParams, signal: AbortSignal): AttachOptions {
  const tty = isSet(query, 'tty') ?? false;
  const options = {
    container: podContainer(pod, query.get('container') ?? ''),
    stdin: isSet(query, 'stdin') ?? false,
    stdout: isSet(query, 'stdout') ?? false,
    stderr: !tty && (isSet(query, 'stderr') ?? false),
    tty,
    signal,
  };
  if (!options.stdin && !options.stdout && !options.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  return options;
}
