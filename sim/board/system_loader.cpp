// SPDX-License-Identifier: ISC
// The commands of AN3155, byte by byte.
#include "sim/board/system_loader.hpp"

#include <algorithm>
#include <numeric>

namespace sim {

namespace {

using chip::flash_base;
using chip::option_base;
using chip::ram_base;

constexpr std::uint8_t ack = 0x79, nack = 0x1f, synchronize = 0x7f, version = 0x22;
enum Command : std::uint8_t {
    get = 0x00,
    get_version = 0x01,
    get_id = 0x02,
    read = 0x11,
    go_to = 0x21,
    write = 0x31,
    erase_pages = 0x43,
    protect_writing = 0x63,
    unprotect_writing = 0x73,
    protect_reading = 0x82,
    unprotect_reading = 0x92
};
constexpr std::array commands{get,
                              get_version,
                              get_id,
                              read,
                              go_to,
                              write,
                              erase_pages,
                              protect_writing,
                              unprotect_writing,
                              protect_reading,
                              unprotect_reading};
constexpr std::uint32_t own_ram_bytes = 0x200;  // at the start of RAM (AN2606)
constexpr std::uint32_t option_bytes = 16;
constexpr std::int64_t bits_per_byte = 11;  // start, eight, parity, stop

std::uint8_t xor_of(std::span<const std::uint8_t> bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), std::uint8_t{0},
                           [](std::uint8_t sum, std::uint8_t one) { return static_cast<std::uint8_t>(sum ^ one); });
}

}  // namespace

void SystemLoader::start() {
    state = {};
    state.running = true;
    core_.park(chip::system_page, ram_base + own_ram_bytes);
    // What it leaves on for the program that Go starts, by assumption: the clocks of PA9, PA10 and USART1, and a PLL of
    // 24 MHz from the HSI. A program that relies on a freshly reset chip must not be lucky here.
    constexpr std::uint32_t rcc = 0x4002'1000, apb2enr = rcc + 0x18, cr = rcc, cfgr = rcc + 0x04;
    chip_.write(apb2enr, 4, 0x4005);
    chip_.write(cfgr, 4, 4u << 18);
    std::uint32_t value = chip_.read(cr, 4);
    chip_.write(cr, 4, value | 1u << 24);
}

void SystemLoader::receive(std::uint8_t byte, std::uint32_t baud) {
    if (!state.running) return;
    if (state.phase == SystemLoaderState::Phase::silent) state.baud = baud;
    state.received.push_back(byte);
}

void SystemLoader::run_until(Time when) {
    chip::Services& services = chip_.services;
    while (services.now() < when && state.running) {
        chip_.run_alarms();
        if (services.power_cut || services.reset_requested || !services.refused.empty()) return;
        step();
        Time next = std::min(when, services.alarms.next());
        const bool waits_for_line = !state.sending.empty() || (!state.work.empty() && !chip_.flash.busy());
        if (waits_for_line) next = std::min(next, state.line_free);
        services.clock.skip_to(std::max(next, services.now() + Time{1}));
    }
}

