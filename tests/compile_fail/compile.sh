#!/bin/bash
# SPDX-License-Identifier: ISC
# Whether a source compiles, and if it must not, whether the compiler says why.
#
#   compile.sh works COMMAND...             COMMAND must succeed
#   compile.sh refuses MESSAGE COMMAND...   COMMAND must fail, and MESSAGE (as it stands) be in what it says
#
# Exit codes: 0 as expected, 1 not.
set -uo pipefail
export LC_ALL=C.UTF-8
expected="$1"
shift
if [[ "$expected" == refuses ]]; then
    message="$1"
    shift
fi
if said="$("$@" 2>&1)"; then
    if [[ "$expected" == works ]]; then
        exit 0
    fi
    echo "compiled, though it must not: $*"
    exit 1
fi
if [[ "$expected" == works ]]; then
    echo "$said"
    echo "does not compile, though nothing is wrong in it: $*"
    exit 1
fi
if ! grep -qF -- "$message" <<<"$said"; then
    echo "$said"
    echo "refused, but not with \"$message\": $*"
    exit 1
fi
