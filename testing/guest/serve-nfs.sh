# Makes the guest an NFS server: /export/team (root squashed; group 2000 may write) and /export/open (not squashed), v3 to v4.2.
# Version 3 names them by their paths; version 4 below a root of its own: /team and /open.
set -eu
modprobe -a nfsd lockd nfs nfsv3 nfsv4
printf '127.0.0.1 localhost guest\n' > /etc/hosts
mkdir -p /var/lib/nfs/v4recovery /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/rpc_pipefs
touch /var/lib/nfs/etab /var/lib/nfs/rmtab /var/lib/nfs/state
# why: with Debian's "yes" the server looks groups up by itself, and a pod's supplemental groups count for nothing
sed -i 's/manage-gids=y/manage-gids=n/' /etc/nfs.conf
mount -t nfsd nfsd /proc/fs/nfsd
# why mounts of their own: options of a directory inside the file system of an export are not looked at
mkdir -p /data/team /data/open /export
mount -t tmpfs tmpfs /export
mkdir /export/team /export/open
mount --bind /data/team /export/team
mount --bind /data/open /export/open
mkdir /data/team/shared
chmod 755 /data/team
chgrp 2000 /data/team/shared
chmod 2770 /data/team/shared
cat > /etc/exports <<'EXPORTS'
/export *(ro,fsid=0,no_subtree_check)
/export/team *(rw,fsid=1,no_subtree_check,root_squash)
/export/open *(rw,fsid=2,no_subtree_check,no_root_squash)
EXPORTS
echo 3 > /proc/sys/fs/nfs/nlm_timeout
echo 3 > /proc/sys/fs/nfs/nlm_grace_period
rpcbind -w
rpc.statd --no-notify
echo 10 > /proc/fs/nfsd/nfsv4leasetime
echo 10 > /proc/fs/nfsd/nfsv4gracetime
exportfs -ra
rpc.nfsd --no-udp 4
rpc.mountd
echo Y > /proc/fs/nfsd/v4_end_grace
