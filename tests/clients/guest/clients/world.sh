# SPDX-License-Identifier: ISC
# For clients that are too large for the guest's memory: the host's own file system, read-only, under one that forgets.

world=/run/world

# in_world COMMAND…: there, with all that a program asks the guest's kernel and udev for; the share is /run/share.
in_world() {
    [ -d "$world" ] || make_world
    HOME=/run XDG_CONFIG_HOME=/run XDG_CACHE_HOME=/run chroot "$world" "$@"
}

make_world() {
    modprobe overlay
    mkdir -p /run/host /run/layer "$world"
    mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro host /run/host
    mount -t tmpfs layer /run/layer
    mkdir /run/layer/upper /run/layer/scratch
    mount -t overlay -o lowerdir=/run/host,upperdir=/run/layer/upper,workdir=/run/layer/scratch world "$world"
    for folder in dev proc sys; do
        mount --bind "/$folder" "$world/$folder"
    done
    mount -t tmpfs run "$world/run"
    mkdir -p "$world/run/udev" "$world/run/share" "$world/dev/shm"
    mount -t tmpfs shm "$world/dev/shm"
    mount --bind /run/udev "$world/run/udev"
    mount --bind /share "$world/run/share"
}
