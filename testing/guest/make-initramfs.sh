#!/bin/sh
# Makes the first root of a guest: a static busybox, the modules that reach the second one, and the two init scripts beside this file.
# usage: make-initramfs.sh KERNEL_VERSION OUTPUT
set -eu
kernel=$1 output=$2
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
(cd "$work" && find . | cpio --create --format newc --quiet) > "$output"
