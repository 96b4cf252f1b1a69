# SPDX-License-Identifier: ISC
# Completion of dapboot for bash.
_dapboot() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}" command="" one
    local which="--serial --device --location --usbip" image="--base --alt --application-part"
    local common="--help --json --wait --runtime $which"
    for one in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$one" in
            list | flash | read | verify | reset | info | convert | doctor | selftest) command="$one"; break ;;
        esac
    done
    case "$before" in
        --format) COMPREPLY=($(compgen -W "bin hex srec elf uf2 dfu" -- "$word")); return ;;
        --device | --for) COMPREPLY=($(compgen -W "1209:db42" -- "$word")); return ;;
        --serial)
            COMPREPLY=($(compgen -W "$(dapboot list --json 2>/dev/null | sed -n 's/.*"serial": "\(.*\)".*/\1/p')" -- "$word"))
            return ;;
        --location)
            COMPREPLY=($(compgen -W "$(dapboot list --json 2>/dev/null | sed -n 's/.*"location": "\(.*\)".*/\1/p')" -- "$word"))
            return ;;
        --ledger | --root) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --usbip | --base | --alt | --count) return ;;
    esac
    local options=""
    case "$command" in
        "") options="list flash read verify reset info convert doctor selftest --help --version" ;;
        list) options="--help --json $which" ;;
        flash) options="$common $image --verify --no-verify --no-reset --force --all --repeat --count --again --ledger" ;;
        read) options="$common $image --format --whole --overwrite" ;;
        verify) options="$common $image" ;;
        reset) options="$common --alt" ;;
        info) options="--help --json" ;;
        convert) options="--help --format --base --for --overwrite" ;;
        doctor) options="--help --json --usbip --udev-rule --install-rule --root" ;;
        selftest) options="--help --json --yes --button-held --only --list --report $which" ;;
    esac
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    case "$command" in
        flash | read | verify | info | convert)
            if [[ "$word" != -* ]]; then
                compopt -o filenames
                COMPREPLY=($(compgen -f -- "$word"))
            fi ;;
    esac
}
complete -F _dapboot dapboot
