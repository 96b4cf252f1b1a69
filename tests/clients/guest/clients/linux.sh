# SPDX-License-Identifier: ISC
# The kernel itself.

enumerates() {
    dmesg -c >/dev/null
    attach 1-1
    kernel_is_content
    [ "$(cat "$(device_of "$first")/product")" = "DAPBoot DFU Bootloader" ]
    [ "$(cat "$(device_of "$first")/version")" = " 2.10" ]
}

content_to_the_end() {
    dmesg >/run/kernel.log
    refuse /run/kernel.log 'Call Trace'
    refuse /run/kernel.log 'device descriptor read'
    refuse /run/kernel.log 'not responding'
    refuse /run/kernel.log 'not accepting address'
    refuse /run/kernel.log 'invalid'
    refuse /run/kernel.log 'unable to enumerate'
}
