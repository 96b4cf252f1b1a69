#!/bin/bash
# SPDX-License-Identifier: ISC
# The bootloaders that `dapboot selftest` must find wanting: one byte of a descriptor, one state, one page.
#
#   build_broken_ones.sh FOLDER
set -euo pipefail
broken() {
    "$(dirname "$0")/../support/build_broken.sh" "$folder/$1" "$2" "$3"
}
folder="${1:?build_broken_ones.sh: give a folder}"
broken descriptor src/usb/descriptors.hpp 's/append16(0x0110);  \/\/ wDetachTimeout/append16(0x0100);  \/\/ wDetachTimeout/'
broken state src/dfu/interface.hpp \
    's/next_ != unchanged ? next_ : state_/next_ != unchanged ? next_ : state_ == State::dfuERROR ? State::dfuIDLE : state_/'
# The fourth page of an application is taken and forgotten.
broken page src/dfu/update.hpp \
    's/const Status status = store(window_, buffer_ + at);/const Status status = window_ == place.application_base + 3 * place.page ? Status::OK : store(window_, buffer_ + at);/'
