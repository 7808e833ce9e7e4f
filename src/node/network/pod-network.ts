import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { ApiAddress } from '../containers/environment.ts';
import { ensureNetworkNamespace, isNamespaceWhole, removeNetworkNamespace } from '../machine/network-namespaces.ts';
import type { NodePaths, PodPaths } from '../node-paths.ts';
import { isPresent, listNames, readRecordIfAny, removeTree, writeTextAtomic } from '#linux/small-files.ts';
import { addressIn, type AddressRange, freeIndex, gatewayOf, indexIn } from './address-block.ts';
import { ApiRelay } from './api-relay.ts';
import { readBlock, readPodRange } from './claim-block.ts';
import { bridgeName, hardwareAddress, linkPrefix } from './interface-names.ts';
import { joinBridges, leaveBridges } from './join-bridges.ts';
import { runBatch } from './run-batch.ts';

/** What the network of pods stands on. */
export interface PodNetworkOptions {
  readonly paths: NodePaths;
  readonly exec: Exec;
  readonly log: Logger;
  /** Where this process reaches the API; undefined while that is not known. */
  readonly apiAddress: () => ApiAddress | undefined;
}

/** The node's addresses are all in use. */
export class PodAddressesExhausted extends PlatformError {
  constructor() {
    super({
      code: 'ResourceExhausted',
      reason: 'PodAddressesExhausted',
      message: 'every address of this node is used by a pod: delete pods, or start with more --nodes',
      retry: 'backoff',
    });
  }
}

/**
 * Gives each pod an address of its own on a bridge of the node, over which pods reach each other and the API. Where the kernel or the rights do not allow that,
 * pods have a loopback only. An address is in the pod's directory before anything is made for it; links go with their namespaces.
 */
export class PodNetwork {
  readonly #options: PodNetworkOptions;
  readonly #byIndex = new Map<number, string>();
  readonly #byUid = new Map<string, number>();
  readonly #relay: ApiRelay;
  #block: AddressRange | undefined;
  /** Addresses of all nodes' pods. */
  #pods: AddressRange | undefined;
  /** Of the addresses that are reached without the machine: those of all nodes' pods. */
  #bits = 32;
  #next = 2;

  constructor(options: PodNetworkOptions) {
    this.#options = options;
    this.#relay = new ApiRelay({ log: options.log, target: options.apiAddress });
  }

  /** Makes the bridge and takes over the addresses that pods have; answers why there can be no network, if so. */
  async start(): Promise<string | undefined> {
    const { paths, exec } = this.#options;
    const block = await readBlock(paths.root);
    if (block === undefined) return undefined;
    try {
      await this.#ensureBridge(block);
    } catch (error) {
      const why = PlatformError.from(error).message;
      return `pods have no network beside their own loopback: this machine does not let a bridge be made (${why})`;
    }
    for (const uid of await listNames(paths.pods)) await this.#adopt(paths.pod(uid), block);
    this.#block = block;
    const canLink = await this.#tryLink(exec);
    if (canLink !== undefined) {
      this.#block = undefined;
      await this.#removeBridge();
      return `pods have no network beside their own loopback: this machine does not let links be made (${canLink})`;
    }
    this.#pods = (await readPodRange(paths.root)) ?? block;
    this.#bits = this.#pods.bits;
    await this.#join();
    this.apiAddress();
    return undefined;
  }

