#!/bin/sh
# First program of a guest: takes the host's own root, read-only, under a writable layer in memory.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done < /modules/order
mount -t virtiofs host /lower -o ro
mount -t tmpfs -o size=50% tmpfs /upper
mkdir /upper/data /upper/work
mount -t overlay overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work /root
mkdir -p /root/proc /root/sys /root/dev /root/run /root/tmp
busybox cp /second-init /root/second-init
exec switch_root /root /bin/sh /second-init
