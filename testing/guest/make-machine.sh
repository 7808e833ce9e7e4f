#!/bin/sh
# Makes what a guest starts from: DIR/initramfs, its first root (a static busybox, the modules that reach the second root, the two init
# scripts beside this file), and DIR/disk, an empty ext4 file system of 4 GiB that takes space as it is written.
# usage: make-machine.sh KERNEL_VERSION DIR
set -eu
kernel=$1 dir=$2
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/bin" "$work/dev" "$work/proc" "$work/sys" "$work/modules" "$work/lower" "$work/upper" "$work/root"
cp "$(command -v busybox)" "$work/bin/busybox"
for applet in sh mount insmod mkdir switch_root; do ln -s busybox "$work/bin/$applet"; done
: > "$work/modules/order"
for module in virtio_pci virtio_blk virtio_console fuse virtiofs overlay; do
  modprobe -S "$kernel" --show-depends "$module" 2>/dev/null | while read -r verb file _; do
    [ "$verb" = insmod ] || continue
    name=$(basename "$file")
    [ -e "$work/modules/$name" ] && continue
    cp "$file" "$work/modules/$name"
    echo "$name" >> "$work/modules/order"
  done
done
cp "$here/first-init.sh" "$work/init"
cp "$here/second-init.sh" "$work/second-init"
chmod +x "$work/init"
(cd "$work" && find . | cpio --create --format newc --quiet) > "$dir/initramfs"
truncate --size 4G "$dir/disk"
PATH="$PATH:/usr/sbin:/sbin" mkfs.ext4 -q -F "$dir/disk"
