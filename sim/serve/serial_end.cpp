// SPDX-License-Identifier: ISC
// The two ends that a line can have: a pseudo-terminal, and a TCP port.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "sim/serve/serial_line.hpp"

namespace sim::serve {
namespace {

constexpr std::uint32_t usual_baud = 115'200;

std::uint32_t baud_of(speed_t speed) {
    struct Rate {
        speed_t code;
        std::uint32_t baud;
    };
    static constexpr std::array rates{Rate{B1200, 1200},      Rate{B2400, 2400},      Rate{B4800, 4800},
                                      Rate{B9600, 9600},      Rate{B19200, 19'200},   Rate{B38400, 38'400},
                                      Rate{B57600, 57'600},   Rate{B115200, 115'200}, Rate{B230400, 230'400},
                                      Rate{B460800, 460'800}, Rate{B921600, 921'600}};
    const auto* const found = std::ranges::find(rates, speed, &Rate::code);
    return found == rates.end() ? usual_baud : found->baud;
}

class PseudoTerminal : public SerialEnd {
  public:
    explicit PseudoTerminal(const std::string& link) : link_(link) {
        namespace fs = std::filesystem;
        if (fs::exists(fs::symlink_status(link)) && !fs::is_symlink(link))
            throw std::runtime_error(
                fmt::format("{} exists already; name a path for the serial line that does not", link));
        master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        const char* const slave =
            master_ >= 0 && ::grantpt(master_) == 0 && ::unlockpt(master_) == 0 ? ::ptsname(master_) : nullptr;
        if (slave == nullptr)
            throw std::runtime_error(fmt::format("cannot make a pseudo-terminal: {}", std::strerror(errno)));
        termios settings{};
        ::tcgetattr(master_, &settings);
        ::cfmakeraw(&settings);
        ::tcsetattr(master_, TCSANOW, &settings);
        // Only once it has been closed does the kernel say whether it is open.
        ::close(::open(slave, O_RDWR | O_NOCTTY | O_CLOEXEC));
        std::error_code error;
        fs::remove(link, error);
        fs::create_symlink(slave, link, error);
        if (error) throw std::runtime_error(fmt::format("cannot create {}: {}", link, error.message()));
    }
    ~PseudoTerminal() override {
        std::error_code ignored;
        std::filesystem::remove(link_, ignored);
        ::close(master_);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;

    bool open() override {
        pollfd one{.fd = master_, .events = POLLIN, .revents = 0};
        ::poll(&one, 1, 0);
        return (one.revents & POLLHUP) == 0;
    }
    std::size_t read(std::span<std::uint8_t> room) override {
        const auto count = ::read(master_, room.data(), room.size());
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    std::size_t write(std::span<const std::uint8_t> bytes) override {
        const auto count = ::write(master_, bytes.data(), bytes.size());
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    std::uint32_t baud() const override {
        termios settings{};
        return ::tcgetattr(master_, &settings) == 0 ? baud_of(::cfgetospeed(&settings)) : usual_baud;
    }
    int descriptor() const override { return master_; }
    std::string name() const override { return link_; }

  private:
    std::string link_;
    int master_ = -1;
};

class TcpEnd : public SerialEnd {
  public:
    explicit TcpEnd(const std::string& where) : listener_(usbip::Endpoint::parse(where)) {}

    bool open() override {
        if (auto accepted = listener_.accept(); accepted && !socket_) socket_.emplace(std::move(accepted->socket));
        return socket_.has_value();
    }
    std::size_t read(std::span<std::uint8_t> room) override { return socket_ ? kept(socket_->read(room)) : 0; }
    std::size_t write(std::span<const std::uint8_t> bytes) override {
        return socket_ ? kept(socket_->write(bytes)) : 0;
    }
    std::uint32_t baud() const override { return usual_baud; }
    int descriptor() const override { return socket_ ? socket_->descriptor() : listener_.descriptor(); }
    std::string name() const override { return fmt::format("TCP port {}", listener_.port()); }

  private:
    std::size_t kept(std::optional<std::size_t> count) {
        if (!count) socket_.reset();
        return count.value_or(0);
    }
    usbip::Listener listener_;
    std::optional<usbip::Socket> socket_;
};

}  // namespace

std::unique_ptr<SerialEnd> make_serial_end(const std::string& where) {
    const bool address = where.find(':') != std::string::npos && where.find('/') == std::string::npos;
    if (!address) return std::make_unique<PseudoTerminal>(where);
    return std::make_unique<TcpEnd>(where);
}

}  // namespace sim::serve
