// SPDX-License-Identifier: ISC
// One device flashed, read or verified from beginning to end, as every program here does it. Read flash() first.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "flasher/device_info.hpp"
#include "flasher/dfu_client.hpp"
#include "flasher/image.hpp"
#include "flasher/installer.hpp"
#include "flasher/target.hpp"

namespace flasher {

/// The image does not belong on this device. Nothing on the device was changed. what() says why and what to do.
class RefusedImage : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What was read back is not what was sent. what() says where.
class VerifyError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The person ended it. what() says in which state the device is.
class Interrupted : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

enum class Step { measuring, writing, manifesting, verifying, reading, starting };
/// A verb in -ing, such as "writing".
[[nodiscard]] std::string_view name_of(Step step);

struct StepProgress {
    Step step = Step::writing;
    std::size_t done = 0;
    std::size_t total = 0;  ///< Bytes; 0 where nobody knows.
};
using Observer = std::function<void(const StepProgress&)>;

struct FlashOptions {
    TargetOptions target;
    bool verify = true;
    bool leave = true;              ///< Start the application afterwards.
    bool force = false;             ///< Send what cannot run, too.
    bool application_part = false;  ///< Of a file with a bootloader and an application, send the latter.
    DfuOptions dfu;
    /// Asked between blocks; true ends the session with Interrupted.
    std::function<bool()> interrupted;
};

/// What became of a flash().
struct FlashReport {
    Target target;
    Ending ending = Ending::idle;
    std::size_t bytes = 0;
    bool verified = false;
    std::string why_not_verified;                 ///< A clause, when it is not.
    std::optional<InstalledBootloader> installs;  ///< The bootloader that the image puts in the place of this one.
};

/// The image that is to be sent: the same, or its part for the application. Throws RefusedImage when it must not be.
/// Nothing is sent to the device.
[[nodiscard]] Image judged(const Image& image, const DeviceInfo& info, const Target& target,
                           const FlashOptions& options);

/// Judges the image, sends it, reads it back and starts it. Throws TargetError and RefusedImage before anything is
/// changed; DfuError, VerifyError, Interrupted.
FlashReport flash(Transport& transport, const DeviceInfo& info, const Image& image, const FlashOptions& options,
                  const Observer& observer = {});

/// Reads what the device holds and compares. Throws VerifyError, RefusedImage (as flash() would), TargetError,
/// DfuError.
Target verify(Transport& transport, const DeviceInfo& info, const Image& image, const FlashOptions& options,
              const Observer& observer = {});

/// The bytes that the device sends on UPLOAD, at most `limit`.
[[nodiscard]] std::vector<std::uint8_t> read(Transport& transport, const Target& target, std::size_t limit,
                                             const FlashOptions& options, const Observer& observer = {});

/// Takes a running application with a DFU interface to its bootloader, which `transport` holds afterwards. Throws
/// TargetError, DfuError.
void enter_bootloader(Transport& transport, const DeviceInfo& info);

/// In which state a device is after a download broke off at `point`, and how to go on: a sentence.
[[nodiscard]] std::string state_after(const DfuError& error);

}  // namespace flasher
