#!/bin/bash
# SPDX-License-Identifier: ISC
# The Makefile at the top. make test: which options reach ctest, and which programs are built for them; make serve: what
# is built for it, and a port in use. CMake, ctest, npm and dapboot-sim are stand-ins that write down how they were called.
source "$(dirname "$0")/lib.sh"
mkdir -p "$scratch"/{bin,tree/scripts,tree/cmake,tree/build/host/tests}
cp "$root/Makefile" "$scratch/tree/"
cp "$root/scripts/test" "$scratch/tree/scripts/"
cp "$root/cmake/configure.sh" "$scratch/tree/cmake/"
cat >"$scratch/bin/cmake" <<'STUB'
#!/bin/bash
{ printf 'cmake'; printf ' <%s>' "$@"; echo; } >>build/called
STUB
cat >"$scratch/bin/ctest" <<'STUB'
#!/bin/bash
[[ "$*" == *--show-only* || "$*" == *-N* ]] && exit 0
printf 'ctest'; printf ' <%s>' "$@"; echo
echo '100% tests passed, 0 tests failed out of 3'
STUB
chmod +x "$scratch"/bin/*
export PATH="$scratch/bin:$PATH"
cd "$scratch/tree" || exit 1

printf '%s\n' 'TEST(Flash, IsErased) {' >flash.cpp
printf '%s\n' 'TEST_P(Decision, Starts) {' >decision.cpp
printf '%s\n' 'TEST_F(Update, IsWhole) {' >update.cpp
printf '%s\n' "flash_test sim no-firmware $PWD/flash.cpp" "decision_test unit no-firmware $PWD/decision.cpp" \
    "update_test unit firmware $PWD/update.cpp" >build/host/tests/programs.txt

# passes NAME EXPECTED CTEST: ctest gets these options, each in <>. What was built is in $built.
passes() {
    rm -f build/called
    succeeds "$1" make test INSTALL_DEPS=true JOBS=2 CTEST="$3"
    says "$1" "ctest <--preset> <all> <-j> <2>$2"$'\n'
    says "$1" '3 tests, 3 passed, 0 failed'
    built="$(sed -n 's/^cmake.*<--target>//p' build/called)"
}

passes "an alternation" ' <-R> <Flash|Decision>' '-R Flash|Decision'
[[ "$built" == *'<decision_test> <flash_test>'* ]] || fail "an alternation builds: $built"
[[ "$built" != *update_test* ]] || fail "an alternation builds what it does not run: $built"
bootloaders='<--build> <--preset> <firmware>'
grep -qF -- "$bootloaders" build/called && fail "tests that read no bootloader build all of them"

passes "quotes of either kind" ' <-R> <Flash|Decision>' "-R 'Flash|Decision'"
passes "the other kind" ' <-R> <a b|c> <-j1>' '-R "a b|c"   -j1'
passes "what a shell would look at" ' <-R> <^(A|B)\.c*;&>' '-R ^(A|B)\.c*;&'

passes "a label" ' <-L> <unit>' '-L unit'
[[ "$built" == *'<decision_test> <update_test>'* ]] || fail "a label builds: $built"
grep -qF -- "$bootloaders" build/called || fail "a test that reads bootloaders gets none"

passes "all of them" '' ''
[[ "$built" == *'<all>'* ]] || fail "without options it builds: $built"

refuses "a quote that is not closed" "holds a quote that is not closed" make test INSTALL_DEPS=true CTEST="-R 'Flash"
succeeds "options as words" scripts/test -R 'Flash|x y'
says "options as words" '<-R> <Flash|x y>'

# --- make serve ----------------------------------------------------------------------------------
for name in bin/npm tree/build/host/sim/dapboot-sim; do
    mkdir -p "$(dirname "$scratch/$name")"
    printf '#!/bin/bash\n{ printf "%s"; printf " <%%s>" "$@"; echo; } >>"%s"\n' "${name##*/}" "$PWD/build/called" >"$scratch/$name"
    chmod +x "$scratch/$name"
done
mkdir -p web
touch web/package-lock.json
unset DISPLAY WAYLAND_DISPLAY
rm -f build/called
succeeds "make serve" make serve INSTALL_DEPS=true JOBS=2 PORT=0
built="$(sed -n 's/^cmake.*<firmware>.*<--target>//p' build/called)"
[[ "$built" == ' <bootloaders> <blinky-bluepill> <blinky-bluepill-high>' ]] || fail "make serve builds: $built"
grep -q '^npm <run> <--silent> <build>$' build/called || fail "make serve does not build the page"
[[ "$(tail -1 build/called)" == 'dapboot-sim <serve> '*' <--port> <0>' ]] || fail "make serve ends with: $(tail -1 build/called)"

# A port that is in use is told before anything is built.
exec {listener}< <(exec perl -MIO::Socket::INET -e '
    my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1:0", Listen => 5) or die;
    $| = 1;
    print $socket->sockport, "\n";
    sleep 60')
server=$!
read -r port <&"$listener"
rm -f build/called
refuses "a port in use" "port $port is in use; choose another: make serve PORT=$((port + 1))" \
    make serve INSTALL_DEPS=true PORT="$port"
[[ ! -e build/called ]] || fail "a port in use: is told after $(head -1 build/called)"
kill "$server"

finish
