// SPDX-License-Identifier: ISC
// Typed registers: a bit belongs to its register, and a bit of the wrong register does not compile.
//
// A register that is not plain memory (bits that toggle, or clear, where something is written) does not use Reg but has
// a type of its own beside its peripheral, without read-modify-write.
#pragma once

#include <cstdint>

namespace chip {

/** Some bits of the register that Tag names. */
template <class Tag>
struct Bits {
    std::uint32_t value;

    friend constexpr Bits operator|(Bits a, Bits b) { return {a.value | b.value}; }
    friend constexpr Bits operator&(Bits a, Bits b) { return {a.value & b.value}; }
    friend constexpr Bits operator~(Bits a) { return {~a.value}; }
    friend constexpr bool operator==(Bits, Bits) = default;
    constexpr explicit operator bool() const { return value != 0; }
};

/** A register that behaves as memory: reading it changes nothing, what is written can be read back. */
template <class Tag>
class Reg {
  public:
    Bits<Tag> read() const { return {raw_}; }
    void write(Bits<Tag> bits) { raw_ = bits.value; }
    void set(Bits<Tag> bits) { raw_ = raw_ | bits.value; }
    void clear(Bits<Tag> bits) { raw_ = raw_ & ~bits.value; }
    bool any(Bits<Tag> bits) const { return (raw_ & bits.value) != 0; }

  private:
    volatile std::uint32_t raw_;
};

/** Space between registers. */
template <int Words>
class Reserved {
    volatile std::uint32_t unused_[Words];
};

/** A peripheral of type T at a fixed address; costs nothing but that address. */
template <class T, std::uintptr_t Address>
struct At {
    T* operator->() const { return reinterpret_cast<T*>(Address); }
};

}  // namespace chip
