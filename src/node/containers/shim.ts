import { spawn } from 'node:child_process';
import type { RunPaths } from '../node-paths.ts';

/**
 * Runs one container in the foreground of a process of its own that survives the platform, and leaves how it ended in `state/exit`.
 * Arguments: id, busybox, runc, runc's root, image root, file that counts OOM kills ('' = do not look).
 * `state/pid` appears when the container runs; where it never appeared, `start-error` says why.
 * The root is unmounted before `state/exit` appears, so whoever sees the exit finds nothing left.
 */
const SCRIPT = `
echo $$ >state/shim
"$2" mount -t overlay overlay -o "lowerdir=$5,upperdir=upper,workdir=work" rootfs >start-error 2>&1
code=$?
if [ $code = 0 ]; then
  "$3" --root "$4" --log /dev/null run \${6:+--keep} --bundle . --pid-file state/pid "$1" </dev/null >>log 2>&1
  code=$?
  [ -e state/pid ] || "$2" mv log start-error
  if [ -n "$6" ] && "$2" grep -q '^oom_kill [1-9]' "$6"; then oom=oom; fi
  [ ! -e "$4/$1" ] || "$3" --root "$4" --log /dev/null delete --force "$1" >/dev/null 2>&1
  "$2" umount rootfs
fi
echo "$code $oom" >state/exit.tmp && "$2" mv state/exit.tmp state/exit
`;

/** What a shim is told. */
export interface ShimOptions {
  readonly run: RunPaths;
  readonly busybox: string;
  readonly runc: string;
  readonly runcRoot: string;
  /** Relative to the run's directory, so that no character of the data directory's path can break mount options. */
  readonly imageRoot: string;
  /** '' where the container has no memory limit. */
  readonly oomFile: string;
  /** Told when the process could not be started at all. */
  readonly onError: (error: Error) => void;
}

/** Starts the shim in a session of its own: neither Ctrl-C nor the death of the platform reaches it. */
export function spawnShim(options: ShimOptions): void {
  const { run } = options;
  const args = [run.runtimeId, options.busybox, options.runc, options.runcRoot, options.imageRoot, options.oomFile];
  const child = spawn(options.busybox, ['sh', '-c', SCRIPT, 'stowage-shim', ...args], {
    cwd: run.dir,
    detached: true,
    stdio: 'ignore',
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  child.on('error', options.onError);
  child.unref();
}
