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
// without need, because the chip starts there; its record is a page of its own, blank when the application is whole. Of
// page 0 the reset vector alone is the bootloader's; the application's own one hides in a reserved vector.
//
// Cells that a power cut has left half charged may read right today and wrong tomorrow. So the session that finds an
// update open trusts none of them: it erases and writes every page of its image.
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

    /** Index of the installed application's reset vector: in high memory that of a reserved one (PM0056 table 16),
     * which the image must have equal to the next one, so that it can be read back. */
    constexpr std::uint32_t reset_vector() const { return high_memory ? 7 : 1; }
};

/** What an update needs of flash memory; addresses are those of the chip. */
template <class F>
concept FlashMemory = requires(F flash, std::uint32_t address, std::uint16_t half_word) {
    { F::blank } -> std::convertible_to<std::uint16_t>;
    { flash.at(address) } -> std::convertible_to<const std::uint8_t*>;
    flash.erase_page(address);
    flash.program(address, half_word);
    { flash.met_protection() } -> std::convertible_to<bool>;
    { flash.read_protected() } -> std::convertible_to<bool>;
    { flash.is_locked() } -> std::convertible_to<bool>;
    { flash.application_end() } -> std::convertible_to<std::uint32_t>;
    flash.signal();
    { flash.end_of_array(address) } -> std::convertible_to<std::uint32_t>;
};

template <FlashMemory Flash, Placement place>
class Update {
  public:
    /** Looks how much flash there is. To be called before anything else. A high-memory bootloader lies at its end. */
    void measure() {
        if constexpr (!place.high_memory) end_ = Flash::end_of_array(Flash::application_end());
    }

    /** Forgets what has been received; flash stays as it is. */
    void restart() { fill_ = 0; }

    /**
     * Where the next block goes, of at most wTransferSize bytes, and one more byte that may be written. Less than a
     * page has been left over by write(), so there always is room.
     */
    std::uint8_t* room() { return buffer_ + fill_; }

    /**
     * Takes in `length` bytes that have been put into room(). Blocks follow one another without a gap, whatever their
     * lengths. Touches no flash.
     * @return errTARGET: the image cannot run here; errADDRESS: it reaches past the end of the application's flash
     */
    Status accept(std::uint32_t length) {
        const bool first = fill_ == 0;
        if (first) {
            window_ = place.application_base + place.page;
            mistrust_ = update_is_open() ? Work::one_erase : 0;
        }
        fill_ += length;
        if (window_ - place.page + fill_ > end()) return Status::errADDRESS;
        if (first && !acceptable(length)) return Status::errTARGET;
        weigh();
        return Status::OK;
    }

    /** Completes the image after its last block. */
    void finish() {
        while (fill_ % place.page != 0)
            buffer_[fill_++] = 0xFF;
        weigh();
    }

    /**
     * The time that write() will need at the datasheet's typical values, rounded down to milliseconds: the host asks at
     * the beginning of the last one, and is kept waiting for the rest of it.
     */
    Milliseconds pending() const { return work_.time(); }

    /** Brings to flash what is complete. */
    Status write() {
        std::uint32_t at = place.page;
        for (; at + place.page <= fill_; at += place.page, window_ += place.page) {
            if (work_.none()) continue;
            const Status status = store(window_, buffer_ + at);
            if (status != Status::OK) return status;
        }
        for (std::uint32_t i = at; i < fill_; ++i)
            buffer_[place.page + i - at] = buffer_[i];
        fill_ -= at - place.page;
        work_ = {0};
        return Status::OK;
    }

    /** Writes the rest, the vector page last. When this returns OK, the new application is whole. */
    Status commit() {
        Status status = write();
        if (status == Status::OK) status = store(place.application_base, vector_page());
        if constexpr (place.high_memory) {
            if (status == Status::OK) status = told(close());
        }
        return status;
    }

    /** The most bytes that an application may have. */
    std::uint32_t size() const { return end() - place.application_base; }
    /** Whether the chip's owner allows that the application is read. */
    static bool may_be_read() { return !Flash::read_protected(); }

    /** The addresses that an application may use. */
    static Ranges ranges() { return {place.ram_base, place.ram_end, place.application_base, Flash::application_end()}; }

