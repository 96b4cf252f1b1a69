// SPDX-License-Identifier: ISC
// The words in which properties are written: single DFU requests, whole transfers, images, and expectations.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "flasher/descriptors.hpp"
#include "flasher/dfu_protocol.hpp"
#include "flasher/properties/property.hpp"

namespace flasher::properties {

using Image = std::vector<std::uint8_t>;

/// Thrown where a property does not hold.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// Thrown where it cannot be shown on this way to the device: the reason, a sentence without a full stop.
struct NotShown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What came of a request with data for the host.
struct Answer {
    Outcome outcome = Outcome::ok;
    Image bytes;

    [[nodiscard]] bool ok() const { return outcome == Outcome::ok; }
};

class Examination {
  public:
    /// Reads the configuration descriptor and selects the DFU interface. Throws Broken, DescriptorError.
    explicit Examination(const Subject& subject);

    const Subject& subject;

    // --- expectations ----------------------------------------------------------------------------
    /// Throws Broken with the sentence when `condition` is false.
    template <class... Arguments>
    void expect(bool condition, fmt::format_string<Arguments...> format, Arguments&&... arguments) const {
        if (!condition) throw Broken(where_ + fmt::format(format, std::forward<Arguments>(arguments)...));
    }
    /// What must be there. Throws Broken with the sentence when it is not.
    template <class Value, class... Arguments>
    const Value& require(const std::optional<Value>& value, fmt::format_string<Arguments...> format,
                         Arguments&&... arguments) const {
        if (!value) throw Broken(where_ + fmt::format(format, std::forward<Arguments>(arguments)...));
        return *value;
    }
    /// What stands before the sentence from now on, such as "in dfuIDLE: ".
    void where(std::string words) { where_ = std::move(words); }
    void expect_state(DfuState state);
    /// dfuERROR with this status, which CLRSTATUS then clears.
    void expect_refused(DfuStatus status);

    // --- requests --------------------------------------------------------------------------------
    Answer in(std::uint8_t bmRequestType, std::uint8_t bRequest, std::uint16_t wValue, std::uint16_t wIndex,
              std::uint16_t wLength);
    Outcome out(std::uint8_t bmRequestType, std::uint8_t bRequest, std::uint16_t wValue, std::uint16_t wIndex,
                std::span<const std::uint8_t> data = {});
    Answer dfu_in(DfuRequest request, std::uint16_t wValue, std::uint16_t wLength);
    Outcome dfu_out(DfuRequest request, std::uint16_t wValue = 0, std::span<const std::uint8_t> data = {});
    Outcome dnload(std::size_t block, std::span<const std::uint8_t> data);
    Answer upload(std::size_t block, std::size_t length);
    /// Throws Broken when it is not answered.
    DfuReport get_status();
    DfuState get_state();
    /// A descriptor, as much of it as there is; throws Broken when it is not sent.
    Image descriptor(std::uint16_t wValue, std::uint16_t wLength = 0xFFFF);

    // --- sequences -------------------------------------------------------------------------------
    /// dfuIDLE, from whatever state.
    void make_idle();
    /// GETSTATUS until the device is not busy, with the waits that it asks for.
    DfuReport settle();
    /// A block that must be taken.
    void send(std::size_t block, std::span<const std::uint8_t> data);
    /// All blocks of an image, each `size` bytes long.
    /// @return the number of the next block; Broken when one is not taken
    std::size_t send_all(std::span<const std::uint8_t> image, std::size_t size);
    /// A whole download; the device is then in dfuIDLE.
    void download(std::span<const std::uint8_t> image, std::size_t size = 0);
    /// A download that ends with dfuERROR at some block. @return its status; nothing when all of it was taken
    std::optional<DfuStatus> attempt(std::span<const std::uint8_t> image);
    /// The first `length` bytes of the installed image.
    Image read_back(std::size_t length, std::size_t size = 0);
    /// The same bytes by UPLOAD in blocks of `size`; the sentence says from where on they are others.
    void expect_installed(std::span<const std::uint8_t> image, std::size_t size = 0);
    /// Leaves, comes back into DFU mode and is idle: what the session remembered is forgotten.
    void start_over();

    // --- facts -----------------------------------------------------------------------------------
    [[nodiscard]] const InterfaceDescriptor& interface() const { return interface_; }
    [[nodiscard]] const DfuFunctional& functional() const { return functional_; }
    [[nodiscard]] const DfuAttributes& attributes() const { return functional_.attributes; }
    [[nodiscard]] std::size_t transfer_size() const { return functional_.transfer_size; }
    [[nodiscard]] std::size_t capacity() const { return subject.application_end - subject.application_base; }

    // --- images ----------------------------------------------------------------------------------
    /// One that can run here: vectors, then bytes that depend on the seed alone.
    [[nodiscard]] Image image(std::size_t size, std::uint32_t seed) const;
    /// The same with other vectors.
    [[nodiscard]] Image with_vectors(std::uint32_t stack, std::uint32_t reset, std::size_t size = 1000) const;
    [[nodiscard]] std::uint32_t reset_vector() const { return subject.application_base + 0x101; }

  private:
    void read_configuration();

    InterfaceDescriptor interface_;
    DfuFunctional functional_;
    std::string where_;
};

/// "dfuIDLE" and the like, for sentences.
[[nodiscard]] std::string_view name_of(Outcome outcome);

}  // namespace flasher::properties
