#!/bin/bash
# SPDX-License-Identifier: ISC
# board_test.sh BUILD_TREE: "Add a board" of ARCHITECTURE.md, followed to the letter in a copy of the tree.
# The virtual board is the one of the build tree, linked anew with the copy's list of boards.
source "$(dirname "$0")/lib.sh"
build="$1"
export DAPBOOT_TREE="$scratch/tree"
mkdir "$DAPBOOT_TREE"
cd "$root" || exit 1
git ls-files -z | xargs -0 cp --parents -t "$DAPBOOT_TREE"
cd "$DAPBOOT_TREE" || exit 1

# block LANGUAGE NUMBER: the fenced block that ARCHITECTURE.md's last section prints, without the indentation of a list.
block() {
    sed -n '/^## Add a board/,$p' ARCHITECTURE.md | awk -v want="   \`\`\`$1" -v number="$2" '
        inside && /^   ```$/ { inside = 0 }
        inside && seen == number { print substr($0, 4) }
        $0 == want { inside = 1; ++seen }'
}
block cpp 1 >src/boards/myboard.hpp
row="$(grep -oE '"MYBOARD .*"' ARCHITECTURE.md)"
sed -i "s/^set(DAPBOOT_BOARD_TABLE/&\n    $row/" cmake/targets.cmake
block cpp 2 >wires
# The wires stand before the return.
awk 'FNR == NR { wires = wires $0 "\n"; next } /^    return list;/ && !placed++ { printf "%s", wires } { print }' \
    wires "$root/sim/board/boards.cpp" >sim/board/boards.cpp
block c 1 >words
sed -i '/^#define DAPBOOT_WORD_BTTSKRMINIE3V2/r words' kit/dapboot.h
grep -oE '^ *\| `MYBOARD`.*' ARCHITECTURE.md | sed 's/^ *//' >readme_row
sed -i '/^| `BTTSKRMINIE3V2` |/r readme_row' README.md
exists src/boards/myboard.hpp wires words readme_row

succeeds "the documents agree" "$root/tests/build/docs_test.sh"
for target in MYBOARD MYBOARD_HIGH; do
    succeeds "$target builds" make -C src TARGET=$target
    exists src/dapboot.bin
    cp src/dapboot.elf "$target.elf"
done
cat >board.cpp <<'SOURCE'
#include "config/layout.hpp"
#include "dapboot.h"
static_assert(config::board.command.backup_register == DAPBOOT_BACKUP_REGISTER && config::board.command.word == DAPBOOT_STAY);
SOURCE
succeeds "the kit knows it" arm-none-eabi-g++ -std=c++20 -fsyntax-only -mcpu=cortex-m3 -mthumb -I src -I kit \
    '-DDAPBOOT_BOARD_HEADER="boards/myboard.hpp"' -DDAPBOOT_BOARD=MYBOARD board.cpp

# The build tree's own commands for the list of boards and for the program, with the copy's file in them.
commands="$(ninja -C "$build" -t commands dapboot-sim | sed 's/^\[[0-9/]*\] //')"
compile="$(grep -E -- '-c [^ ]*sim/board/boards\.cpp$' <<<"$commands" | head -n 1)"
link="$(grep -E -- ' -o sim/dapboot-sim ' <<<"$commands" | tail -n 1)"
[[ -n "$compile" && -n "$link" ]] || fail "the commands that build dapboot-sim were not found"
compile="$(sed -E "s# -o [^ ]*boards\.cpp\.o# -o $scratch/boards.o#; s# -c [^ ]*# -c $DAPBOOT_TREE/sim/board/boards.cpp#" <<<"$compile")"
link="$(sed -E "s# -o sim/dapboot-sim # $scratch/boards.o -o $scratch/dapboot-sim #" <<<"$link")"
succeeds "the list of boards compiles" bash -c "cd '$build' && $compile"
succeeds "the virtual board links" bash -c "cd '$build' && $link"
for target in MYBOARD MYBOARD_HIGH; do
    succeeds "$target on its virtual twin" "$scratch/dapboot-sim" lsusb --board myboard "$target.elf"
    says "$target on its virtual twin" "1209:db42"
done
succeeds "it runs" "$scratch/dapboot-sim" run --board myboard --seconds 1 MYBOARD.elf
says "its LED is lit" "LED on"

finish
