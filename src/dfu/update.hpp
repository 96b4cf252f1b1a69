// SPDX-License-Identifier: ISC
// The update as a transaction: after a power failure at any moment the chip holds the old application whole, the new
// one whole, or none that would be started.
//
//   1. The first page of the image, with its vector table, waits in RAM until everything else is in place.
//   2. Before the first page that really changes is touched, the installed application is invalidated without an
//      erase, by programming zeroes (open).
//   3. Pages stream in. One that already holds the data is left alone, one that is blank is not erased.
//   4. The vector page is written last, and of it last the half-word that makes the application valid (commit).
//
// The standard layout keeps its commit record in the vector page itself. The high-memory layout must not erase page 0
// without need, because the chip starts there; its record is a page of its own, blank when the application is whole.
//
// This is also the one place where sizes and offsets from the host are checked.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

#include "dfu/image.hpp"
#include "dfu/protocol.hpp"

namespace dfu {

/** Where things lie; all addresses and sizes in bytes. */
struct Placement {
    std::uint32_t page;           ///< erase unit
    std::uint32_t transfer_size;  ///< wTransferSize
    std::uint32_t application_base;
    std::uint32_t ram_base;
    std::uint32_t ram_end;
    bool high_memory;
    std::uint32_t record;           ///< high-memory: the page that tells whether an update is open
    std::uint32_t bootloader_base;  ///< high-memory: where the bootloader's own vectors are

    /** High-memory: index of the reserved vector (PM0056 table 16) that keeps the application's initial stack; the
     * reset vector is in the next one. */
    static constexpr std::uint32_t hidden_vector = 7;
    constexpr std::uint32_t vectors() const { return application_base + (high_memory ? hidden_vector * 4 : 0); }
};

/** What an update needs of flash memory; addresses are those of the chip. */
template <class F>
concept FlashMemory = requires(F flash, std::uint32_t address, std::uint16_t half_word) {
    { F::blank } -> std::convertible_to<std::uint16_t>;
    { flash.at(address) } -> std::convertible_to<const std::uint8_t*>;
    { flash.unlock() } -> std::convertible_to<bool>;
    flash.erase_page(address);
    flash.program(address, half_word);
    { flash.met_protection() } -> std::convertible_to<bool>;
    { flash.application_end() } -> std::convertible_to<std::uint32_t>;
};

template <FlashMemory Flash, Placement place>
class Update {
  public:
    /** Forgets what has been received; flash stays as it is. */
    void restart() { fill_ = 0; }

    /**
     * Where the next block goes, of at most wTransferSize bytes, and one more byte that may be written; nullptr where
     * there is no room for `length` bytes. There is for any block up to a page, and for longer ones as long as all
     * before were whole pages.
     */
    std::uint8_t* room(std::uint32_t length) { return fill_ + length <= capacity ? buffer_ + fill_ : nullptr; }

    /**
     * Takes in `length` bytes that have been put into room(). Blocks follow one another without a gap, whatever their
     * lengths. Touches no flash.
     * @return errTARGET: the image cannot run here; errADDRESS: it reaches past the end of the application's flash
     */
    Status accept(std::uint32_t length) {
        const bool first = fill_ == 0;
        if (first) window_ = place.application_base + place.page;
        fill_ += length;
        if (window_ - place.page + fill_ > Flash::application_end()) return Status::errADDRESS;
        if (first && !acceptable(length)) return Status::errTARGET;
        return Status::OK;
    }

    /** Completes the image after its last block. */
    void finish() {
        while (fill_ % place.page != 0)
            buffer_[fill_++] = 0xFF;
        if constexpr (place.high_memory) hide_vectors();
    }

    /**
     * The time that write() or commit() will need at the datasheet's typical values, rounded down to milliseconds: the
     * host asks at the beginning of the last one, and is kept waiting for the rest of it.
     */
    Milliseconds pending(bool before_commit) const {
        Work work{0};
        for (std::uint32_t at = place.page; at + place.page <= fill_; at += place.page) {
            work = work + compare(window_ + at - place.page, buffer_ + at);
        }
        if (before_commit) {
            Work vectors = compare(place.application_base, vector_page());
            if constexpr (place.high_memory) {
                if (!(work + vectors).none() || update_is_open()) work = work + one_erase;  // close()
            } else if (vectors.none() && !work.none()) {
                vectors = rewrite;  // equal now, but not once open() has been there
            }
            work = work + vectors;
        }
        return work.time();
    }

