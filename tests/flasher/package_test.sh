#!/bin/bash
# SPDX-License-Identifier: ISC
# package_test.sh BUILD: what is installed is whole; manual and completions know every option that the program has, and
# no other; the Debian package declares what its binary needs, and the binary runs out of it.
set -euo pipefail
build="$1"
root="$(cd "$(dirname "$0")/../.." && pwd)"
program="$build/flasher/dapboot"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
failures=0
fail() {
    echo "package_test: $1" >&2
    failures=$((failures + 1))
}

# --- make install --------------------------------------------------------------------------------
DESTDIR="$scratch/staged" cmake --install "$build" --component flasher --prefix /opt/dapboot >"$scratch/install.log"
for file in bin/dapboot share/man/man1/dapboot.1 share/bash-completion/completions/dapboot \
    share/zsh/site-functions/_dapboot share/fish/vendor_completions.d/dapboot.fish lib/udev/rules.d/70-dapboot.rules; do
    [[ -f "$scratch/staged/opt/dapboot/$file" ]] || fail "make install brings no $file"
done

# --- options -------------------------------------------------------------------------------------
options_in() { grep -oE -- '--[a-z][a-z-]+' "$1" | sort -u; }
commands="$("$program" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p')"
[[ "$(wc -w <<<"$commands")" -ge 9 ]] || fail "the help names these commands only: $commands"
"$program" --help >"$scratch/help"
for command in $commands; do
    "$program" "$command" --help >"$scratch/help-$command"
    # The help mentions other programs' options and its own in passing; an option stands at the start of its line.
    grep -oE '^ +(-h,)?--[a-z-]+(,--[a-z-]+)*' "$scratch/help-$command" >>"$scratch/options"
done
options_in "$scratch/options" | grep -vx -- --help >"$scratch/known"
sed 's/\\-/-/g' "$root/docs/dapboot.1" >"$scratch/manual"
options_in "$scratch/manual" | grep -vxE -- '--(help|version)' >"$scratch/manual-options"
while read -r option; do
    grep -qx -- "$option" "$scratch/manual-options" || fail "the manual does not know $option"
    for shell in bash zsh fish; do
        file="$root/packaging/completions/dapboot.$shell"
        grep -qE -- "(^|[^a-z-])${option}([^a-z-]|$)|-l ${option#--}( |$)" "$file" || fail "the completion for $shell does not know $option"
    done
done <"$scratch/known"
while read -r option; do
    grep -qx -- "$option" "$scratch/known" || fail "the manual tells of $option, which the program does not have"
done <"$scratch/manual-options"
for command in $commands; do
    for file in "$scratch/manual" "$root"/packaging/completions/*; do
        grep -qw "$command" "$file" || fail "$(basename "$file") does not know the command $command"
    done
done
bash -n "$root/packaging/completions/dapboot.bash" || fail "the completion for bash is not valid bash"

# bash completes a command, an option and a value.
completed() {
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _dapboot; echo "${COMPREPLY[*]}"' \
        _ "$root/packaging/completions/dapboot.bash" "$@"
}
[[ "$(completed dapboot fl)" == flash ]] || fail "'dapboot fl' is not completed to flash: $(completed dapboot fl)"
[[ "$(completed dapboot flash --app)" == --application-part ]] || fail "flash --app is not completed"
[[ "$(completed dapboot convert --format sr)" == srec ]] || fail "--format sr is not completed"

# --- the package ---------------------------------------------------------------------------------
(cd "$scratch" && cpack --config "$build/CPackConfig.cmake" -B "$scratch/packages" >"$scratch/cpack.log" 2>&1) ||
    { cat "$scratch/cpack.log" >&2; fail "cpack made no package"; }
package="$(find "$scratch/packages" -maxdepth 1 -name 'dapboot_*.deb')"
if [[ -n "$package" ]]; then
    depends="$(dpkg-deb -f "$package" Depends)"
    for library in libc6 libusb-1.0-0 libfmt9 libstdc++6; do
        [[ "$depends" == *"$library"* ]] || fail "the package does not depend on $library: $depends"
    done
    maintainer="$(dpkg-deb -f "$package" Maintainer)"
    grep -q "^Copyright .* $maintainer\$" "$root/LICENSE" || fail "the licence names no such maintainer: $maintainer"
    [[ "$depends" != *unicorn* ]] || fail "the package depends on Unicorn"
    dpkg-deb -x "$package" "$scratch/unpacked"
    [[ -f "$scratch/unpacked/usr/lib/udev/rules.d/70-dapboot.rules" ]] || fail "the package brings no udev rule"
    "$scratch/unpacked/usr/bin/dapboot" --version | grep '^dapboot [0-9]' >/dev/null || fail "its binary does not run"
else
    fail "there is no package"
fi

if ((failures)); then exit 1; fi
echo "package_test: all well"
