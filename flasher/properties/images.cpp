// SPDX-License-Identifier: ISC
// Images that cannot run here: refused on the first block with errTARGET, and the installed application keeps every
// byte.
#include <array>
#include <random>

#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {
namespace {

constexpr std::size_t looked_at = 4096;  // bytes of the installed application

Image text(std::string_view characters, std::size_t size) {
    Image bytes(characters.begin(), characters.end());
    while (bytes.size() < size)
        bytes.push_back(static_cast<std::uint8_t>(characters[bytes.size() % characters.size()]));
    return bytes;
}

/// Checks that each of them is refused, and that together they have changed nothing.
class Refusals {
  public:
    explicit Refusals(Examination& device) : device_(device), before_(device.read_back(looked_at)) {
        if (device.subject.touches) static_cast<void>(device.subject.touches());
    }

    void refuse(std::string_view what, const Image& image, DfuStatus expected = DfuStatus::err_target) {
        device_.where(fmt::format("{}: ", what));
        const auto answer = device_.attempt(image);
        const auto status = device_.require(answer, "it is taken");
        device_.expect(status == expected, "it is refused with {}, not {}", flasher::name_of(status),
                       flasher::name_of(expected));
        device_.expect_refused(expected);
        if (device_.subject.touches)
            device_.expect(device_.subject.touches().empty(), "refusing it has cost flash operations");
    }
    void expect_nothing_changed() {
        device_.where({});
        device_.expect(device_.read_back(looked_at) == before_, "the installed application has changed");
    }