    /** Brings to flash what is complete. */
    Status write() {
        std::uint32_t at = place.page;
        for (; at + place.page <= fill_; at += place.page, window_ += place.page) {
            const Status status = store(window_, buffer_ + at);
            if (status != Status::OK) return status;
        }
        const std::uint32_t written = at - place.page;
        fill_ -= written;
        if (written == 0) return Status::OK;
        for (std::uint32_t i = place.page; i < fill_; ++i)
            buffer_[i] = buffer_[i + written];
        return Status::OK;
    }

    /** Writes the rest, the vector page last. When this returns OK, the new application is whole. */
    Status commit() {
        Status status = write();
        if (status == Status::OK) status = store(place.application_base, vector_page());
        if constexpr (place.high_memory) {
            if (status == Status::OK) status = close();
        }
        return status;
    }

    /** The addresses that an application may use. */
    static Ranges ranges() { return {place.ram_base, place.ram_end, place.application_base, Flash::application_end()}; }

    /** Whether the installed application is whole and can be started. */
    static bool application_is_whole() {
        if constexpr (place.high_memory) {
            if (update_is_open()) return false;
        }
        return can_run(Flash::at(place.vectors()));
    }

    static Vectors installed_vectors() { return vectors_at(Flash::at(place.vectors())); }

    /**
     * `length` bytes of the installed image from `offset` on, as the host sent them.
     * @param length at most wTransferSize; the caller has checked that offset + length stays inside the application
     */
    const std::uint8_t* read(std::uint32_t offset, std::uint32_t length) {
        const std::uint32_t address = place.application_base + offset;
        if constexpr (!place.high_memory) return Flash::at(address);
        for (std::uint32_t i = 0; i < length; ++i)
            buffer_[i] = visible_byte(offset + i);
        return buffer_;
    }

  private:
    /** Less than a page waits in the window between blocks, so two pages take any block up to a page. */
    static constexpr std::uint32_t capacity = place.page + std::max(place.transfer_size, 2 * place.page);

    /** Half-words to program and pages to erase, in one number so that amounts of work can be added. */
    struct Work {
        static constexpr std::uint32_t one_erase = 1u << 20;

        std::uint32_t amount;

        bool none() const { return amount == 0; }
        bool erases() const { return amount >= one_erase; }
        friend Work operator+(Work a, Work b) { return {a.amount + b.amount}; }

        /** At 20 ms an erase and 52.5 us a half-word (datasheet, typical), rounded down. */
        Milliseconds time() const { return {amount / one_erase * 20 + amount % one_erase * 105 / 2000}; }
    };
    static constexpr Work one_erase{Work::one_erase};
    static constexpr Work rewrite{Work::one_erase + place.page / 2};  ///< of a whole page

    static std::uint16_t half_word(const std::uint8_t* at) { return *reinterpret_cast<const std::uint16_t*>(at); }
    static std::uint16_t half_word(std::uint32_t address) { return half_word(Flash::at(address)); }
    static std::uint32_t word(const std::uint8_t* at) { return *reinterpret_cast<const std::uint32_t*>(at); }
    static Vectors vectors_at(const std::uint8_t* table) { return {word(table), word(table + 4)}; }
    [[gnu::noinline]] static bool can_run(const std::uint8_t* table) { return runnable(vectors_at(table), ranges()); }

    /** High-memory: anything but a blank record says so, also one that a power cut has half written or half erased. */
    static bool update_is_open() { return half_word(place.record) != Flash::blank; }

    const std::uint8_t* vector_page() const { return buffer_; }
    std::uint32_t& vector(std::uint32_t index) { return reinterpret_cast<std::uint32_t*>(buffer_)[index]; }

    bool acceptable(std::uint32_t length) {
        constexpr std::uint32_t needed = place.high_memory ? (place.hidden_vector + 2) * 4 : 8;
        if (length < needed || !can_run(buffer_)) return false;
        // What stands in the two reserved vectors would be lost, so nothing may stand there.
        return !place.high_memory || (vector(place.hidden_vector) | vector(place.hidden_vector + 1)) == 0;
    }

