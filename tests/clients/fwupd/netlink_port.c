// SPDX-License-Identifier: ISC
// Goes under fwupd (LD_PRELOAD) and lets the kernel choose the number of a netlink socket, where fwupd asks for the
// number of its own process. With Debian 12's libusb 1.0.26 that number is libusb's already, and fwupd then knows no
// device that it could install anything on: "bind to udev socket failed: Address already in use" (fwupd's issue 8083).
// What fwupd and the device say to each other does not pass here.
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int bind(int socket, const struct sockaddr* address, socklen_t length) {
    struct sockaddr_nl any;
    if (address->sa_family == AF_NETLINK && length == sizeof any) {
        memcpy(&any, address, sizeof any);
        any.nl_pid = 0;
        return (int)syscall(SYS_bind, socket, &any, length);
    }
    return (int)syscall(SYS_bind, socket, address, length);
}
