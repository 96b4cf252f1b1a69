// SPDX-License-Identifier: ISC
// A flash memory that is stricter than silicon: what the STM32F103 answers with an error flag, or does silently, is an
// exception here; and so is every touch outside of what may be touched.
//
// It can be worn (stuck bits), protected, locked, a clone (no zeroes over data), and it can lose its supply before, in
// the middle of, or after any operation (PM0075 section 2.3, datasheet section 5.3.9).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/chip/half_done.hpp"

namespace firmware_test {

/// The firmware did what it must never do.
struct FlashMisuse : std::logic_error {
    using std::logic_error::logic_error;
};

/// The supply failed; whatever was in RAM is gone.
struct PowerCut {};

struct Operation {
    enum class Kind { erase, program } kind;
    std::uint32_t address;
    std::uint16_t value;  ///< Of a program.

    bool operator==(const Operation&) const = default;
};

/// When the supply fails.
struct Cut {
    enum class Moment { before, during, after };
    std::size_t operation;  ///< Counted from 0.
    Moment moment;
    std::uint32_t seed;  ///< Which bits an interrupted operation leaves behind.
};

class NorFlash {
  public:
    static constexpr std::uint32_t base = 0x0800'0000;
    static constexpr std::uint16_t blank = 0xFFFF;
    static constexpr double erase_us = 20'000, program_us = 52.5;  ///< Typical, datasheet.

    /// Sizes in bytes.
    NorFlash(std::uint32_t size, std::uint32_t page) : cells_(size / 2, blank), page_{page} {}

    /// Allows erasing and programming from `from` up to, not including, `to`.
    void allow(std::uint32_t from, std::uint32_t to) { allowed_.push_back({from, to}); }

    // --- what the firmware sees ------------------------------------------------------------------
    [[nodiscard]] const std::uint8_t* at(std::uint32_t address) const {
        if (address < base || address > end()) misuse("read", address);
        return reinterpret_cast<const std::uint8_t*>(cells_.data()) + (address - base);
    }
    /// As boot/bootloader.hpp does on its way into DFU mode.
    void unlock() { locked_ = false; }

    void erase_page(std::uint32_t address) {
        if (address % page_ != 0) misuse("erase inside a page", address);
        check(address, page_);
        begin({Operation::Kind::erase, address, 0});
        elapsed_us_ += erase_us;
        const bool interrupted = cut_now(Cut::Moment::during);
        if (works_at(address)) {
            const std::size_t first = index(address);
            for (std::size_t i = first; i < first + page_ / 2; ++i)
                store(i, interrupted ? half_erased(cells_[i]) : blank);
        }
        finish(interrupted);
    }

    void program(std::uint32_t address, std::uint16_t value) {
        if (address % 2 != 0) misuse("program at an odd address", address);
        check(address, 2);
        begin({Operation::Kind::program, address, value});
        elapsed_us_ += program_us;
        const bool interrupted = cut_now(Cut::Moment::during);
        if (works_at(address)) {
            const std::uint16_t now = cells_[index(address)];
            if (now != blank && value != 0) misuse("program over data", address);
            if (now == blank || !ignores_zeroes)
                store(index(address), interrupted ? sim::chip::half_done(now, value, progress_, random_) : value);
        }
        finish(interrupted);
    }

    bool met_protection() { return std::exchange(met_protection_, false); }

    // --- faults ----------------------------------------------------------------------------------
    bool ignores_zeroes = false;                           ///< A clone: 0x0000 only into blank half-words.
    bool read_protected = false;                           ///< The option bytes say so.
    bool keys_refused = false;                             ///< A wrong key came before: locked until reset.
    std::set<std::uint32_t> protected_pages;               ///< Addresses.
    std::map<std::uint32_t, std::uint16_t> stuck_at_zero;  ///< Half-word address -> bits.
    std::map<std::uint32_t, std::uint16_t> stuck_at_one;
    std::optional<Cut> cut;  ///< The supply will fail then.

