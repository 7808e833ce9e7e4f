#!/usr/bin/env bash
# Installs the system packages that Stowage uses, where this is root on Debian or Ubuntu; names each one.
# usage: install-system-packages.sh [runtime|test]     runtime: what `npm start` uses; test: also what the tests use
set -euo pipefail
want=${1:-runtime}

# program:package, looked for in the administrator's path too
runtime=(runc:runc mkfs.xfs:xfsprogs mkfs.ext4:e2fsprogs busybox:busybox-static ip:iproute2 losetup:mount blkid:util-linux)
test=(skopeo:skopeo umoci:umoci docker-registry:docker-registry chromium:chromium unzip:unzip setpriv:util-linux)
# a virtual machine for what a kernel may lack; only where it runs as fast as can be had without hardware help
[ "$(uname -m)" = x86_64 ] && test+=(qemu-system-x86_64:qemu-system-x86 cpio:cpio rpc.nfsd:nfs-kernel-server)
[ "$want" = test ] && runtime+=("${test[@]}")

export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
missing=()
for pair in "${runtime[@]}"; do
  program=${pair%%:*} package=${pair##*:}
  command -v "$program" >/dev/null 2>&1 || missing+=("$package")
done
# why: pods need the static busybox; the dynamic one has the same name
if command -v busybox >/dev/null 2>&1 && ! dpkg -s busybox-static >/dev/null 2>&1; then missing+=(busybox-static); fi
if [ "$want" = test ] && [ "$(uname -m)" = x86_64 ] && ! ls /boot/vmlinuz-*-cloud-amd64 >/dev/null 2>&1; then missing+=(linux-image-cloud-amd64); fi
# why: a browser without any font draws no text
if [ "$want" = test ] && ! ls /usr/share/fonts/truetype/*/*.ttf >/dev/null 2>&1; then missing+=(fonts-dejavu-core); fi
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then echo "system packages are missing: ${missing[*]} (as root: apt-get install ${missing[*]})"; exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then echo "system packages are missing: ${missing[*]} (install them with this system's package manager)"; exit 0; fi

mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
export DEBIAN_FRONTEND=noninteractive
updated=no
for package in "${missing[@]}"; do
  echo "installing the system package $package ..."
  if ! apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1; then
    [ "$updated" = yes ] || { apt-get update -qq >/dev/null 2>&1 || true; updated=yes; }
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null || { echo "could not install $package: apt-get install $package says why"; exit 1; }
  fi
done
