import type { PodStreamSource } from '#api/pod-streams.ts';
import { PlatformError } from '#kit/errors.ts';
import type { HandlerContext } from './handler-context.ts';

/** The way into pods. @throws PlatformError `Unavailable` before a node works */
export function podStreamsOf(ctx: Pick<HandlerContext, 'podStreams'>): PodStreamSource {
  const source = ctx.podStreams();
  if (source !== undefined) return source;
  throw new PlatformError({
    code: 'Unavailable',
    reason: 'NoPodStreams',
    message: 'no node works on this server yet, so nothing can be reached inside pods: wait until it has started, or start one',
  });
}
