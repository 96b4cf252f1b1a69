// SPDX-License-Identifier: ISC
// Asks the kernel's module usbtest, bound to a device, to run one of its cases.
//
//   usbtest-case /dev/bus/usb/BBB/DDD CASE ITERATIONS LENGTH VARY QUEUE
//
// Exit codes: 0 the case passed, 1 it failed, 2 the kernel does not run it on this device, 3 usage.
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

// The module's own interface; no header of the system has it.
struct parameters {
    uint32_t test_num, iterations, length, vary, sglen;
    int32_t seconds, microseconds;
};

int main(int argc, char** argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: usbtest-case DEVICE CASE ITERATIONS LENGTH VARY QUEUE\n");
        return 3;
    }
    const int device = open(argv[1], O_RDWR);
    if (device < 0) {
        perror(argv[1]);
        return 3;
    }
    uint32_t numbers[5];
    for (int i = 0; i < 5; ++i)
        numbers[i] = (uint32_t)strtoul(argv[i + 2], NULL, 0);
    struct parameters parameters = {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], 0, 0};
    struct usbdevfs_ioctl request = {
        .ifno = 0, .ioctl_code = (int)_IOWR('U', 100, struct parameters), .data = &parameters};
    if (ioctl(device, USBDEVFS_IOCTL, &request) < 0) {
        const int error = errno;
        fprintf(stderr, "usbtest case %s: %s\n", argv[2], strerror(error));
        return error == EOPNOTSUPP ? 2 : 1;
    }
    printf("usbtest case %s: passed, %d.%06d s\n", argv[2], parameters.seconds, parameters.microseconds);
    return 0;
}
