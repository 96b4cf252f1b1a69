#!/bin/bash
# SPDX-License-Identifier: ISC
# What the documents say, held against the tree: links, make targets, boards, and the example of a new board.
source "$(dirname "$0")/lib.sh"
cd "${DAPBOOT_TREE:-$root}" || exit 1

for document in README.md ARCHITECTURE.md; do
    while IFS= read -r link; do
        [[ -e "${link%%#*}" ]] || fail "$document links to $link, which does not exist"
    done < <(grep -oE '\]\([^)]+\)' "$document" | sed 's/^](//; s/)$//' | grep -v '^https\?:')
done

# Files and folders that are named in ARCHITECTURE.md, with or without src/ or sim/ in front.
while IFS= read -r name; do
    [[ -e "$name" || -e "src/$name" || -e "sim/$name" || -e "src/$name.hpp" || "$name" == build/* || "$name" == *'<'* ||
        "$name" == *myboard* ]] || fail "ARCHITECTURE.md names $name, which does not exist"
done < <(grep -oE '`[A-Za-z_.<>-]+(/[A-Za-z_.<>-]*)+`' ARCHITECTURE.md | tr -d '`' | sort -u)

# Commands of the README at the top of the tree, and in src/.
while IFS= read -r target; do
    grep -qE "^$target:" Makefile src/Makefile || fail "README.md says make $target, which no Makefile has"
done < <(grep -oE '(`|    )make [a-z.-]+' README.md | sed 's/.*make //' | sort -u)

# A command stands in a fence whose kind says who executes it (documents_test.sh); indented, nobody would.
while IFS= read -r line; do
    fail "$line: a command for a shell stands outside of a fence"
done < <(git ls-files README.md 'docs/*.md' kit/README.md | xargs awk '
    /^ *```/ { fence = !fence }
    /<!-- [a-z]+:begin -->/ { printed = 1 }
    /<!-- [a-z]+:end -->/ { printed = 0 }
    !fence && !printed && /^    +(sudo|make|cd|git|npm|apt-get|dapboot|dapboot-sim|build\/[^ ]*|dfu-util|openocd|st-flash|stm32flash|gdb-multiarch|usbip|modprobe) / {
        print FILENAME ":" FNR
    }')

# docs/conformance.md: each row has a test, or says why there is nothing to test, and each test that it names exists.
while IFS= read -r name; do
    if [[ "$name" == *.* ]]; then
        suite="${name%.*}" case="${name#*.}"
        grep -rqE "^TEST(_P|_F)?\($suite, $case\)" tests || fail "docs/conformance.md names $name, which is no test"
    else
        grep -qE "Property\{\"$name\"" flasher/properties/*.cpp || fail "docs/conformance.md names $name, which is no property"
    fi
done < <(grep '^|' docs/conformance.md | sed 's/.*| \(.*\) |$/\1/' | grep -oE '`[A-Z][A-Za-z0-9]+(\.[A-Z][A-Za-z0-9]+)?`' | tr -d '`' |
    sort -u)
while IFS= read -r row; do
    last="$(sed 's/.*| \(.*\) |$/\1/' <<<"$row")"
    [[ "$last" == *'`'* || "$last" == "nothing to test: "* ]] || fail "docs/conformance.md: nobody tests this: $row"
done < <(grep '^|' docs/conformance.md | grep -vE '^\|-|tested by \|$')

# What the forge's workflows run: targets of the Makefile, and files of the tree.
while IFS= read -r target; do
    grep -qE "^([a-z-]+ )*$target( [a-z-]+)*:" Makefile || fail ".github/workflows run make $target, which the Makefile has not"
done < <(grep -ohE 'run: make [a-z-]+' .github/workflows/*.yml | sed 's/.*make //' | sort -u)
while IFS= read -r program; do
    [[ -x "$program" ]] || fail ".github/workflows run $program, which does not exist"
done < <(grep -ohE 'run: \.[A-Za-z/.-]+' .github/workflows/*.yml | sed 's/run: //' | sort -u)

printf 'include(cmake/targets.cmake)\ndapboot_all_targets(names)\nmessage("${names}")\n' >"$scratch/list.cmake"
IFS=';' read -ra targets <<<"$(cmake -P "$scratch/list.cmake" 2>&1)"
((${#targets[@]} >= 8)) || fail "the list of targets was not found"
for target in "${targets[@]}"; do
    board="${target%%_*}"
    variant="${target#"$board"}"
    grep -qE "^\| \`$board\` \|.*${variant:+\`$variant\`}" README.md || fail "README.md's table of boards lacks $target"
done
while IFS= read -r board; do
    [[ " ${targets[*]} " == *" $board "* ]] || fail "README.md's table has $board, which is not a target"
done < <(grep -oE '^\| `[A-Z0-9]+` \|' README.md | tr -d '|` ')

# docs/options.md, how long a button settles: what the headers of the boards say, or the default for a key.
settle_time() { sed -nE "s/.*settle = microseconds\(([0-9']+)\).*/\1/p" "$1" | tr -d "'"; }
key="$(settle_time src/config/board.hpp)"
[[ -n "$key" ]] || fail "src/config/board.hpp has no default for how long a button settles"
for header in src/boards/*.hpp; do
    board="$(basename "$header" .hpp | tr a-z A-Z)"
    delay="$(settle_time "$header")"
    if [[ -z "$delay" ]] && grep -q 'b\.button = {\.fitted = true' "$header"; then delay="$key"; fi
    if [[ -n "$delay" ]]; then
        grep -q "^| \`$board\` | $delay us |" docs/options.md || fail "docs/options.md: $board settles within $delay us"
    elif grep -qE "^\| \`$board\` \| [0-9]+ us" docs/options.md; then
        fail "docs/options.md: $board has no delay of its own"
    fi
done

finish
