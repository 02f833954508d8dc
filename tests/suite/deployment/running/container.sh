#!/bin/sh
# A container: container.sh SWITCH NUMBER ROOT MOUNTS COMMAND..., in a network and mount namespace of its own.
# Joins the bridge of the process SWITCH as 10.77.0.NUMBER, mounts what the file MOUNTS says (source, target, ro or rw,
# between tabs) into ROOT, which it makes read-only, and becomes COMMAND.
set -eu

switch=$1 number=$2 root=$3 mounts=$4
shift 4

ip link set lo up
ip link add eth0 type veth peer name "c$number" netns "$switch"
nsenter --target "$switch" --net ip link set "c$number" master bridge up
ip address add "10.77.0.$number/24" dev eth0
ip link set eth0 up

[ "$root" = / ] || mount --rbind "$root" "$root"
while IFS='	' read -r source target mode; do
    mount --bind "$source" "$root$target"
    mount -o "remount,bind,$mode" "$root$target"
done <"$mounts"
[ "$root" = / ] || mount -o remount,bind,ro "$root"
exec "$@"
