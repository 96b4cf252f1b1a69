// SPDX-License-Identifier: ISC
// What every device with this bootloader does, as a list: run by the unit tests on a host build of the firmware, by the
// tests of the virtual board on the real binary, and by `dapboot selftest` on a board in somebody's hand.
//
// A property speaks through flasher::Transport alone. It starts with a device in DFU mode, in whatever state, and
// leaves it in DFU mode. One that does not hold says where in a sentence; nothing here knows a test framework.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flasher/transport.hpp"

namespace flasher::properties {

/// A flash operation, as whoever watches the flash saw it.
struct Touch {
    bool erase;             ///< Of a page; otherwise a half-word was programmed.
    std::uint32_t address;  ///< Of the page or of the half-word.
};

/// A device to examine, and what is known of it beside its descriptors.
struct Subject {
    Transport& transport;                ///< The device, configured and in DFU mode. Outlives the subject.
    std::uint32_t application_base = 0;  ///< Address of the application's vector table.
    std::uint32_t application_end = 0;   ///< First address past what an application may use.
    std::uint32_t page_size = 0;         ///< Erase unit, bytes.
    std::uint32_t initial_stack = 0;     ///< A stack pointer that an application on this chip may start with.
    std::uint32_t record = 0;            ///< Page that tells whether an update is open; in the standard layout the
                                         ///< application's first.
    bool high_memory = false;            ///< The bootloader lies behind the application.
    bool unfiltered = true;              ///< Requests to interfaces and endpoints that are not there reach the device;
                                         ///< Linux, for one, answers them itself.
    std::size_t longest_data_stage = 0xFFFF;  ///< Bytes of the longest that reaches the device.
    std::chrono::milliseconds slack{0};       ///< How late the clock below may tell what happened.

    /// Brings the device back into DFU mode after it has left, and opens it; false when it cannot be done. Empty where
    /// nobody can.
    std::function<bool()> enter_dfu = nullptr;
    /// Time in the device's world. Empty where no clock is exact to a millisecond.
    std::function<std::chrono::microseconds()> now = nullptr;
    /// Flash operations since the last call. Empty where nobody watches.
    std::function<std::vector<Touch>()> touches = nullptr;
};

/// What a property leaves of the installed application.
enum class Overwrites : std::uint8_t { nothing, application };

/// What a property cannot do without; several are joined with |.
enum class Needs : std::uint8_t {
    nothing = 0,
    reentry = 1,     ///< Subject::enter_dfu
    clock = 2,       ///< Subject::now
    watch = 4,       ///< Subject::touches
    unfiltered = 8,  ///< Subject::unfiltered
};
[[nodiscard]] constexpr Needs operator|(Needs a, Needs b) {
    return static_cast<Needs>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

[[nodiscard]] constexpr bool has(Needs all, Needs one) {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

class Examination;

struct Property {
    std::string_view name;     ///< One word in CamelCase.
    std::string_view section;  ///< What it follows, such as "DFU 1.1 appendix A.2".
    Overwrites overwrites;
    Needs needs;
    void (*examine)(Examination&);
};

struct Result {
    bool holds = false;
    bool shown = true;     ///< False where the way to the device cannot carry what is needed; holds is then false.
    std::string sentence;  ///< Empty, or what was seen in place of what, and where; or why it is not shown.
};

/// All properties, in an order in which a person would read them.
[[nodiscard]] std::span<const Property> all();

/// What of the property's needs `subject` has not.
[[nodiscard]] Needs missing(const Property& property, const Subject& subject);
/// Whether `subject` has what the property needs.
[[nodiscard]] bool can_run(const Property& property, const Subject& subject);

/// Examines. A device that is gone, or whose descriptors contradict themselves, is a property that does not hold; what
/// else a transport throws goes through. @pre can_run()
[[nodiscard]] Result run(const Property& property, const Subject& subject);

}  // namespace flasher::properties