    /** Whether the installed application is whole and can be started. */
    static bool application_is_whole() {
        if constexpr (place.high_memory) {
            if (update_is_open()) return false;
        }
        return can_run(Flash::at(place.application_base));
    }

    static Vectors installed_vectors() { return vectors_at(Flash::at(place.application_base)); }

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
    /** The vector page, what is left of a page between blocks, and a block. */
    static constexpr std::uint32_t capacity = 2 * place.page + place.transfer_size;

    /** Words to program and pages to erase, in one number so that amounts of work can be added. */
    struct Work {
        // 1/1024 of milliseconds, typical ones of the datasheet: 20 ms an erase, 52.5 us a half-word. Erases are
        // counted above.
        static constexpr std::uint32_t count = 1u << 24, one_erase = count + 20 * 1024, one_word = 105 * 1024 / 1000;

        std::uint32_t amount;

        bool none() const { return amount == 0; }
        bool erases() const { return amount >= count; }
        friend Work operator+(Work a, Work b) { return {a.amount + b.amount}; }

        /** Rounded down. */
        Milliseconds time() const { return {amount % count / 1024}; }
    };

    std::uint32_t end() const { return place.high_memory ? Flash::application_end() : end_; }

    static std::uint16_t half_word(const std::uint8_t* at) { return *reinterpret_cast<const std::uint16_t*>(at); }
    static std::uint16_t half_word(std::uint32_t address) { return half_word(Flash::at(address)); }
    static std::uint32_t word(const std::uint8_t* at) { return *reinterpret_cast<const std::uint32_t*>(at); }
    static Vectors vectors_at(const std::uint8_t* table) {
        return {word(table), word(table + 4 * place.reset_vector())};
    }
    [[gnu::noinline]] static bool can_run(const std::uint8_t* table) { return runnable(vectors_at(table), ranges()); }

    /**
     * Whether an update was begun and not completed. High-memory: anything but a blank record says so, also one that a
     * power cut has half written or half erased. Standard: so do the first two pages, where every update begins, if
     * they are not blank and hold no application. (No more is looked at: a chip may have less flash than the build
     * believes, and a read past its end is a bus fault.)
     */
    static bool update_is_open() {
        if constexpr (place.high_memory) return half_word(place.record) != Flash::blank;
        if (application_is_whole()) return false;
        for (std::uint32_t at = place.application_base; at != place.application_base + 2 * place.page; at += 2)
            if (half_word(at) != Flash::blank) return true;
        return false;
    }

    /** Compares what is complete with what is there. Now, while the host has not asked yet, it costs no time. */
    void weigh() {
        work_ = {0};
        for (std::uint32_t at = place.page; at + place.page <= fill_; at += place.page)
            work_ = work_ + compare(window_ + at - place.page, buffer_ + at);
    }

    const std::uint8_t* vector_page() const { return buffer_; }
    std::uint32_t& vector(std::uint32_t index) { return reinterpret_cast<std::uint32_t*>(buffer_)[index]; }

    bool acceptable(std::uint32_t length) {
        if (length < (place.reset_vector() + 2) * 4) return false;
        if constexpr (place.high_memory) {
            std::uint32_t& hidden = vector(place.reset_vector());
            if (hidden != vector(place.reset_vector() + 1)) return false;
            hidden = vector(1);
            vector(1) = word(Flash::at(place.bootloader_base + 4));
        }
        return can_run(buffer_);
    }

    /** What it takes to bring a page to what it shall hold. Looks at words, which is twice as fast as half-words, and
     * at worst erases a page that could have been completed. */
    Work compare(std::uint32_t address, const std::uint8_t* data) const {
        constexpr std::uint32_t blank = std::uint32_t{Flash::blank} << 16 | Flash::blank;
        std::uint32_t changes = 0, content = 0, erases = mistrust_;
        for (std::uint32_t i = 0; i < place.page; i += 4) {
            const std::uint32_t now = word(Flash::at(address + i)), wanted = word(data + i);
            if (wanted != blank) content += Work::one_word;
            if (now == wanted) continue;
            changes += Work::one_word;
            if (now != blank) erases = Work::one_erase;
        }
        return {erases != 0 ? erases + content : changes};
    }

