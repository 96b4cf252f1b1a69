#compdef dapboot
# SPDX-License-Identifier: ISC
# Completion of dapboot for zsh.
_dapboot() {
    local -a commands which image common
    commands=(
        'list:what is attached, and what can be done with it'
        'flash:write an application onto a board, read it back and start it'
        'read:read the application off a board into a file'
        'verify:compare a board'\''s application with a file'
        'reset:send a board from its bootloader to its application'
        'info:what an image file is, and where it can run'
        'convert:write an image file in another format'
        'doctor:why a board cannot be used, and what to do'
        'selftest:run the proofs of the project on a board'
    )
    which=(
        '--serial[the one with this serial number]:serial number'
        '--device[only these USB ids]:ids:(1209\:db42)'
        '--location[the one at this place]:place'
        '--usbip[devices of a USB/IP server]:host and port'
    )
    image=(
        '--base[address of the application'\''s flash]:address'
        '--alt[alternate setting]:number'
        '--application-part[of a file with bootloader and application, the application only]'
    )
    common=(
        '--help[print help]' '--json[for machines]' '--wait[wait for a board]'
        '--runtime[ask a running application for its bootloader first]' $which
    )
    local formats='--format[format]:format:(bin hex srec elf uf2 dfu)'
    if ((CURRENT == 2)); then
        _describe command commands
        _arguments '--help[print help]' '--version[version and build]'
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
        list) _arguments '--help[print help]' '--json[for machines]' $which ;;
        flash)
            _arguments $common $image '--verify[read the image back]' '--no-verify[do not read it back]' \
                '--no-reset[do not start the application]' '--force[send what cannot run, too]' \
                '--all[every attached board]' '--repeat[go on with every board that comes]' \
                '--count[end after so many]:number' '--again[boards of the ledger, too]' \
                '--ledger[CSV file]:file:_files' '1:image:_files' ;;
        read) _arguments $common $image $formats '--whole[with blank flash]' '--overwrite[replace a file]' '1:file:_files' ;;
        verify) _arguments $common $image '1:image:_files' ;;
        reset) _arguments $common '--alt[alternate setting]:number' ;;
        info) _arguments '--help[print help]' '--json[for machines]' '1:image:_files' ;;
        convert)
            _arguments '--help[print help]' $formats '--base[address]:address' '--for[ids for a DFU suffix]:ids' \
                '--overwrite[replace a file]' '1:image:_files' '2:file:_files' ;;
        doctor)
            _arguments '--help[print help]' '--json[for machines]' '--udev-rule[print the rule]' \
                '--install-rule[write the rule]' '--root[root folder]:folder:_files -/' \
                '--usbip[devices of a USB/IP server]:host and port' ;;
        selftest)
            _arguments '--help[print help]' '--json[for machines]' '--yes[do not ask]' \
                '--button-held[BOOT1 stays at 1]' '--only[those with this in their name]:name' \
                '--list[name the properties]' '--report[files of the report]:name' $which ;;
    esac
}
_dapboot "$@"
