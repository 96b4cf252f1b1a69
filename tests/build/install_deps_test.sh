#!/bin/bash
# SPDX-License-Identifier: ISC
# scripts/install-deps against a Debian that is only played: nothing is installed.
source "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1
install_deps="$root/scripts/install-deps"

# The played system: installed packages are lines of the file "installed"; apt-get writes what it is told to "log".
mkdir bin
cat >bin/dpkg-query <<'SCRIPT'
#!/bin/sh
for package; do :; done
grep -qxF "$package" installed && printf installed
SCRIPT
cat >bin/apt-get <<'SCRIPT'
#!/bin/sh
echo "apt-get $*" >>log
case "$*" in
*--simulate*) [ -f lists ] || exit 100 ;;
*update*) touch lists ;;
*install*) [ -f lists ] && [ ! -f broken ] || exit 100 ;;
esac
SCRIPT
printf '#!/bin/sh\necho "sudo $1" >>log\nexec "$@"\n' >bin/sudo
chmod +x bin/*
PATH="$scratch/bin:$PATH"
everything="$(sed -n 's/^    "\([a-z0-9.+-]*\)|.*/\1/p' "$install_deps")"
[[ "$(wc -l <<<"$everything")" -ge 12 ]] || fail "the list of packages was not found in install-deps"

printf '%s\n' "$everything" >installed
: >log
succeeds "all there" "$install_deps"
[[ -z "$output" && ! -s log ]] || fail "all there: is not silent, or calls apt-get"
succeeds "all there, with lint" "$install_deps" lint
[[ -z "$output" && ! -s log ]] || fail "all there, with lint: is not silent, or calls apt-get"

printf '%s\n' "$everything" | grep -vx -e libnewlib-dev -e libfmt-dev -e clang-tidy-19 >installed
touch lists
: >log
succeeds "two missing" "$install_deps"
says "two missing: which and why" "libnewlib-dev                C headers for the bootloader"
says "two missing: which and why" "libfmt-dev                   text output"
[[ "$output" != *"g++"* && "$output" != *clang-tidy* ]] || fail "two missing: names more than two"
grep -q -- '-y .*install --no-install-recommends libnewlib-dev libfmt-dev$' log || fail "two missing: $(cat log)"
grep -q update log && fail "two missing: refreshed lists that were good"

: >log
succeeds "lint missing" "$install_deps" lint
says "lint missing" "clang-tidy-19"

rm lists
: >log
succeeds "no lists" "$install_deps"
grep -q update log || fail "no lists: did not refresh them"

touch broken
refuses "cannot be fetched" "could not install libnewlib-dev libfmt-dev" "$install_deps"
rm broken

: >log
touch lists
succeeds "one bootloader" "$install_deps" firmware
says "one bootloader" "libnewlib-dev"
[[ "$output" != *libfmt-dev* ]] || fail "one bootloader: installs what only the virtual board needs"
: >log
succeeds "the virtual board" "$install_deps" sim
says "the virtual board" "libfmt-dev"
[[ "$output" != *libnewlib-dev* ]] || fail "the virtual board: installs what only the bootloader needs"

# Two at once: the second one waits, and then finds nothing to do.
cat >bin/apt-get <<'SCRIPT'
#!/bin/sh
case "$*" in *--simulate*) exit 0 ;; esac
mkdir busy 2>/dev/null || { echo "E: Could not get lock" >&2; exit 100; }
sleep 0.3
for package; do echo "$package" >>installed; done
rmdir busy
SCRIPT
"$install_deps" >first.log 2>&1 &
run "$install_deps"
((status == 0)) || fail "two at once: the second one failed"
wait "$!" || fail "two at once: the first one failed: $(cat first.log)"

# Another system: programs are looked for, and named with their reason; what needs nothing more says nothing.
mkdir elsewhere
for program in bash env cat cmake ninja; do ln -s "$(command -v "$program")" elsewhere/; done
refuses "another system" "this is no Debian system" env PATH="$scratch/elsewhere" "$install_deps" firmware
says "another system" "gcc-arm-none-eabi            compiler for the bootloader"
[[ "$output" != *ninja-build* ]] || fail "another system: names what is there"
ln -s "$(command -v arm-none-eabi-g++)" elsewhere/
succeeds "another system that has all" env PATH="$scratch/elsewhere" "$install_deps" firmware
[[ -z "$output" ]] || fail "another system that has all: is not silent"

refuses "unknown group" "no group 'kitchen'" "$install_deps" kitchen
run "$install_deps" kitchen
((status == 2)) || fail "unknown group: exit code $status in place of 2"

printf '#!/bin/sh\necho "apt-get $*" >>log\n' >bin/apt-get
printf '%s\n' "$everything" | grep -vx libfmt-dev >installed
if ((EUID == 0)) && command -v setpriv >/dev/null; then
    chmod -R a+rwX "$scratch"
    if setpriv --reuid 65534 --regid 65534 --clear-groups test -r "$install_deps" -a -x "$root/scripts"; then
        : >log
        succeeds "not root" setpriv --reuid 65534 --regid 65534 --clear-groups "$install_deps"
        grep -q '^sudo env' log || fail "not root: did not use sudo"
    else
        echo "not root: another user cannot read this tree, so sudo was not tried"
    fi
fi

finish
