// SPDX-License-Identifier: ISC
// The flash controller's rules, in the order of PM0075: keys, programming, erasing, option bytes, protection.
#include "sim/chip/flash.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/chip/half_done.hpp"

namespace sim::chip {

namespace {

enum Offset : std::uint32_t {
    acr = 0x00,
    keyr = 0x04,
    optkeyr = 0x08,
    sr = 0x0c,
    cr = 0x10,
    ar = 0x14,
    obr = 0x1c,
    wrpr = 0x20
};
constexpr std::uint32_t pg = bit(0), per = bit(1), mer = bit(2), optpg = bit(4), opter = bit(5), strt = bit(6),
                        lock = bit(7), optwre = bit(9), errie = bit(10), eopie = bit(12);
constexpr std::uint32_t cr_mask = pg | per | mer | optpg | opter | strt | lock | optwre | errie | eopie;
constexpr std::uint32_t bsy = bit(0), pgerr = bit(2), wrprterr = bit(4), eop = bit(5);
constexpr std::uint32_t key1 = 0x4567'0123, key2 = 0xcdef'89ab;
constexpr std::uint16_t rdp_key = 0x00a5;

}  // namespace

Flash::Flash(Services& services, const ChipVariant& variant)
    : Peripheral(services,
                 {.name = "FLASH", .base = 0x4002'2000, .widths = word, .gate = Gate::always, .reset_bit = false}),
      state(services),
      array(variant.flash_bytes, 0xff),
      variant_(variant),
      done_(services, [this] { on_done(); }),
      line_(services, 4) {}

void Flash::reset() {
    leave_half_done_now();  // PM0075 2.3: a reset in the middle of an operation does not spare the cells either
    FlashState fresh;
    fresh.options = state.options;
    fresh.operations = state.operations;
    state = fresh;
    before.clear();
    done_.cancel();
    load_options();
}

void Flash::load_options() {
    // RM0008 3.3.5: RDPRT unless the byte is 0xA5; a pair that is not complementary sets OPTERR and reads as 0xFF.
    const auto& o = state.options;
    std::array<std::uint32_t, 8> value{};
    bool error = false;
    for (std::size_t pair = 0; pair < value.size(); ++pair) {
        const bool good = (o[2 * pair] ^ o[2 * pair + 1]) == 0xff;
        error = error || !good;
        value[pair] = good ? o[2 * pair] : 0xff;
    }
    state.obr =
        (error ? bit(0) : 0) | (value[0] == rdp_key ? 0 : bit(1)) | value[1] << 2 | value[2] << 10 | value[3] << 18;
    state.wrpr = value[4] | value[5] << 8 | value[6] << 16 | value[7] << 24;
}

std::uint32_t Flash::read(std::uint32_t offset) {
    switch (offset) {
        case acr:
            return state.acr | (field(state.acr, 4, 1) << 5);
        case keyr:
        case optkeyr:
            return 0;
        case sr:
            if (services_.probing) state.busy_unseen = false;  // a probe's read comes many cycles later
            if (state.busy_unseen) {
                state.busy_unseen = false;
                services_.side_effect = true;
                return state.sr;
            }
            return state.sr | (state.busy ? bsy : 0);
        case cr:
            return variant_.shows_lock ? state.cr : state.cr & ~lock;
        case ar:
            return state.ar;
        case obr:
            return state.obr;
        case wrpr:
            return state.wrpr;
        default:
            return reserved(offset);
    }
}

void Flash::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    services_.side_effect = true;
    switch (offset) {
        case acr:
            state.acr = check_reserved("FLASH_ACR", value & ~bit(5), 0x1f);
            return latency_changed();
        case keyr:
            return key(value);
        case optkeyr:
            return option_key(value);
        case sr:
            state.sr &= ~(value & (pgerr | wrprterr | eop));
            return update_line();
        case cr:
            return write_cr(value);
        case ar:
            if (state.busy) return services_.warn("FLASH_AR: written while BSY (PM0075 3.6: blocked)");
            state.ar = value;
            return;
        default:
            reserved(offset);
    }
}

void Flash::key(std::uint32_t value) {
    if (state.dead) return;
    if ((state.cr & lock) == 0) services_.warn("FLASH_KEYR: a key while FLASH_CR is not locked");
    const std::uint32_t wanted = state.key_step == 0 ? key1 : key2;
    if (value != wanted) {
        state.dead = true;
        state.cr |= lock;
        return services_.bus_error(0x4002'2004);
    }
    if (++state.key_step < 2) return;
    state.key_step = 0;
    state.cr &= ~lock;
}

void Flash::option_key(std::uint32_t value) {
    const std::uint32_t wanted = state.option_key_step == 0 ? key1 : key2;
    if (value != wanted) {
        state.option_key_step = 0;
        state.dead = true;
        state.cr |= lock;
        return services_.bus_error(0x4002'2008);
    }
    if (++state.option_key_step < 2) return;
    state.option_key_step = 0;
    state.cr |= optwre;
}

void Flash::write_cr(std::uint32_t value) {
    value = check_reserved("FLASH_CR", value, cr_mask);
    if ((state.cr & lock) != 0) return;  // PM0075 3.5: cannot be written while locked.
    if (state.busy) return services_.warn("FLASH_CR: written while BSY (PM0075 2.3.3: not accessible)");
    const bool keeps_option_enable = (state.cr & value & optwre) != 0;
    state.cr = (value & ~(strt | optwre)) | (keeps_option_enable ? optwre : 0);
    update_line();
    if ((value & strt) != 0) start_erase();
}

bool Flash::write_protected(std::uint32_t address) const {
    constexpr std::uint32_t block = 4096;  // a WRP bit covers 4 pages of 1 KiB or 2 of 2 KiB (PM0075 table 9)
    const std::uint32_t number = std::min<std::uint32_t>((address - flash_base) / block, 31);
    if ((state.wrpr & bit(number)) == 0) return true;
    return read_protected() && number == 0;
}

void Flash::start_erase() {
    const std::uint32_t kinds = state.cr & (per | mer | opter);
    if (kinds == 0) return services_.warn("FLASH_CR: STRT with nothing to erase");
    if ((kinds & (kinds - 1)) != 0 || (state.cr & (pg | optpg)) != 0) {
        return services_.complain(
            fmt::format("FLASH_CR: STRT with 0x{:x}, exactly one of PER, MER, OPTER is allowed", state.cr));
    }
    FlashOperation operation;
    if (kinds == opter) {
        if ((state.cr & optwre) == 0) return services_.complain("FLASH_CR: OPTER without OPTWRE");
        operation.kind = FlashOperation::Kind::erase_options;
        operation.address = option_base;
        return operate(operation, 16, services_.options.flash_timing.erase, [this] { state.options.fill(0xff); });
    }
    const auto size = static_cast<std::uint32_t>(array.size());
    if (kinds == mer) {
        for (std::uint32_t at = 0; at < size; at += 4096) {
            if (write_protected(flash_base + at)) {
                state.sr |= wrprterr;
                return update_line();
            }
        }
        operation.kind = FlashOperation::Kind::mass_erase;
        operation.address = flash_base;
        return operate(operation, size, services_.options.flash_timing.mass_erase,
                       [this] { std::fill(array.begin(), array.end(), std::uint8_t{0xff}); });
    }
    if (state.ar - flash_base >= size) {
        return services_.complain(fmt::format("FLASH_AR: page erase at 0x{:08x}, outside of the flash", state.ar));
    }
    if (write_protected(state.ar)) {
        state.sr |= wrprterr;
        return update_line();
    }
    operation.kind = FlashOperation::Kind::erase_page;
    operation.address = state.ar & ~(variant_.page_bytes - 1);
    const std::uint32_t at = operation.address - flash_base;
    operate(operation, variant_.page_bytes, services_.options.flash_timing.erase,
            [this, at] { std::fill_n(array.begin() + at, variant_.page_bytes, std::uint8_t{0xff}); });
}

void Flash::store(std::uint32_t address, unsigned size, std::uint32_t value) {
    // PM0075 2.3.3: a write that is not a half-word, and any write that PG or OPTPG does not announce, is answered with
    // a bus error. A write while BSY would stall; the core cannot get here then, because it is stalled itself.
    const bool option = address - option_base < 16;
    const bool announced = (state.cr & (option ? optpg : pg)) != 0 && (state.cr & lock) == 0;
    if (size != 2 || (address & 1) != 0 || !announced) return services_.bus_error(address);
    if (option && (state.cr & optwre) == 0) return services_.bus_error(address);
    if (option) return program_option(address, static_cast<std::uint16_t>(value));
    program(address, static_cast<std::uint16_t>(value));
}

void Flash::program(std::uint32_t address, std::uint16_t value) {
    if (write_protected(address)) {
        state.sr |= wrprterr;
        return update_line();
    }
    const bool erased = half_word(address) == 0xffff;
    const bool zero_allowed = value == 0 && !variant_.clone_ignores_zero;
    if (!erased && !zero_allowed) {
        state.sr |= pgerr;
        return update_line();
    }
    FlashOperation operation;
    operation.kind = FlashOperation::Kind::program;
    operation.address = address;
    operation.value = value;
    operate(operation, 2, services_.options.flash_timing.program, [this, address, value] {
        array[address - flash_base] = static_cast<std::uint8_t>(value);
        array[address - flash_base + 1] = static_cast<std::uint8_t>(value >> 8);
    });
}

void Flash::program_option(std::uint32_t address, std::uint16_t value) {
    const std::uint32_t at = address - option_base;
    if (state.options[at] != 0xff || state.options[at + 1] != 0xff) {
        state.sr |= pgerr;
        return update_line();
    }
    FlashOperation operation;
    operation.kind = FlashOperation::Kind::program_option;
    operation.address = address;
    operation.value = value;
    operate(operation, 2, services_.options.flash_timing.program, [this, at, value] {
        state.options[at] = static_cast<std::uint8_t>(value);
        state.options[at + 1] = static_cast<std::uint8_t>(~value);  // the controller adds the complement
        const bool unprotects = at == 0 && (value & 0xff) == rdp_key && read_protected();
        if (unprotects) std::fill(array.begin(), array.end(), std::uint8_t{0xff});  // PM0075 2.4.1
    });
}

void Flash::operate(FlashOperation operation, std::uint32_t size, Time duration, const std::function<void()>& change) {
    if (!hsi_on()) services_.complain("FLASH: an erase or program operation needs the HSI on (PM0075 2.3)");
    operation.at = services_.now();
    operation.index = state.operations++;
    const bool option = operation.address >= option_base;
    const PowerCut cut = observer != nullptr ? observer->before(operation) : PowerCut{};
    if (cut.when == PowerCut::When::before) {
        services_.power_cut = services_.attention = true;
        return;
    }
    state.running = operation;
    if (option) {
        before.assign(state.options.begin(), state.options.end());
    } else {
        const auto from = array.begin() + (operation.address - flash_base);
        before.assign(from, from + size);
    }
    change();
    if (!option) apply_stuck_bits(operation.address, size);
    if (cut.when == PowerCut::When::during) cut_short(cut.fraction, cut.seed);
    content_changed(option ? flash_base : operation.address, option ? static_cast<std::uint32_t>(array.size()) : size);
    if (cut.when != PowerCut::When::not_at_all) {
        services_.power_cut = services_.attention = true;
        return;
    }
    state.busy = true;
    state.busy_unseen =
        operation.kind != FlashOperation::Kind::program && operation.kind != FlashOperation::Kind::program_option;
    services_.attention = true;  // a core that runs from the array waits from here
    state.busy_until = services_.now() + duration;
    done_.set(state.busy_until);
    if (observer != nullptr) observer->after(operation);
}

void Flash::cut_short(double fraction, std::uint64_t seed) {
    const bool option = state.running.address >= option_base;
    std::uint8_t* const target = option ? state.options.data() : &array[state.running.address - flash_base];
    leave_half_done(before, {target, before.size()}, fraction, seed);
}

void Flash::power_lost() {
    leave_half_done_now();
}

void Flash::leave_half_done_now() {
    if (!state.busy) return;
    const Time whole = state.running.kind == FlashOperation::Kind::program ||
                               state.running.kind == FlashOperation::Kind::program_option
                           ? services_.options.flash_timing.program
                           : services_.options.flash_timing.erase;
    const double left = seconds(state.busy_until - services_.now()) / seconds(whole);
    cut_short(1.0 - left, state.running.index + 1);
    content_changed(flash_base, static_cast<std::uint32_t>(array.size()));
    state.busy = false;
}

void Flash::on_done() {
    state.busy = false;
    state.sr |= eop;
    before.clear();
    update_line();
}

void Flash::update_line() {
    const bool error = (state.sr & (pgerr | wrprterr)) != 0 && (state.cr & errie) != 0;
    line_.set(error || ((state.sr & eop) != 0 && (state.cr & eopie) != 0));
}

std::uint16_t Flash::half_word(std::uint32_t address) const {
    const std::uint32_t at = address - flash_base;
    return static_cast<std::uint16_t>(array[at] | array[at + 1] << 8);
}

void Flash::stick_bits(std::uint32_t address, std::uint16_t mask, Level level) {
    StuckBits& bits = stuck[address & ~1u];
    (level == Level::high ? bits.high : bits.low) |= mask;
    apply_stuck_bits(address & ~1u, 2);
    content_changed(address & ~1u, 2);
}

void Flash::apply_stuck_bits(std::uint32_t address, std::uint32_t size) {
    for (auto it = stuck.lower_bound(address); it != stuck.end() && it->first < address + size; ++it) {
        const std::uint32_t at = it->first - flash_base;
        const auto value = static_cast<std::uint16_t>((half_word(it->first) | it->second.high) & ~it->second.low);
        array[at] = static_cast<std::uint8_t>(value);
        array[at + 1] = static_cast<std::uint8_t>(value >> 8);
    }
}

}  // namespace sim::chip
