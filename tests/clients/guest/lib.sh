# SPDX-License-Identifier: ISC
# What the cases in the guest are made of: verdicts, and the virtual boards at the other end of the wire.

server=10.0.2.2
verdicts=/share/verdicts
logs=/share/logs
mkdir -p "$logs"

# try CLIENT "what is shown" FUNCTION: runs it, and writes a line to the verdicts. A function fails by its exit code;
# "set -e" holds inside. Its output is kept. Where one client or one case was asked for, the others are left out.
number=0
try() {
    [ -z "$only" ] || [ "$only" = "$1" ] || return 0
    case "$3" in $only_case) ;; *) return 0 ;; esac
    number=$((number + 1))
    log="$logs/$(printf %02d "$number")-$1.log"
    begin=$(cut -d ' ' -f 1 /proc/uptime)
    echo "begin|$1|$2" >>"$verdicts"
    (set -ex; "$3") >"$log" 2>&1
    code=$?
    end=$(cut -d ' ' -f 1 /proc/uptime)
    spent=$(echo "$begin $end" | awk '{ printf "%.1f", $2 - $1 }')
    if [ "$code" = 0 ]; then
        passed=yes
        echo "pass|$1|$2|$spent" >>"$verdicts"
    else
        passed=no
        echo "FAIL|$1|$2|$spent|${log##*/}" >>"$verdicts"
        dmesg | tail -n 15 >>"$log"
        [ "$until_failure" = no ] || exit 0
    fi
}

# expect FILE "text", refuse FILE "text": fails unless the file holds, does not hold the text; blanks count as one.
holds_text() {
    tr -s ' \t' ' ' <"$1" | grep -F -- "$2"
}
expect() {
    holds_text "$1" "$2" >/dev/null || { echo "EXPECTED in $1: $2"; return 1; }
}
refuse() {
    ! holds_text "$1" "$2" || { echo "UNEXPECTED in $1: $2"; return 1; }
}

# --- the boards: controls ----------------------------------------------------------------------------------------------
# console "button 1-1 on" …: each line is acknowledged by ok.
console() {
    for line in "$@"; do
        answer="$(echo "$line" | nc "$server" "$console_port")"
        case "$answer" in
            *ok) ;;
            *) echo "the console answered '$line' with: $answer"; return 1 ;;
        esac
    done
}

state_of() {
    echo list | nc "$server" "$console_port" | grep "^$1:"
}

flash_operations() {
    state_of "$1" | sed -n 's/.* \([0-9]*\) flash operations.*/\1/p'
}

# In the middle of a download: so many operations (of erasing, of programming a half-word) after the number given.
beyond() {
    [ "$(flash_operations "$1")" -gt "$2" ]
}

# wait_until SECONDS COMMAND…: tries it again and again, quietly.
uptime_seconds() {
    cut -d . -f 1 /proc/uptime
}
wait_until() {
    { set +x; } 2>/dev/null
    last=$(($(uptime_seconds) + $1))
    shift
    until "$@"; do
        [ "$(uptime_seconds)" -le "$last" ] || { echo "not in time: $*"; set -x; return 1; }
        sleep 0.1
    done
    set -x
}

exported() {
    usbip --tcp-port "$usbip_port" list -r "$server" 2>/dev/null | grep -q "^ *$1: "
}

not_exported() {
    ! exported "$1"
}

# --- the boards: cable ----------------------------------------------------------------------------------------------
serial_of() {
    cat "/share/serials" | sed -n "s/^$1 //p"
}

# Where the kernel knows the device with this serial number, such as /sys/bus/usb/devices/1-1.
device_of() {
    { set +x; } 2>/dev/null
    for file in /sys/bus/usb/devices/*/serial; do
        [ -f "$file" ] && [ "$(cat "$file" 2>/dev/null)" = "$1" ] && dirname "$file" && return 0
    done
    return 1
}

configured() {
    device="$(device_of "$1")" && [ -e "$device/bConfigurationValue" ] &&
        [ -n "$(cat "$device/bConfigurationValue")" ]
}

node_of() {
    device="$(device_of "$1")" &&
        printf '/dev/bus/usb/%03d/%03d\n' "$(cat "$device/busnum")" "$(cat "$device/devnum")"
}

absent() {
    ! device_of "$1" >/dev/null
}

# attach 1-1: plugs the board into the guest, and waits until the kernel has configured it.
attach() {
    serial="$(serial_of "$1")"
    if configured "$serial" 2>/dev/null; then return 0; fi
    wait_until 20 exported "$1"
    usbip --tcp-port "$usbip_port" attach -r "$server" -b "$1"
    wait_until 20 configured "$serial"
    udevadm settle --timeout=10
}

# port_of 1-1: the port of vhci that carries it.
port_of() {
    usbip --tcp-port "$usbip_port" port 2>/dev/null |
        awk -v bus="$1" '/^Port/ { port = substr($2, 1, 2) } $0 ~ "/" bus "$" { print port + 0 }'
}

detach() {
    usbip --tcp-port "$usbip_port" detach -p "$(port_of "$1")"
    wait_until 10 absent "$(serial_of "$1")"
}

# in_dfu 1-1: whatever the board does, it is a DFU device of the guest afterwards, and goes on as soon as it can.
in_dfu() {
    console "power $1 off"
    wait_until 10 absent "$(serial_of "$1")"
    wait_until 10 not_exported "$1"
    console "button $1 on" "power $1 on"
    attach "$1"
    console "button $1 off"
}

# runs_application 1-1: the board has left the bus, and its LED blinks.
lit() {
    state_of "$1" | grep -q 'LED on'
}
dark() {
    state_of "$1" | grep -q 'LED off'
}
runs_application() {
    wait_until 10 absent "$(serial_of "$1")"
    wait_until 10 not_exported "$1"
    wait_until 5 lit "$1"
    wait_until 5 dark "$1"
    wait_until 5 lit "$1"
}

# The kernel did not complain about the devices since the last call.
kernel_is_content() {
    dmesg -c >/run/kernel.log
    cat /run/kernel.log >>/share/kernel.log
    ! grep -iE 'error|fail|unable|not responding|not accept|invalid|bogus|warn|unknown|giving up|cannot' /run/kernel.log
}