void SystemLoader::step() {
    if (chip_.flash.hardware_watchdog()) chip_.write(0x4000'3000, 4, 0xaaaa);  // it feeds the watchdog (AN2606)
    do_work();
    if (state.work.empty() && state.sending.empty()) {
        while (!state.received.empty() && state.work.empty()) {
            const std::uint8_t byte = state.received.front();
            state.received.pop_front();
            take(byte);
        }
        do_work();
    }
    while (!state.sending.empty() && state.line_free <= chip_.services.now()) {
        const std::uint8_t byte = state.sending.front();
        state.sending.pop_front();
        state.line_free = chip_.services.now() + chip::time_of(bits_per_byte, state.baud);
        sent(byte);
    }
}

// --- what comes in -------------------------------------------------------------------------------

void SystemLoader::take(std::uint8_t byte) {
    if (state.phase == SystemLoaderState::Phase::silent) {
        if (byte != synchronize) return;  // the rate is measured on this pattern alone
        state.phase = SystemLoaderState::Phase::synchronized;
        return answer(ack);
    }
    state.command.push_back(byte);
    take_command();
}

void SystemLoader::finish(bool good) {
    answer(good ? ack : nack);
    state.command.clear();
    state.acknowledged = 0;
}

/// `size` bytes from `from` on, the last of them their sum by XOR.
bool SystemLoader::part_complete(std::size_t from, std::size_t size) const {
    return state.command.size() == from + size;
}

void SystemLoader::take_command() {
    const auto& bytes = state.command;
    if (bytes.size() < 2) return;
    const std::uint8_t code = bytes[0];
    if (bytes.size() == 2) {
        const bool known = std::ranges::find(commands, code) != commands.end();
        if (!known || (code ^ bytes[1]) != 0xff) return finish(false);
        const bool allowed = code == get || code == get_version || code == get_id || code == unprotect_reading;
        if (chip_.flash.read_protected() && !allowed) return finish(false);
        answer(ack);
        state.acknowledged = 1;
    }
    switch (code) {
        case get:
            answer(static_cast<std::uint8_t>(commands.size()));
            answer(version);
            for (const Command one : commands)
                answer(one);
            return finish(true);
        case get_version:
            answer(version);
            answer(0);
            answer(0);
            return finish(true);
        case get_id: {
            const std::uint32_t id = chip_.variant.idcode & 0xfff;
            answer(1);
            answer(static_cast<std::uint8_t>(id >> 8));
            answer(static_cast<std::uint8_t>(id));
            return finish(true);
        }
        case read:
            return read_memory();
        case go_to:
            return go();
        case write:
            return write_memory();
        case erase_pages:
            return erase();
        case protect_writing:
            return write_protect();
        case unprotect_writing:
            schedule_options(std::array<std::uint8_t, 8>{0xa5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
            break;
        case protect_reading:
            schedule_options(std::array<std::uint8_t, 8>{0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
            break;
        default:
            schedule_options(std::array<std::uint8_t, 8>{0xa5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
            std::ranges::fill(chip_.ram, std::uint8_t{0});
            core_.forget_code(ram_base, static_cast<std::uint32_t>(chip_.ram.size()));
            break;
    }
    state.command.clear();
    state.acknowledged = 0;
}

std::uint32_t SystemLoader::address() const {
    const auto& bytes = state.command;
    return std::uint32_t{bytes[2]} << 24 | std::uint32_t{bytes[3]} << 16 | std::uint32_t{bytes[4]} << 8 | bytes[5];
}

/// Four bytes of address and their sum. True once they are there, right and acknowledged.
bool SystemLoader::take_address() {
    constexpr std::size_t from = 2, size = 5;
    if (state.acknowledged > 1) return true;
    if (!part_complete(from, size)) return false;
    const std::uint32_t at = address();
    const auto within = [at](std::uint32_t base, std::size_t bytes) { return at >= base && at - base < bytes; };
    const bool flash = within(flash_base, chip_.flash.array.size());
    const bool ram = within(ram_base + own_ram_bytes, chip_.ram.size() - own_ram_bytes);
    const bool options = within(option_base, option_bytes);
    const bool readable =
        flash || options || within(ram_base, chip_.ram.size()) || within(chip::system_page, chip::system_page_bytes);
    const std::uint8_t code = state.command[0];
    const bool allowed = code == read ? readable : code == write ? flash || ram || options : flash || ram;
    if (xor_of(std::span(state.command).subspan(from, size)) != 0 || !allowed) {
        finish(false);
        return false;
    }
    ++state.acknowledged;
    if (code != go_to) answer(ack);
    return true;
}

void SystemLoader::read_memory() {
    constexpr std::size_t count_at = 7;
    if (!take_address() || !part_complete(count_at, 2)) return;
    if ((state.command[count_at] ^ state.command[count_at + 1]) != 0xff) return finish(false);
    const std::uint32_t from = address();
    const std::uint32_t count = state.command[count_at] + 1u;
    finish(true);
    for (std::uint32_t at = 0; at < count; ++at) {
        const std::uint8_t* const byte = core_.memory(from + at, 1);
        answer(byte != nullptr ? *byte : 0xff);
    }
}

void SystemLoader::go() {
    if (!take_address()) return;
    const std::uint32_t to = address();
    finish(true);
    state.work.push_back({Work::Kind::go, to, 0});
}

void SystemLoader::write_memory() {
    constexpr std::size_t count_at = 7;
    if (!take_address() || state.command.size() <= count_at) return;
    const std::size_t count = state.command[count_at] + 1u;
    if (!part_complete(count_at, count + 2)) return;
    const std::vector<std::uint8_t> all(state.command.begin() + count_at, state.command.end());
    const std::uint32_t to = address();
    if (xor_of(all) != 0 || count % 4 != 0 || to % 4 != 0) return finish(false);
    const std::span<const std::uint8_t> data(all.data() + 1, count);
    state.command.clear();
    state.acknowledged = 0;
    if (to >= option_base) {
        std::array<std::uint8_t, 8> options{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        for (std::size_t at = 0; at < data.size() && to - option_base + at < option_bytes; at += 2)
            options[(to - option_base + at) / 2] = data[at];
        return schedule_options(options);
    }
    if (to >= ram_base) {
        const std::size_t room = std::min<std::size_t>(count, chip_.ram.size() - (to - ram_base));
        std::copy_n(data.begin(), room, chip_.ram.begin() + (to - ram_base));
        core_.forget_code(to, static_cast<std::uint32_t>(room));
    } else {
        for (std::uint32_t at = 0; at < count && to + at - flash_base < chip_.flash.array.size(); at += 2) {
            const auto value = static_cast<std::uint16_t>(data[at] | data[at + 1] << 8);
            state.work.push_back({Work::Kind::program, to + at, value});
        }
    }
    state.work.push_back({Work::Kind::reply, 0, ack});
}

void SystemLoader::erase() {
    constexpr std::size_t count_at = 2;
    if (state.command.size() <= count_at) return;
    const std::uint8_t count = state.command[count_at];
    const std::size_t pages = count + 1u;
    if (count == 0xff) {
        if (!part_complete(count_at, 2)) return;
        if (state.command[count_at + 1] != 0) return finish(false);
        state.work.push_back({Work::Kind::mass_erase, 0, 0});
    } else {
        if (!part_complete(count_at, pages + 2)) return;
        if (xor_of(std::span(state.command).subspan(count_at)) != 0) return finish(false);
        for (std::size_t at = 0; at < pages; ++at) {
            const std::uint32_t page = state.command[count_at + 1 + at] * chip_.variant.page_bytes;
            if (page < chip_.flash.array.size()) state.work.push_back({Work::Kind::erase_page, flash_base + page, 0});
        }
    }
    state.work.push_back({Work::Kind::reply, 0, ack});
    state.command.clear();
    state.acknowledged = 0;
}

void SystemLoader::write_protect() {
    constexpr std::size_t count_at = 2;
    if (state.command.size() <= count_at) return;
    const std::size_t sectors = state.command[count_at] + 1u;
    if (!part_complete(count_at, sectors + 2)) return;
    if (xor_of(std::span(state.command).subspan(count_at)) != 0) return finish(false);
    std::array<std::uint8_t, 8> options{0xa5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    for (std::size_t at = 0; at < sectors; ++at) {
        const unsigned sector = std::min<unsigned>(state.command[count_at + 1 + at], 31);
        options[4 + sector / 8] &= static_cast<std::uint8_t>(~(1u << sector % 8));
    }
    state.command.clear();
    state.acknowledged = 0;
    schedule_options(options);
}

/// RDP, USER, Data0, Data1, WRP0 to WRP3; a reset makes them count.
void SystemLoader::schedule_options(std::span<const std::uint8_t> eight_bytes) {
    state.work.push_back({Work::Kind::erase_options, 0, 0});
    for (std::uint32_t number = 0; number < eight_bytes.size(); ++number) {
        if (eight_bytes[number] != 0xff)
            state.work.push_back({Work::Kind::program_option, option_base + 2 * number, eight_bytes[number]});
    }
    state.work.push_back({Work::Kind::reply, 0, ack});
    state.work.push_back({Work::Kind::reset, 0, 0});
}

// --- what takes time -----------------------------------------------------------------------------

void SystemLoader::do_work() {
    while (!state.work.empty() && !chip_.flash.busy()) {
        const Work work = state.work.front();
        const bool leaves = work.kind == Work::Kind::reset || work.kind == Work::Kind::go;
        if (leaves && (!state.sending.empty() || state.line_free > chip_.services.now())) return;
        state.work.pop_front();
        perform(work);
        if (!state.running || chip_.services.power_cut) return;
    }
}

void SystemLoader::perform(const Work& work) {
    switch (work.kind) {
        case Work::Kind::reply:
            return answer(static_cast<std::uint8_t>(work.value));
        case Work::Kind::reset:
            return chip_.services.request_reset(ResetCause::software);
        case Work::Kind::go:
            return jump(work.address);
        default:
            return operate_flash(work);
    }
}

// The flash stays unlocked afterwards.
void SystemLoader::operate_flash(const Work& work) {
    constexpr std::uint32_t keyr = 0x04, optkeyr = 0x08, sr = 0x0c, cr = 0x10, ar = 0x14;
    constexpr std::uint32_t pg = 1, per = 2, mer = 4, optpg = 0x10, opter = 0x20, strt = 0x40, lock = 0x80,
                            optwre = 0x200;
    constexpr std::uint32_t all = 0xffff'ffff;
    chip::Flash& flash = chip_.flash;
    const auto set = [&flash](std::uint32_t offset, std::uint32_t value) { flash.write(offset, value, all); };
    const auto unlock = [&](std::uint32_t offset) {
        set(offset, 0x4567'0123);
        set(offset, 0xcdef'89ab);
    };
    if ((flash.read(cr) & lock) != 0) unlock(keyr);
    const bool on_options = work.kind == Work::Kind::erase_options || work.kind == Work::Kind::program_option;
    if (on_options && (flash.read(cr) & optwre) == 0) unlock(optkeyr);
    const std::uint32_t keep = flash.read(cr) & optwre;
    set(sr, 0x34);
    switch (work.kind) {
        case Work::Kind::erase_page:
            set(cr, per | keep);
            set(ar, work.address);
            return set(cr, per | strt | keep);
        case Work::Kind::mass_erase:
            set(cr, mer | keep);
            return set(cr, mer | strt | keep);
        case Work::Kind::program:
            set(cr, pg | keep);
            return flash.store(work.address, 2, work.value);
        case Work::Kind::erase_options:
            set(cr, opter | keep);
            return set(cr, opter | strt | keep);
        case Work::Kind::program_option:
            set(cr, optpg | keep);
            return flash.store(work.address, 2, work.value);
        default:
            return;
    }
}

void SystemLoader::jump(std::uint32_t address) {
    std::uint32_t stack = 0, entry = 0;
    static_cast<void>(core_.load_word(address, stack));
    static_cast<void>(core_.load_word(address + 4, entry));
    stop();
    // It runs at 24 MHz then, on the PLL that start() switched on.
    constexpr std::uint32_t cfgr = 0x4002'1004;
    chip_.write(cfgr, 4, 4u << 18 | 2u);
    core_.park(entry, stack);
}

}  // namespace sim
