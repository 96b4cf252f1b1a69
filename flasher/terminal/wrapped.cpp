// SPDX-License-Identifier: ISC
// Line breaks between words.
#include "flasher/terminal/wrapped.hpp"

#include "flasher/terminal/terminal.hpp"

namespace flasher::terminal {

std::string wrapped(std::string_view text, std::size_t size, std::size_t begin, std::size_t indent) {
    std::string result;
    std::size_t column = begin;
    while (!text.empty()) {
        // A word with the blanks before it; lines that were indented stay so.
        const auto word = text.find_first_not_of(' ');
        const auto end = word == std::string_view::npos ? text.size() : text.find_first_of(" \n", word);
        const auto piece = text.substr(0, end);
        const std::size_t wide = columns(piece);
        const bool first = column == begin && result.empty();
        if (!first && column + wide > size && word != std::string_view::npos && word != 0 && column > 0) {
            result += '\n' + std::string(indent, ' ');
            result += piece.substr(word);
            column = indent + columns(piece.substr(word));
        } else {
            result += piece;
            column += wide;
        }
        text.remove_prefix(piece.size());
        if (text.starts_with('\n')) {
            result += '\n';
            column = 0;
            text.remove_prefix(1);
        }
    }
    return result;
}

std::string wrapped(std::string_view text, platform::Stream stream, std::size_t begin, std::size_t indent) {
    if (!platform::is_terminal(stream)) return std::string(text);
    return wrapped(text, platform::terminal_width(stream).value_or(80), begin, indent);
}

}  // namespace flasher::terminal