  /** Ends what serves pods. `remove` takes the bridge away too, once no pod is left on it. */
  async stop(bridge: 'keep' | 'remove'): Promise<void> {
    await this.#relay.stop();
    if (bridge === 'remove' && this.#block !== undefined) await this.#removeBridge();
  }

  /** The pod's own address; undefined where it has none. */
  addressOf(uid: string): string | undefined {
    const index = this.#byUid.get(uid);
    return index === undefined || this.#block === undefined ? undefined : addressIn(this.#block, index);
  }

  /** Where pods with a network of their own reach the API. */
  apiAddress(): ApiAddress | undefined {
    const direct = this.#options.apiAddress();
    if (this.#block === undefined || direct === undefined) return direct;
    const host = gatewayOf(this.#block);
    this.#relay.ensure({ host, port: direct.port, clients: this.#pods ?? this.#block });
    return { host, port: direct.port };
  }

  /** The pod as its containers see it: with its address, which the API may learn a moment later. */
  withAddress(pod: Pod): Pod {
    const podIP = this.addressOf(pod.metadata.uid);
    return podIP === undefined ? pod : { ...pod, status: { ...pod.status, podIP, podIPs: [{ ip: podIP }] } };
  }

  /** Makes sure that the pod's namespace and its link are there. Idempotent. @throws PodAddressesExhausted */
  async attach(paths: PodPaths): Promise<void> {
    const { exec } = this.#options;
    const block = this.#block;
    const name = paths.networkNamespace;
    if (block === undefined) return ensureNetworkNamespace(exec, name);
    const record = await readRecordIfAny(paths.network);
    const isWhole = await isNamespaceWhole(name);
    // why: a pod from a time without network keeps what it has, since its containers run in it
    if (isWhole && (record === undefined || record['isReady'] === true)) return;
    const index = this.#byUid.get(paths.uid) ?? this.#take(paths.uid);
    await this.#write(paths, { address: addressIn(block, index), isReady: false });
    // why: nothing was started in a namespace that is not ready
    await this.#clear(paths, index);
    await this.#link(block, { name, index });
    await this.#write(paths, { address: addressIn(block, index), isReady: true });
  }

  /** Removes the pod's namespace and link. `keep` leaves it the address for its next run. Idempotent. */
  async detach(paths: PodPaths, address: 'keep' | 'free'): Promise<void> {
    // why not the link: it goes with its namespace, while removing it by name takes 30 ms
    await removeNetworkNamespace(this.#options.exec, paths.networkNamespace);
    if (address === 'keep') return;
    await removeTree(paths.network);
    const index = this.#byUid.get(paths.uid);
    this.#byUid.delete(paths.uid);
    if (index !== undefined) this.#byIndex.delete(index);
  }

  async #adopt(paths: PodPaths, block: AddressRange): Promise<void> {
    const address = (await readRecordIfAny(paths.network))?.['address'];
    const index = typeof address === 'string' ? indexIn(block, address) : undefined;
    if (index === undefined || this.#byIndex.has(index)) return;
    this.#byIndex.set(index, paths.uid);
    this.#byUid.set(paths.uid, index);
  }

  #take(uid: string): number {
    const index = freeIndex((used) => this.#byIndex.has(used), this.#next);
    if (index === undefined) throw new PodAddressesExhausted();
    // why onward: an address that was just given back may still be known to somebody
    this.#next = index + 1;
    this.#byIndex.set(index, uid);
    this.#byUid.set(uid, index);
    return index;
  }

  async #link(block: AddressRange, { name, index }: { readonly name: string; readonly index: number }): Promise<void> {
    const address = addressIn(block, index);
    const link = this.#linkName(index);
    const { exec, paths } = this.#options;
    await runBatch(exec, [
      `netns add ${name}`,
      `link add ${link} type veth peer name eth0 address ${hardwareAddress(address)} netns ${name}`,
      `link set ${link} master ${bridgeName(paths.root)} up`,
    ]);
    const inside = [
      'link set lo up',
      `addr add ${address}/${this.#bits} dev eth0`,
      'link set eth0 up',
      `route add default via ${gatewayOf(block)}`,
    ];
    await runBatch(exec, inside, ['-n', name]);
  }

  /** Clears the place of what an earlier try left. */
  async #clear(paths: PodPaths, index: number): Promise<void> {
    const { exec } = this.#options;
    await removeNetworkNamespace(exec, paths.networkNamespace);
    const link = this.#linkName(index);
    // why okCodes: the link goes with its namespace, but a moment later
    if (await isPresent(`/sys/class/net/${link}`)) await exec.run(['ip', 'link', 'delete', link], { okCodes: [0, 1] });
  }

  #linkName(index: number): string {
    return `${linkPrefix(this.#options.paths.root)}${index}`;
  }

  async #ensureBridge(block: AddressRange): Promise<void> {
    const { exec, paths } = this.#options;
    const name = bridgeName(paths.root);
    const gateway = gatewayOf(block);
    const isThere = await isPresent(`/sys/class/net/${name}`);
    await runBatch(exec, [
      ...(isThere ? [] : [`link add ${name} address ${hardwareAddress(gateway)} type bridge`]),
      `addr flush dev ${name}`,
      `addr add ${gateway}/${block.bits} dev ${name}`,
      `link set ${name} up`,
    ]);
  }

  /** Two nodes that start together make the same link; one of them is told that it exists. */
  async #join(): Promise<void> {
    const { exec, paths, log } = this.#options;
    try {
      await joinBridges(exec, paths.root);
    } catch (error) {
      log.info('the bridges of the nodes could not be linked: pods may not reach those of other nodes', { err: PlatformError.from(error) });
    }
  }

  async #removeBridge(): Promise<void> {
    await leaveBridges(this.#options.exec, this.#options.paths.root);
    const name = bridgeName(this.#options.paths.root);
    if (await isPresent(`/sys/class/net/${name}`)) await runBatch(this.#options.exec, [`link delete ${name}`]);
  }

  /** Why no link can be made; undefined where one can. */
  async #tryLink(exec: Exec): Promise<string | undefined> {
    const one = this.#linkName(0);
    try {
      if (await isPresent(`/sys/class/net/${one}`)) await runBatch(exec, [`link delete ${one}`]);
      await runBatch(exec, [`link add ${one} type veth peer name ${this.#linkName(1)}`, `link delete ${one}`]);
      return undefined;
    } catch (error) {
      return PlatformError.from(error).message;
    }
  }

  #write(paths: PodPaths, record: { readonly address: string; readonly isReady: boolean }): Promise<void> {
    return writeTextAtomic(paths.network, JSON.stringify(record));
  }
}
