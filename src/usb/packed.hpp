// SPDX-License-Identifier: ISC
// Descriptors, packed: written in the sources as they travel on the wire, kept in flash at about two thirds of that.
//
// UTF-16 strings and reserved fields make every second byte of most descriptors a zero. So a packed descriptor is a
// sequence of runs: a byte with the length of the run and a flag, then its bytes; where the flag is set, each of them
// stands for itself and a zero behind it. A run of no length ends it. Packing happens in the compiler, unpacking in a
// dozen instructions.
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

/** The flag in a run's length byte: a zero follows each byte. */
inline constexpr std::uint8_t wide_run = 0x80;
inline constexpr std::size_t longest_run = 0x7F;

/** Packs one descriptor. */
template <std::size_t Capacity>
constexpr Bytes<2 * Capacity> pack(const Bytes<Capacity>& plain) {
    Bytes<2 * Capacity> packed;
    const auto pairs_from = [&](std::size_t at) {
        std::size_t pairs = 0;
        while (at + 2 * pairs + 1 < plain.size && plain.data[at + 2 * pairs + 1] == 0 && pairs < longest_run)
            ++pairs;
        return pairs;
    };
    constexpr std::size_t worthwhile = 3;  // pairs; a run costs a byte, and so does the next one
    for (std::size_t at = 0; at < plain.size;) {
        const std::size_t pairs = pairs_from(at);
        if (pairs >= worthwhile) {
            packed.append(static_cast<std::uint8_t>(wide_run | pairs));
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
        packed.append(static_cast<std::uint8_t>(length));
        for (std::size_t i = 0; i < length; ++i)
            packed.append(plain.data[at + i]);
        at += length;
    }
    return packed.append(0);
}

/** The two ends of an unpacking: where the packed bytes end, and the unpacked ones. */
struct Unpacked {
    const std::uint8_t* from;
    std::uint8_t* to;
};

/** Unpacks one descriptor. */
constexpr Unpacked unpack(const std::uint8_t* from, std::uint8_t* to) {
    while (const std::uint8_t run = *from++) {
        for (unsigned count = run & longest_run; count != 0; --count) {
            *to++ = *from++;
            if ((run & wide_run) != 0) *to++ = 0;
        }
    }
    return {from, to};
}

}  // namespace usb