    // --- what the test sees ----------------------------------------------------------------------
    [[nodiscard]] std::uint32_t end() const { return base + static_cast<std::uint32_t>(cells_.size() * 2); }
    [[nodiscard]] std::uint32_t page() const { return page_; }
    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
    [[nodiscard]] double elapsed_us() const { return elapsed_us_; }  ///< In operations.
    [[nodiscard]] std::vector<std::uint8_t> bytes(std::uint32_t address, std::size_t count) const {
        return {at(address), at(address) + count};
    }
    [[nodiscard]] std::uint16_t half_word(std::uint32_t address) const { return cells_[index(address)]; }
    [[nodiscard]] std::size_t erases() const {
        return static_cast<std::size_t>(
            std::ranges::count(operations_, Operation::Kind::erase, [](const Operation& o) { return o.kind; }));
    }

    /// Puts bytes there as a programmer on the debug port would.
    void preload(std::uint32_t address, const std::vector<std::uint8_t>& data) {
        if (address < base || address + data.size() > end()) misuse("preload", address);
        std::memcpy(reinterpret_cast<std::uint8_t*>(cells_.data()) + (address - base), data.data(), data.size());
    }

    /// Power comes back: the lock is on, the log empty, no cut is planned. Faults stay.
    void power_on() {
        locked_ = true;
        met_protection_ = false;
        operations_.clear();
        elapsed_us_ = 0;
        cut.reset();
    }

  private:
    struct Region {
        std::uint32_t from, to;
    };

    [[noreturn]] static void misuse(const char* what, std::uint32_t address) {
        std::ostringstream text;
        text << what << " at 0x" << std::hex << address;
        throw FlashMisuse(text.str());
    }
    [[nodiscard]] std::size_t index(std::uint32_t address) const { return (address - base) / 2; }

    void check(std::uint32_t address, std::uint32_t length) const {
        if (locked_) misuse("operation on a locked flash", address);
        const bool inside =
            std::ranges::any_of(allowed_, [&](Region r) { return address >= r.from && address + length <= r.to; });
        if (!inside) misuse("operation outside of what may be touched", address);
    }
    bool works_at(std::uint32_t address) {
        if (protected_pages.contains(address / page_ * page_)) {
            met_protection_ = true;
            return false;
        }
        return !keys_refused;
    }
    void store(std::size_t i, std::uint16_t value) {
        const auto address = static_cast<std::uint32_t>(base + i * 2);
        if (const auto bits = stuck_at_zero.find(address); bits != stuck_at_zero.end())
            value = static_cast<std::uint16_t>(value & ~bits->second);
        if (const auto bits = stuck_at_one.find(address); bits != stuck_at_one.end())
            value = static_cast<std::uint16_t>(value | bits->second);
        cells_[i] = value;
    }

    void begin(Operation operation) {
        if (cut_now(Cut::Moment::before)) throw PowerCut{};
        if (cut) {
            random_.seed(cut->seed);
            // How far the operation had come, and whether what it leaves is orderly at all.
            progress_ = std::uniform_real_distribution<>(0, 1)(random_);
            noise_ = random_() % 2 == 0;
        }
        operations_.push_back(operation);
    }
    /// The operation that is under way is counted already, that which begins is not.
    [[nodiscard]] bool cut_now(Cut::Moment moment) const {
        const std::size_t number = operations_.size() - (moment == Cut::Moment::before ? 0 : 1);
        return cut && cut->moment == moment && cut->operation == number;
    }
    void finish(bool interrupted) {
        if (interrupted || cut_now(Cut::Moment::after)) throw PowerCut{};
    }
    std::uint16_t half_erased(std::uint16_t now) {
        return noise_ ? static_cast<std::uint16_t>(random_()) : sim::chip::half_done(now, blank, progress_, random_);
    }

    std::vector<std::uint16_t> cells_;
    std::uint32_t page_;
    std::vector<Region> allowed_;
    std::vector<Operation> operations_;
    double elapsed_us_ = 0;
    bool locked_ = true;
    bool met_protection_ = false;
    std::mt19937 random_;
    double progress_ = 0;
    bool noise_ = false;
};
static_assert(std::endian::native == std::endian::little);

}  // namespace firmware_test