    /** Brings a page to flash and reads it back. */
    Status try_to_store(std::uint32_t address, const std::uint8_t* data) {
        Work work = compare(address, data);
        if (work.none()) return Status::OK;
        const Status opened = open();
        if (opened != Status::OK) return opened;
        if (!place.high_memory && address == place.application_base) work = compare(address, data);
        Flash::signal();
        if (work.erases()) Flash::erase_page(address);
        // The reset vector first. High-memory: that is the bootloader's, so that the chip starts again as soon as
        // possible, also if a cell behind it turns out to be dead. Standard: the initial stack is programmed last, its
        // high half at the very end.
        constexpr std::uint32_t start = 4;
        for (std::uint32_t n = start; n < start + place.page; n += 2) {
            const std::uint32_t offset = n % place.page;
            const std::uint16_t wanted = half_word(data + offset);
            if (half_word(address + offset) == wanted) continue;
            if (half_word(address + offset) != Flash::blank) return Status::errERASE;
            Flash::program(address + offset, wanted);
            if (half_word(address + offset) != wanted) return Status::errPROG;
        }
        return Status::OK;
    }

    [[gnu::noinline]] Status store(std::uint32_t address, const std::uint8_t* data) {
        return told(try_to_store(address, data));
    }

    /**
     * Offset of a half-word in the vector table of which a single bit is set, and without that bit nothing is started:
     * the high half of the stack, 0x2000, or where RAM goes on behind 64 KiB and it is 0x2001, that of the reset
     * vector, 0x0800. (That may be 0x0801, too: then a cut in these 52.5 us may leave another address of this
     * application's.)
     */
    static std::uint32_t first_to_zero() {
        constexpr std::uint32_t stack = 2, reset = 6;
        if constexpr (place.ram_end < 0x2001'0000) return stack;
        const std::uint32_t high = half_word(place.application_base + stack);
        return (high & (high - 1)) == 0 ? stack : reset;
    }

    /** From here on the installed application is not started any more, until the commit. May be called again. */
    static Status open() {
        if (Flash::is_locked()) return Status::errWRITE;
        if constexpr (place.high_memory) {
            // Read protection protects page 0 from being written, too, and WRPR does not show it (PM0075 section 2.4).
            if (Flash::read_protected()) return Status::errWRITE;
            if (!update_is_open()) Flash::program(place.record, 0);
            return update_is_open() ? Status::OK : Status::errPROG;
        }
        // One half-word whose write is atomic; then the rest, because a page whose erase is cut half-way holds random
        // bits where zeroes were.
        const std::uint32_t first = first_to_zero();
        for (std::uint32_t i = 0; i < 8; i += 2) {
            const std::uint32_t address = place.application_base + (i ^ first);
            const std::uint16_t now = half_word(address);
            if (now != 0 && now != Flash::blank) Flash::program(address, 0);
        }
        if (!application_is_whole()) return Status::OK;
        Flash::erase_page(place.application_base);  // a clone that takes no zeroes over data
        return application_is_whole() ? Status::errERASE : Status::OK;
    }

    /** High-memory: the application is whole again. */
    static Status close() {
        if (update_is_open()) Flash::erase_page(place.record);
        return update_is_open() ? Status::errERASE : Status::OK;
    }

    /** High-memory: a byte of the image as it was sent. */
    static std::uint8_t visible_byte(std::uint32_t offset) {
        constexpr std::uint32_t reset = 4, hidden = place.reset_vector() * 4;
        if (offset - reset < 4)
            offset += hidden - reset;
        else if (offset - hidden < 4)
            offset += 4;
        return *Flash::at(place.application_base + offset);
    }

    /** The status of flash operations. Write protection explains any of them that did not do what it should. */
    static Status told(Status status) {
        return status != Status::OK && Flash::met_protection() ? Status::errWRITE : status;
    }

    Work work_{};               ///< what it takes to write what is complete
    std::uint32_t end_{};       ///< first address past the flash that an application may use, and that is there
    std::uint32_t fill_{};      ///< bytes in buffer_
    std::uint32_t window_{};    ///< flash address of buffer_[place.page]
    std::uint32_t mistrust_{};  ///< Work::one_erase where each page is erased, whatever it holds; else 0
    /** Vector page, then the window in which the next pages gather. */
    alignas(4) std::uint8_t buffer_[capacity + 1]{};
};

}  // namespace dfu
