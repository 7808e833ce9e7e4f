import type { Container, LifecycleHandler, Pod, Probe } from '#api/generated/kubernetes.ts';
import { toDouble } from '#kit/exact-json.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Machine } from '../machine/machine.ts';
import { networkNamespacePath } from '../machine/network-namespaces.ts';
import type { NodePaths, RunPaths } from '../node-paths.ts';
import { probeGrpc } from './grpc-health.ts';
import { connectionError, type HandlerOutcome } from './handler-outcome.ts';
import { callHttp, probeHttp } from './http-get.ts';
import { type PodAddress, touchPort } from './reach-pod.ts';
import { runCommand } from './run-command.ts';

/** What reaching into pods needs. */
export interface HandlerRunnerOptions {
  readonly paths: NodePaths;
  readonly machine: Machine;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Of the platform; probes name themselves by it. */
  readonly version: string;
  readonly addressOf: (pod: Pod) => PodAddress;
}

/** A run of a container that a probe or hook is about. */
export interface HandlerSubject {
  readonly pod: Pod;
  readonly container: Container;
  readonly run: RunPaths;
}

/** core/v1 default of timeoutSeconds. */
const DEFAULT_TIMEOUT_SEC = 1;

/** Runs what probes and hooks say: commands, HTTP, TCP, gRPC. No method throws: a fault is an outcome. */
export class HandlerRunner {
  readonly #options: HandlerRunnerOptions;

  constructor(options: HandlerRunnerOptions) {
    this.#options = options;
  }

  /** Probes once, within the probe's timeout. */
  async probe(subject: HandlerSubject, probe: Probe, signal: AbortSignal): Promise<HandlerOutcome> {
    if (signal.aborted) return { isOk: false, message: 'given up' };
    const timeoutSec = probe.timeoutSeconds ?? DEFAULT_TIMEOUT_SEC;
    const limit = new AbortController();
    const timer = this.#options.clock.after(timeoutSec * 1000, () => limit.abort());
    try {
      const both = AbortSignal.any([signal, limit.signal]);
      const outcome = await this.#probe(subject, { probe, timeoutSec }, both);
      return limit.signal.aborted && probe.exec !== undefined
        ? { isOk: false, message: `${outcome.message} timed out after ${timeoutSec}s` }
        : outcome;
    } catch (error) {
      return { isOk: false, message: PlatformError.from(error).message };
    } finally {
      timer.cancel();
    }
  }

  /** Runs a hook to its end. */
  async hook(subject: HandlerSubject, handler: LifecycleHandler, signal: AbortSignal): Promise<HandlerOutcome> {
    const { clock, version } = this.#options;
    try {
      if (handler.exec !== undefined) return await this.#command(subject, handler.exec.command ?? [], signal);
      if (handler.httpGet !== undefined) {
        const target = this.#port(subject, handler.httpGet);
        return await callHttp({ action: handler.httpGet, target, userAgent: `kube-lifecycle/${version}` }, signal);
      }
      if (handler.sleep !== undefined) {
        await sleep(clock, toDouble(handler.sleep.seconds) * 1000, signal);
        return { isOk: true, message: '' };
      }
      return { isOk: false, message: 'invalid handler: use exec, httpGet or sleep' };
    } catch (error) {
      return { isOk: false, message: PlatformError.from(error).message };
    }
  }

  async #probe(
    subject: HandlerSubject,
    { probe, timeoutSec }: { readonly probe: Probe; readonly timeoutSec: number },
    signal: AbortSignal,
  ): Promise<HandlerOutcome> {
    const { exec, httpGet, tcpSocket, grpc } = probe;
    if (exec !== undefined) return this.#command(subject, exec.command ?? [], signal);
    if (httpGet !== undefined) {
      const userAgent = `kube-probe/${this.#options.version}`;
      return probeHttp({ action: httpGet, target: this.#port(subject, httpGet), userAgent }, signal);
    }
    if (grpc !== undefined) return probeGrpc({ target: this.#port(subject, grpc), service: grpc.service ?? '', timeoutSec }, signal);
    if (tcpSocket === undefined) return { isOk: false, message: 'missing probe handler: use exec, httpGet, tcpSocket or grpc' };
    const target = this.#port(subject, tcpSocket);
    try {
      await touchPort(target, signal);
      return { isOk: true, message: '' };
    } catch (error) {
      const timeout = `dial tcp ${target.host}:${target.port}: i/o timeout`;
      return { isOk: false, message: signal.aborted ? timeout : connectionError(error, target) };
    }
  }

  #command({ run }: HandlerSubject, command: readonly string[], signal: AbortSignal): Promise<HandlerOutcome> {
    const { machine, paths, ids } = this.#options;
    const { runc, busybox } = machine.programs;
    if (runc === undefined || busybox === undefined) throw new TypeError('the node is not ready to run containers');
    return runCommand({ ...this.#options, runc, busybox, runcRoot: paths.runcRoot, id: ids.suffix(10) }, { run, command }, signal);
  }

  #port({ pod, container }: HandlerSubject, action: { readonly host?: string | undefined; readonly port: number | string }) {
    const address = this.#options.addressOf(pod);
    const host = action.host === undefined || action.host === '' ? undefined : action.host;
    return { ...address, ...(host === undefined ? {} : this.#otherHost(pod, host)), port: portNumber(container, action.port) };
  }

  /** A host that the pod names is looked for from the pod's own network: from the node's, pods could ask its loopback. */
  #otherHost(pod: Pod, host: string): PodAddress {
    const { machine, paths } = this.#options;
    if (pod.spec.hostNetwork === true) return { host };
    const namespace = networkNamespacePath(paths.pod(pod.metadata.uid).networkNamespace);
    return { host, inside: { networkNamespacePath: namespace, busybox: machine.programs.busybox ?? '' } };
  }
}

/** The number of a port that may be named after one of the container's. @throws PlatformError where there is none of that name */
function portNumber(container: Container, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  if (/^\d+$/.test(port)) return Number(port);
  throw new PlatformError({
    code: 'InvalidArgument',
    reason: 'PortUnknown',
    message: `couldn't find port ${JSON.stringify(port)} in container ${JSON.stringify(container.name)}: name one of its ports, or use a number`,
  });
}
