# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What the tests of this folder share. A test sources this file, gets a scratch folder of its own in $scratch, calls
# the functions below, and ends with "finish". Each failed expectation is printed; one is enough to fail the test.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
# A make around the test must not hand its variables to the makes inside.
unset MAKEFLAGS MFLAGS MAKELEVEL TARGET DEFS LDSCRIPT PREFIX V
failures=0
output=""
status=0

fail() {
    echo "FAILED: $*"
    if [[ -n "$output" ]]; then
        printf '%s\n' "$output" | sed 's/^/    | /' | tail -n 20
        output=""
    fi
    failures=$((failures + 1))
}

# run COMMAND…: keeps what it prints in $output and its exit code in $status.
run() {
    output="$("$@" 2>&1)"
    status=$?
}

# succeeds NAME COMMAND…, refuses NAME TEXT COMMAND…: the second must fail, and say TEXT.
succeeds() {
    local name="$1"
    shift
    run "$@"
    ((status == 0)) || fail "$name: exit code $status"
}
refuses() {
    local name="$1" text="$2"
    shift 2
    run "$@"
    if ((status == 0)); then
        fail "$name: was accepted"
    elif [[ "$output" != *"$text"* ]]; then
        fail "$name: does not say '$text'"
    fi
}

# says NAME TEXT: the last command's output holds TEXT.
says() {
    [[ "$output" == *"$2"* ]] || fail "$1: does not say '$2'"
}

exists() {
    local file
    for file in "$@"; do
        [[ -s "$file" ]] || fail "$file is missing or empty"
    done
}

finish() {
    if ((failures)); then
        echo "$failures failed"
        exit 1
    fi
    echo "passed"
}
