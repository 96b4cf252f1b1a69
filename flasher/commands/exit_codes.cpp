// SPDX-License-Identifier: ISC
// Which failure ends how.
#include "flasher/commands/exit_codes.hpp"

#include "flasher/bus.hpp"
#include "flasher/descriptors.hpp"
#include "flasher/device_info.hpp"
#include "flasher/dfu_error.hpp"
#include "flasher/platform/platform.hpp"
#include "flasher/session.hpp"

namespace flasher::commands {
namespace {

ExitCode code_of(BusError::Kind kind) {
    const bool kept_away = kind == BusError::Kind::denied || kind == BusError::Kind::busy;
    return kept_away ? ExitCode::denied : ExitCode::no_device;
}

}  // namespace

Failed current_failure() {
    try {
        throw;
    } catch (const CommandError& error) {
        return {error.code(), error.what()};
    } catch (const ImageError& error) {
        return {ExitCode::file, error.what()};
    } catch (const RefusedImage& error) {
        return {ExitCode::file, error.what()};
    } catch (const TargetError& error) {
        return {ExitCode::no_device, error.what()};
    } catch (const BusError& error) {
        return {code_of(error.kind()), error.what()};
    } catch (const platform::ConnectionError& error) {
        return {ExitCode::no_device, error.what()};
    } catch (const VerifyError& error) {
        return {ExitCode::behaviour, error.what()};
    } catch (const Interrupted& error) {
        return {ExitCode::interrupted, error.what()};
    } catch (const DfuError& error) {
        return {ExitCode::dfu, std::string(error.what()) + ". " + state_after(error) + "."};
    } catch (const DeviceInfoError& error) {
        return {ExitCode::no_device, error.what()};
    } catch (const DescriptorError& error) {
        return {ExitCode::no_device, error.what()};
    } catch (const std::invalid_argument& error) {
        return {ExitCode::usage, error.what()};
    } catch (const std::exception& error) {
        return {ExitCode::file, error.what()};
    }
}

}  // namespace flasher::commands
