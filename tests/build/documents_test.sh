#!/bin/bash
# SPDX-License-Identifier: ISC
# documents_test.sh [--clone] DOCUMENT…: does what documents say, as it stands, in a folder of its own outside of the tree. In a
# document,
#
#   ```LANGUAGE file=NAME   is a file, written under this name
#   ```sh                   are commands, each of which must succeed
#   ```sh clone             are commands for the folder of the clone; followed with --clone only, because they install
#                           and build in there
#   ```sh clone terminal    is a command that goes on, in a terminal of its own in the folder of the clone: what follows meets it,
#                           and it is ended when the next one comes, or the document's end. Followed with --clone only
#   ```sh board             are commands for one who has `dapboot` and `dapboot-sim`, and a board that waits in its bootloader:
#                           before each line a virtual one is powered. Followed with --clone only. What goes on until
#                           Ctrl-C (--repeat) gets one, after a while
#
# and they come in the order in which they stand. ~/dapboot is this tree. What a document takes for given, a project of the
# reader's, lies in strangers/<name of the document>/, or is made there by its program `prepare`. What stands in ```sh guest
# is done in the guest of `make test-clients-full`; what needs hardware or another system in blocks of other kinds ("console",
# "ini", …), which only readers follow.
source "$(dirname "$0")/lib.sh"
export HOME="$scratch/home"
mkdir "$HOME"
ln -s "$root" "$HOME/dapboot"
clone=false
if [[ "${1:-}" == --clone ]]; then
    clone=true
    shift
fi
(($#)) || fail "no document given"

# on_board FOLDER COMMAND: leaves output and exit code as run() does.
on_board() {
    local address=""
    "$root/build/host/sim/dapboot-sim" serve "$root/build/firmware/dapboot-bluepill.elf" --usbip 127.0.0.1:0 \
        >"$scratch/board.log" 2>&1 &
    local board=$!
    for ((i = 0; i < 200; i++)); do
        address="$(grep -oE '127\.0\.0\.1:[1-9][0-9]*' "$scratch/board.log" | head -n 1)"
        if [[ -n "$address" ]] && "$root/build/host/flasher/dapboot" list --json --usbip "$address" 2>&1 |
            grep -q '"mode": "bootloader"'; then break; fi
        sleep 0.1
    done
    DAPBOOT_USBIP="$address" PATH="$root/build/host/flasher:$root/build/host/sim:$PATH" run bash -e -c "
        dapboot() {
            local wrapped=()
            if [[ \" \$* \" == *' --repeat '* ]]; then wrapped=(timeout --preserve-status --foreground -s INT 15); fi
            \"\${wrapped[@]}\" \"\$(type -P dapboot)\" \"\$@\"
        }
        cd '$1' && $2" </dev/null
    kill "$board"
    wait "$board" 2>/dev/null
}

# What goes on in a terminal of its own: it is ready when it has said what it has to say, and is silent. It may have ended by
# itself, as a server for gdb does when gdb goes.
terminal=""
end_terminal() {
    [[ -n "$terminal" ]] || return 0
    kill -INT "$terminal" 2>/dev/null
    wait "$terminal" 2>/dev/null
    terminal=""
}
begin_terminal() {
    set -m # a command in the background hears Ctrl-C only as a job of its own
    (cd "$root" && eval "exec $1") >"$scratch/terminal.log" 2>&1 </dev/null &
    terminal=$!
    set +m
    local silent=0 before=0 now
    for ((i = 0; i < 300 && silent < 10; i++)); do
        sleep 0.1
        now="$(stat -c %s "$scratch/terminal.log")"
        if ((now != 0 && now == before)); then silent=$((silent + 1)); else silent=0; fi
        before=$now
    done
}

# follow DOCUMENT FOLDER: prints what fails.
follow() {
    local line kind="" name="" place block="" number=0 begin=0
    while IFS= read -r line || [[ -n "$line" ]]; do
        number=$((number + 1))
        if [[ -z "$kind" && "$line" =~ ^'```'([a-z]+)?(\ file=([^ ]+)|\ clone|\ clone\ terminal|\ board|\ guest)?$ ]]; then
            kind="${BASH_REMATCH[1]:-plain}${BASH_REMATCH[2]:+${BASH_REMATCH[2]%%=*}}" name="${BASH_REMATCH[3]:-}" block="" begin=$number
        elif [[ -n "$kind" && "$line" == '```' ]]; then
            if [[ -n "$name" ]]; then
                mkdir -p "$2/$(dirname "$name")"
                printf '%s' "$block" >"$2/$name"
                files=$((files + 1))
            elif [[ "$kind" == sh || ("$kind" == "sh clone" && $clone == true) ]]; then
                place="$2"
                [[ "$kind" == sh ]] || place="$root"
                run bash -e -c "cd '$place' && $block" </dev/null
                commands=$((commands + 1))
                ((status == 0)) || fail "$1:$begin: exit code $status of: $block"
            elif [[ "$kind" == "sh clone terminal" && $clone == true ]]; then
                end_terminal
                begin_terminal "$block"
                commands=$((commands + 1))
            elif [[ "$kind" == "sh board" && $clone == true ]]; then
                # Not sooner: the document's own commands have brought what builds it.
                if [[ -x "$2/prepare" ]]; then
                    run "$2/prepare" "$2"
                    ((status == 0)) || fail "$1:$begin: the reader's project cannot be made"
                    rm "$2/prepare"
                fi
                while IFS= read -r command; do
                    on_board "$2" "$command"
                    commands=$((commands + 1))
                    ((status == 0)) || fail "$1:$begin: exit code $status of: $command"
                done < <(printf '%s' "$block")
            fi
            kind=""
        elif [[ -n "$kind" ]]; then
            block+="$line"$'\n'
        fi
    done <"$1"
    [[ -z "$kind" ]] || fail "$1:$begin: a block that does not end"
    end_terminal
}

for document in "$@"; do
    files=0 commands=0
    folder="$scratch/$(basename "$document" .md)"
    mkdir -p "$folder"
    strangers="$root/tests/build/strangers/$(basename "$document" .md)"
    [[ ! -d "$strangers" ]] || cp -r "$strangers/." "$folder/"
    follow "$document" "$folder"
    ((commands > 0)) || fail "$document: there is no command to follow"
    echo "$document: $files files, $commands blocks of commands"
done
finish