    /** What it takes to bring a page to what it shall hold. Looks at words, which is twice as fast as half-words, and
     * at worst erases a page that could have been completed. */
    static Work compare(std::uint32_t address, const std::uint8_t* data) {
        constexpr std::uint32_t blank = std::uint32_t{Flash::blank} << 16 | Flash::blank;
        std::uint32_t changes = 0, content = 0, erases = 0;
        for (std::uint32_t i = 0; i < place.page; i += 4) {
            const std::uint32_t now = word(Flash::at(address + i)), wanted = word(data + i);
            if (wanted != blank) content += 2;
            if (now == wanted) continue;
            changes += 2;
            if (now != blank) erases = Work::one_erase;
        }
        return {erases != 0 ? erases + content : changes};
    }

    /** Brings a page to flash and reads it back. */
    static Status store(std::uint32_t address, const std::uint8_t* data) {
        Work work = compare(address, data);
        if (work.none()) return Status::OK;
        const Status opened = open();
        if (opened != Status::OK) return opened;
        if (!place.high_memory && address == place.application_base) work = compare(address, data);
        if (work.erases()) Flash::erase_page(address);
        // Standard: the initial stack is programmed last, its high half at the very end. High-memory: the bootloader's
        // own vectors come first, so that the chip starts again as soon as possible, also if a cell behind them turns
        // out to be dead.
        constexpr std::uint32_t start = place.high_memory ? 0 : 4;
        for (std::uint32_t n = start; n < start + place.page; n += 2) {
            const std::uint32_t offset = n % place.page;
            const std::uint16_t wanted = half_word(data + offset);
            if (half_word(address + offset) == wanted) continue;
            if (half_word(address + offset) != Flash::blank) return failed(Status::errERASE);
            Flash::program(address + offset, wanted);
            if (half_word(address + offset) != wanted) return failed(Status::errPROG);
        }
        return Status::OK;
    }

    /** From here on the installed application is not started any more, until the commit. May be called again. */
    static Status open() {
        if (!Flash::unlock()) return Status::errWRITE;
        if constexpr (place.high_memory) {
            if (!update_is_open()) Flash::program(place.record, 0);
            return update_is_open() ? Status::OK : failed(Status::errPROG);
        }
        // The high half of the stack first: of 0x2000 a single bit goes, so that this write is atomic. Then the rest,
        // because a page whose erase is cut half-way holds random bits where zeroes were.
        for (std::uint32_t i = 0; i < 8; i += 2) {
            const std::uint32_t address = place.application_base + (i ^ 2u);
            const std::uint16_t now = half_word(address);
            if (now != 0 && now != Flash::blank) Flash::program(address, 0);
        }
        if (!application_is_whole()) return Status::OK;
        Flash::erase_page(place.application_base);  // a clone that takes no zeroes over data
        return application_is_whole() ? failed(Status::errERASE) : Status::OK;
    }

    /** High-memory: the application is whole again. */
    static Status close() {
        // Nothing else may have been to write, when an update was cut off just before its end.
        if (!Flash::unlock()) return Status::errWRITE;
        if (update_is_open()) Flash::erase_page(place.record);
        return update_is_open() ? failed(Status::errERASE) : Status::OK;
    }

    /** High-memory: page 0 starts the bootloader, and keeps the application's own two words in reserved vectors. */
    void hide_vectors() {
        const Vectors bootloader = vectors_at(Flash::at(place.bootloader_base));
        vector(place.hidden_vector) = vector(0);
        vector(place.hidden_vector + 1) = vector(1);
        vector(0) = bootloader.initial_stack;
        vector(1) = bootloader.reset;
    }
    static std::uint8_t visible_byte(std::uint32_t offset) {
        constexpr std::uint32_t hidden = place.hidden_vector * 4;
        if (offset - hidden < 8) return 0;
        if (offset < 8) offset += hidden;
        return *Flash::at(place.application_base + offset);
    }

    /** The status of a flash operation that did not do what it should. */
    static Status failed(Status otherwise) { return Flash::met_protection() ? Status::errWRITE : otherwise; }

    std::uint32_t fill_{};    ///< bytes in buffer_
    std::uint32_t window_{};  ///< flash address of buffer_[place.page]
    /** Vector page, then the window in which the next pages gather. */
    alignas(4) std::uint8_t buffer_[capacity + 1]{};
};

}  // namespace dfu
