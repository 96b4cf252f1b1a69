#!/bin/bash
# SPDX-License-Identifier: ISC
# documents_test.sh [--clone] DOCUMENT…: does what documents say, as it stands, in a folder of its own outside of the tree. In a
# document,
#
#   ```LANGUAGE file=NAME   is a file, written under this name
#   ```sh                   are commands, each of which must succeed
#   ```sh clone             are commands for the folder of the clone; followed with --clone only, because they install
#                           and build in there
#
# and they come in the order in which they stand. ~/dapboot is this tree. What a document takes for given, a project of the
# reader's, lies in strangers/<name of the document>/. What needs hardware or another system stands in
# blocks of other kinds ("console", "ini", …), which only readers follow.
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

# follow DOCUMENT FOLDER: prints what fails.
follow() {
    local line kind="" name="" place block="" number=0 begin=0
    while IFS= read -r line || [[ -n "$line" ]]; do
        number=$((number + 1))
        if [[ -z "$kind" && "$line" =~ ^'```'([a-z]+)?(\ file=([^ ]+)|\ clone)?$ ]]; then
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
            fi
            kind=""
        elif [[ -n "$kind" ]]; then
            block+="$line"$'\n'
        fi
    done <"$1"
    [[ -z "$kind" ]] || fail "$1:$begin: a block that does not end"
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