  private:
    Examination& device_;
    Image before_;
};

void texts(Examination& device) {
    Refusals all(device);
    all.refuse("Intel HEX with an address record",
               text(":020000040800F2\r\n:102000000050002041200008412000084120000854\r\n", 3000));
    all.refuse("Intel HEX", text(":102000000050002041200008412000084120000854\r\n", 3000));
    all.refuse("S-records", text("S00F000064617062 6F6F742E7372656399\r\n", 3000));
    all.expect_nothing_changed();
}

void containers(Examination& device) {
    Refusals all(device);
    Image elf{0x7F, 'E', 'L', 'F', 1, 1, 1};
    elf.resize(3000);
    all.refuse("an ELF file", elf);
    Image dfuse{'D', 'f', 'u', 'S', 'e', 1, 0, 0x10, 0, 0, 1, 'T', 'a', 'r', 'g', 'e', 't'};
    dfuse.resize(3000);
    all.refuse("a DfuSe file", dfuse);
    Image noise(2000, 0x55);
    for (const int byte :
         {0xFF, 0xFF, 0x42, 0xDB, 0x09, 0x12, 0x00, 0x01, 0x55, 0x46, 0x44, 0x10, 0x01, 0x02, 0x03, 0x04})
        noise.push_back(static_cast<std::uint8_t>(byte));
    all.refuse("noise with a DFU suffix", noise);
    all.expect_nothing_changed();
}

void elsewhere(Examination& device) {
    Refusals all(device);
    const auto& [base, end] = std::pair{device.subject.application_base, device.subject.application_end};
    const std::uint32_t stack = device.subject.initial_stack;
    all.refuse("linked for the first address past the application", device.with_vectors(stack, end | 1));
    all.refuse("linked for the last address before it", device.with_vectors(stack, base - 1));
    all.refuse("linked for RAM", device.with_vectors(stack, 0x2000'0101));
    all.refuse("linked for address 0", device.with_vectors(stack, 0x0000'0101));
    if (!device.subject.high_memory)
        all.refuse("linked for the start of flash", device.with_vectors(stack, 0x0800'0141));
    all.expect_nothing_changed();
}

void vectors(Examination& device) {
    Refusals all(device);
    const std::uint32_t reset = device.reset_vector(), stack = device.subject.initial_stack;
    all.refuse("the stack at the start of RAM", device.with_vectors(0x2000'0000, reset));
    all.refuse("the stack far behind RAM", device.with_vectors(0x2002'0000, reset));
    all.refuse("the stack before RAM", device.with_vectors(0x1FFF'FFFC, reset));
    all.refuse("the stack in flash", device.with_vectors(0x0800'5000, reset));
    all.refuse("no Thumb bit", device.with_vectors(stack, reset & ~1U));
    all.refuse("stack and reset vector swapped", device.with_vectors(reset, stack));
    all.expect_nothing_changed();
}

void constants(Examination& device) {
    Refusals all(device);
    for (const int value : {0x00, 0xFF, 0xA5, 0x20, 0x08})
        all.refuse(fmt::format("nothing but {:02x}", value), Image(3000, static_cast<std::uint8_t>(value)));
    all.expect_nothing_changed();
}

void random_bytes(Examination& device) {
    Refusals all(device);
    std::mt19937 random{7};
    for (int round = 0; round < 20; ++round) {
        Image noise(3000);
        for (auto& byte : noise)
            byte = static_cast<std::uint8_t>(random());
        all.refuse(fmt::format("random image {}", round), noise);
    }
    all.expect_nothing_changed();
}

void too_short(Examination& device) {
    Refusals all(device);
    all.refuse("an empty image", {}, DfuStatus::err_stalledpkt);
    const Image good = device.image(64, 1);
    for (std::size_t size = 1; size < 8; ++size)
        all.refuse(fmt::format("an image of {} bytes", size), {good.begin(), good.begin() + static_cast<long>(size)});
    all.expect_nothing_changed();
}

/// DFU announces no length: what is too long shows at the block that crosses the end.
void too_long(Examination& device) {
    Image long_image = device.image(device.capacity() + 1, 5);
    const auto status = device.attempt(long_image);
    device.expect(status == DfuStatus::err_address, "one byte too much is {}",
                  status ? flasher::name_of(*status) : std::string("taken"));
    device.expect_refused(DfuStatus::err_address);
    const Image right = device.image(5000, 6);
    device.download(right);
    device.expect_installed(right);
}

void all_of_the_flash(Examination& device) {
    const Image full = device.image(device.capacity(), 6);
    device.download(full);
    device.expect_installed(full);
    // Equal pages are not touched, so what only appends a byte past the end touches nothing.
    device.start_over();
    if (device.subject.touches) static_cast<void>(device.subject.touches());
    Image longer = full;
    longer.push_back(0x11);
    device.expect(device.attempt(longer) == DfuStatus::err_address, "one byte more is not refused with errADDRESS");
    device.expect_refused(DfuStatus::err_address);
    if (device.subject.touches) device.expect(device.subject.touches().empty(), "refusing it has cost operations");
    device.expect_installed(full);
}

constexpr std::array list{
    Property{"TextsAreRefused", "DFU 1.1 section 6.1.2", Overwrites::nothing, Needs::nothing, texts},
    Property{"FilesOfOtherFormatsAreRefused", "DFU 1.1 section 6.1.2", Overwrites::nothing, Needs::nothing, containers},
    Property{"ImagesForAnotherAddressAreRefused", "DFU 1.1 section 6.1.2", Overwrites::nothing, Needs::nothing,
             elsewhere},
    Property{"VectorsThatCannotBeAreRefused", "PM0056 section 2.3.4", Overwrites::nothing, Needs::nothing, vectors},
    Property{"ConstantBytesAreRefused", "DFU 1.1 section 6.1.2", Overwrites::nothing, Needs::nothing, constants},
    Property{"RandomBytesAreRefused", "DFU 1.1 section 6.1.2", Overwrites::nothing, Needs::nothing, random_bytes},
    Property{"ImagesWithoutVectorsAreRefused", "DFU 1.1 section 6.1.2", Overwrites::nothing, Needs::nothing, too_short},
    Property{"OneByteTooMuchIsRefused", "DFU 1.1 section 6.1.2", Overwrites::application, Needs::nothing, too_long},
    Property{"AnImageMayFillTheFlash", "DFU 1.1 section 6.1", Overwrites::application, Needs::reentry,
             all_of_the_flash},
};

}  // namespace

std::span<const Property> images() {
    return list;
}

}  // namespace flasher::properties
