# SPDX-License-Identifier: ISC
# What lsusb makes of the descriptors.

describes_itself() {
    attach 1-1
    lsusb -v -d 1209:db42 >/run/lsusb 2>/run/lsusb.errors
    cat /run/lsusb
    cat /run/lsusb.errors
    # Every byte of every descriptor that lsusb reads, by what it makes of it.
    sed "1,/^Bus /d; s/$first/SERIAL/; s/[ \t]*$//" /run/lsusb >/run/lsusb.said
    diff -u /share/lsusb.expected /run/lsusb.said
    makes_sense
}

# What lsusb says when bytes make no sense to it was not said.
makes_sense() {
    ! grep -iE 'unrecognized|unknown|warning|can.t get|cannot|couldn.t|invalid|error|bad |junk|missing|short' \
        /run/lsusb /run/lsusb.errors
}
