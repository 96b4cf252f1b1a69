// SPDX-License-Identifier: ISC
// Download, upload and leave as dfu-util 0.11 does them, over any Transport. Follows DFU 1.1.
//
// A session: reach dfuIDLE whatever state the device was left in, move blocks of wTransferSize, close with a
// zero-length block, and see the device through manifestation until it is idle again or has left the bus.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "flasher/descriptors.hpp"
#include "flasher/dfu_error.hpp"
#include "flasher/dfu_protocol.hpp"
#include "flasher/transport.hpp"

namespace flasher {

/// What a progress callback is told.
struct Progress {
    enum class Phase { download, manifest, upload };
    Phase phase = Phase::download;
    std::size_t done = 0;   ///< Bytes that the device accepted or delivered.
    std::size_t total = 0;  ///< Bytes of the image; 0 when unknown (upload).
};
using ProgressCallback = std::function<void(const Progress&)>;

/// How a good download ended.
enum class Ending {
    idle,   ///< The device is back in dfuIDLE and takes further requests.
    left,   ///< The device left the bus by itself.
    reset,  ///< The device asked for a bus reset and got it.
};

struct DfuOptions {
    /// Longest sum of waits for one block or for manifestation before the device counts as stuck.
    std::chrono::milliseconds patience{30'000};
    /// Extra wait before each status query of manifestation. dfu-util takes 1000 ms; bwPollTimeout
    /// is enough.
    std::chrono::milliseconds manifest_pause{0};
    /// How long a device that detaches by itself is given to leave once it is back in dfuIDLE.
    std::chrono::milliseconds leave_pause{1'000};
    /// Bytes a block; 0 takes the device's wTransferSize.
    std::uint16_t transfer_size = 0;
};

/// One DFU alternate setting of one opened device. Every method throws DfuError.
class DfuClient {
  public:
    /// `transport` outlives the client. `interface` has a functional descriptor, or the client
    /// refuses (misuse).
    DfuClient(Transport& transport, const InterfaceDescriptor& interface, DfuOptions options = {});

    /// Selects the alternate setting and brings the device to dfuIDLE: CLRSTATUS out of dfuERROR,
    /// ABORT out of a transfer that somebody left half-done.
    void prepare();

    /// Sends the whole image and sees it through manifestation. Includes prepare().
    Ending download(std::span<const std::uint8_t> image, const ProgressCallback& progress = {});

    /// Reads until a short block or `limit` bytes. Includes prepare(); leaves the device in
    /// dfuIDLE.
    [[nodiscard]] std::vector<std::uint8_t> upload(std::size_t limit, const ProgressCallback& progress = {});

    /// Sends the device to its application as `dfu-util -R` does: DETACH, then a bus reset unless
    /// it left already.
    void leave();

    /// Takes a run-time device to DFU mode (DFU 1.1 section 5.1): DETACH, bus reset unless
    /// bitWillDetach. The transport then holds the device's DFU-mode self, whose descriptors the
    /// caller reads anew.
    void enter_dfu();

    [[nodiscard]] DfuReport get_status();
    [[nodiscard]] DfuState get_state();
    void clear_status();
    void abort();

    /// Bytes a block of this session.
    [[nodiscard]] std::uint16_t transfer_size() const { return transfer_size_; }

  private:
    [[nodiscard]] TransferResult send(DfuRequest request, std::uint16_t value, std::span<const std::uint8_t> data = {});
    [[nodiscard]] TransferResult query(DfuRequest request, std::uint16_t value, std::span<std::uint8_t> data);
    [[nodiscard]] SetupPacket setup(DfuRequest request, bool to_host, std::uint16_t value, std::size_t length) const;
    void select_alternate_setting();
    void send_block(std::uint16_t block, std::size_t offset, std::span<const std::uint8_t> data);
    void wait_for_block(const FailurePoint& point);
    Ending manifest(std::size_t size, const ProgressCallback& progress);
    Ending silent_ending(const FailurePoint& point, Outcome outcome);
    [[nodiscard]] Outcome try_get_status(DfuReport& report);
    void be_patient(std::chrono::milliseconds& waited, std::chrono::milliseconds poll_timeout,
                    const FailurePoint& point) const;
    [[noreturn]] void fail(FailurePoint point, Outcome outcome, const std::string& request);
    [[noreturn]] static void fail_with_report(FailurePoint point, const DfuReport& report);

    Transport& transport_;
    InterfaceDescriptor interface_;
    DfuFunctional functional_;
    DfuOptions options_;
    std::uint16_t transfer_size_ = 0;
};

}  // namespace flasher
