#!/bin/bash
# SPDX-License-Identifier: ISC
# The checks of the tree find what they are for: each rule is broken once in a small tree of our own.
source "$(dirname "$0")/lib.sh"

tree="$scratch/tree"
fresh_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"/src/{config,chip,drivers,usb,dfu,boards} "$tree/kit" "$tree/installer" "$tree"/sim/{usb,chip,serve/usbip} "$tree/flasher"
    local header
    for header in src/config/board.hpp src/chip/flash.hpp src/drivers/flash.hpp src/boards/bluepill.hpp \
        sim/time.hpp sim/main.cpp sim/usb/host.hpp sim/chip/chip.hpp sim/serve/usbip/server.hpp; do
        echo '// SPDX-License-Identifier: ISC' >"$tree/$header"
    done
    git -C "$tree" init -q
}
# with FILE LINE: a fresh tree in which FILE has LINE too.
with() {
    fresh_tree
    [[ -f "$tree/$1" ]] || echo '// SPDX-License-Identifier: ISC' >"$tree/$1"
    printf '%s\n' "$2" >>"$tree/$1"
}
includes=("$root/scripts/check-includes" "$tree")
files=("$root/scripts/check-tree" "$tree")

with src/drivers/flash.hpp '#include "chip/flash.hpp"'
succeeds "include to the left" "${includes[@]}"
with src/chip/flash.hpp '#include "drivers/flash.hpp"'
refuses "include to the right" 'src/chip/flash.hpp:2: src/chip may include (config chip)' "${includes[@]}"
with src/config/board.hpp '  #  include "boards/bluepill.hpp"'
refuses "a board by name" 'src/config may include' "${includes[@]}"
with src/chip/flash.hpp '#include "flash.hpp"'
refuses "include without a folder" 'not named from the top' "${includes[@]}"
with src/chip/flash.hpp '#include "../drivers/flash.hpp"'
refuses "include through .." 'not named from the top' "${includes[@]}"
with src/config/board.hpp '#ifdef HAVE_LED'
succeeds "condition in config" "${includes[@]}"
for condition in '#if X' '# ifdef X' '#ifndef X' '#elif X' '#else' '#endif'; do
    with src/drivers/flash.hpp "$condition"
    refuses "condition $condition in drivers" 'in src/config only' "${includes[@]}"
done
with src/main.cpp '#if 1'
refuses "condition in main.cpp" 'in src/config only' "${includes[@]}"
with src/config/board.hpp '#include DAPBOOT_BOARD_HEADER'
succeeds "config chooses the board" "${includes[@]}"
with src/chip/flash.hpp '#include DAPBOOT_BOARD_HEADER'
refuses "chip chooses the board" 'only src/config chooses' "${includes[@]}"
with installer/main.cpp '#include "drivers/flash.hpp"'
succeeds "the installer drives the chip" "${includes[@]}"
with installer/main.cpp '#include "dfu/update.hpp"'
refuses "the installer updates" 'installer may include (config chip drivers installer)' "${includes[@]}"
with installer/main.cpp '#ifdef HAVE_LED'
refuses "condition in the installer" 'in src/config only' "${includes[@]}"
with flasher/client.hpp '#include "sim/chip/chip.hpp"'
refuses "flasher includes the virtual board" 'flasher may include (flasher)' "${includes[@]}"
with kit/dapboot.h '#include "src/chip/flash.hpp"'
refuses "kit includes the firmware" 'kit may include (kit)' "${includes[@]}"
for hardware in chip drivers; do
    for user in usb dfu; do
        with "src/$user/a.hpp" "#include \"$hardware/flash.hpp\""
        refuses "$user includes $hardware" "src/$user may include" "${includes[@]}"
    done
done
with sim/serve/usbip/server.hpp '#include "sim/chip/chip.hpp"'
succeeds "sim: include to the left" "${includes[@]}"
with sim/usb/host.hpp '#include "sim/chip/chip.hpp"'
refuses "sim: include to the right" 'sim/usb may include (flasher sim/time.hpp sim/usb)' "${includes[@]}"
with sim/time.hpp '#include "sim/usb/host.hpp"'
refuses "sim: the leftmost file includes" 'sim/time.hpp may include' "${includes[@]}"
with sim/main.cpp '#include "sim/serve/usbip/server.hpp"'
succeeds "sim: main includes all" "${includes[@]}"
with sim/chip/chip.hpp '#include "sim/main.cpp"'
refuses "sim: main is included" 'sim/chip may include' "${includes[@]}"
with sim/stray.hpp '// no line of code'
refuses "sim: a file that has no place" 'sim/stray.hpp has no place' "${includes[@]}"
fresh_tree
mkdir "$tree/src/extra"
echo '// SPDX-License-Identifier: ISC' >"$tree/src/extra/a.hpp"
refuses "a folder that has no place" 'src/extra has no place' "${includes[@]}"

fresh_tree
succeeds "a clean tree" "${files[@]}"
fresh_tree
echo 'int a;' >"$tree/src/a.cpp"
refuses "no licence line" 'src/a.cpp:1: does not begin' "${files[@]}"
fresh_tree
printf '#!/bin/sh\necho\n' >"$tree/tool"
refuses "script without licence line" 'tool:1: does not begin' "${files[@]}"
fresh_tree
printf '#!/bin/sh\n# SPDX-License-Identifier: ISC\n' >"$tree/tool"
succeeds "script with licence line" "${files[@]}"
with src/a.cpp "$(seq 399)"
succeeds "400 lines" "${files[@]}"
with src/a.cpp "$(seq 400)"
refuses "401 lines" 'src/a.cpp:401: has more than 400 lines' "${files[@]}"
for unwanted in "read /ro""ot/x" "\"/tm""p/x\"" "=/wo""rk/main" "https://regist""ry.example.org/x" "// TO""DO: later"; do
    with src/a.cpp "$unwanted"
    refuses "$unwanted" 'src/a.cpp:2: names what belongs' "${files[@]}"
done
with src/a.cpp '// the framework/x and network/y are only words'
succeeds "words that contain a path" "${files[@]}"
fresh_tree
printf '#!/bin/bash\n# SPDX-License-Identifier: ISC\nprintf a | grep %s a\n' -qE >"$tree/tool"
refuses "a pipe into grep that ends early" 'tool:3: pipes into grep' "${files[@]}"
printf '#!/bin/bash\n# SPDX-License-Identifier: ISC\nprintf a | grep -E a >/dev/null\n' >"$tree/tool"
succeeds "a pipe into grep" "${files[@]}"
rm -rf "$tree/.git"
refuses "no git tree" 'not a git tree' env GIT_CEILING_DIRECTORIES="$scratch" "${files[@]}"

finish
