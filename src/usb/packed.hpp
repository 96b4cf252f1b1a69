// SPDX-License-Identifier: ISC
// Descriptors, packed: written in the sources as they travel on the wire, kept in flash at about two thirds of that.
//
// UTF-16 strings and reserved fields make every second byte of most descriptors a zero. So a packed descriptor is a
// sequence of runs: a byte with its length and two flags, then its bytes; where the one flag is set, each of
// them stands for itself and a zero behind it; the other marks the last run. Packing happens in the compiler, unpacking
// in a dozen instructions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace usb {

/** A constexpr byte string of at most Capacity bytes. */
template <std::size_t Capacity>
struct Bytes {
    std::array<std::uint8_t, Capacity> data{};
    std::size_t size = 0;

    constexpr Bytes() = default;
    template <class... Octets>
        requires(sizeof...(Octets) > 0)
    constexpr explicit Bytes(Octets... octets) {
        (append(static_cast<std::uint8_t>(octets)), ...);
    }
    constexpr Bytes& append(std::uint8_t octet) {
        data[size++] = octet;
        return *this;
    }
    template <std::size_t Other>
    constexpr Bytes& append(const Bytes<Other>& other) {
        for (std::size_t i = 0; i < other.size; ++i)
            append(other.data[i]);
        return *this;
    }
    constexpr Bytes& append16(unsigned value) {
        return append(static_cast<std::uint8_t>(value)).append(static_cast<std::uint8_t>(value >> 8));
    }
    constexpr Bytes& append32(std::uint32_t value) { return append16(value & 0xFFFF).append16(value >> 16); }
};

/** Flags in a run's first byte: a zero follows each byte; no run follows this one. Above them is its length. */
inline constexpr std::uint8_t wide_run = 1, last_run = 2, one_byte = 4;
inline constexpr std::size_t longest_run = 255 / one_byte;

/** Packs one descriptor, which is not empty. */
template <std::size_t Capacity>
constexpr Bytes<2 * Capacity> pack(const Bytes<Capacity>& plain) {
    Bytes<2 * Capacity> packed;
    std::size_t last = 0;  // where the length byte of the run before is
    const auto pairs_from = [&](std::size_t at) {
        std::size_t pairs = 0;
        while (at + 2 * pairs + 1 < plain.size && plain.data[at + 2 * pairs + 1] == 0 && pairs < longest_run)
            ++pairs;
        return pairs;
    };
    constexpr std::size_t worthwhile = 3;  // pairs; a run costs a byte, and so does the next one
    for (std::size_t at = 0; at < plain.size;) {
        last = packed.size;
        const std::size_t pairs = pairs_from(at);
        if (pairs >= worthwhile) {
            packed.append(static_cast<std::uint8_t>(wide_run | pairs * one_byte));
            for (std::size_t i = 0; i < pairs; ++i)
                packed.append(plain.data[at + 2 * i]);
            at += 2 * pairs;
            continue;
        }
        std::size_t length = 0;
        while (at + length < plain.size && length < longest_run &&
               (length == 0 || pairs_from(at + length) < worthwhile)) {
            ++length;
        }
        packed.append(static_cast<std::uint8_t>(length * one_byte));
        for (std::size_t i = 0; i < length; ++i)
            packed.append(plain.data[at + i]);
        at += length;
    }
    packed.data[last] |= last_run;
    return packed;
}

/** The two ends of an unpacking: where the packed bytes end, and the unpacked ones. */
struct Unpacked {
    const std::uint8_t* from;
    std::uint8_t* to;
};

/** Unpacks one descriptor; behind its end a zero is written. */
inline Unpacked unpack(const std::uint8_t* from, std::uint8_t* to) {
    for (;;) {
        unsigned run = *from++;
        const unsigned step = 1 + (run & wide_run);
        do {
            const std::uint16_t and_a_zero = *from++;
            __builtin_memcpy(to, &and_a_zero, sizeof and_a_zero);
            to += step;
            run -= one_byte;
        } while (run >= one_byte);
        if ((run & last_run) != 0) return {from, to};
    }
}

}  // namespace usb
