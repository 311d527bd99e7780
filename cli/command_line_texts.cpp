#include "cli/command_line_texts.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <vector>

namespace assay {
namespace {

using Commands = std::vector<const CLI::App*>;
using Options = std::vector<const CLI::Option*>;

/// Those that --help shows: a hidden command has no group.
Commands commands_of(const CLI::App& app) {
  Commands shown;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!command->get_group().empty()) shown.push_back(command);
  }
  return shown;
}

Options options_of(const CLI::App& app) {
  Options named;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional() && !option->get_group().empty()) named.push_back(option);
  }
  return named;
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string words(const std::vector<std::string>& list) { return fmt::format("{}", fmt::join(list, " ")); }

/// What may follow the option, where that is a list of words: "{json,html}" of CLI11's own description.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{'), close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  std::vector<std::string> choices;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(list, choice, ',');) choices.push_back(choice);
  return choices;
}

/// FILE of "FILE:{…}".
std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

bool is_file(const CLI::Option& option) { return value_name(option) == "FILE"; }

// ---- bash

std::string bash_command(const CLI::App& command) {
  std::vector<std::string> all;
  std::string cases;
  for (const CLI::Option* option : options_of(command)) {
    const std::vector<std::string> names = names_of(*option);
    all.insert(all.end(), names.begin(), names.end());
    if (!takes_value(*option)) continue;
    const std::vector<std::string> choices = choices_of(*option);
    cases += fmt::format("        {}) COMPREPLY=({}); return ;;\n", fmt::join(names, "|"),
                         !choices.empty()   ? fmt::format("$(compgen -W '{}' -- \"$word\")", words(choices))
                         : is_file(*option) ? "$(compgen -f -- \"$word\")"
                                            : "");
  }
  return fmt::format("    {})\n      case \"$before\" in\n{}      esac\n      options='{}'\n      ;;\n",
                     command.get_name(), cases, words(all));
}

// ---- zsh

/// For a text inside of '…' in a specification of _arguments.
std::string zsh_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\n') {
      safe += ' ';
    } else if (c == '\'') {
      safe += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string zsh_option(const CLI::Option& option) {
  const std::vector<std::string> choices = choices_of(option);
  std::string value;
  if (takes_value(option)) {
    value = fmt::format(":{}:{}", zsh_text(value_name(option)),
                        !choices.empty()  ? "(" + words(choices) + ")"
                        : is_file(option) ? "_files"
                                          : " ");
  }
  std::string text;
  for (const std::string& name : names_of(option)) {
    text += fmt::format("        '{}[{}]{}' \\\n", name, zsh_text(option.get_description()), value);
  }
  return text;
}

// ---- man

/// A backslash, a hyphen that is one, and a dot or an apostrophe at the front of a line mean something to roff.
std::string roff(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const bool at_front = safe.empty() || safe.back() == '\n';
    if (at_front && (c == '.' || c == '\'')) safe += "\\&";
    safe += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  }
  return safe;
}

std::string man_options(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    text += fmt::format(".TP\n\\fB{}\\fR", roff(fmt::format("{}", fmt::join(names_of(*option), ", "))));
    if (takes_value(*option)) text += fmt::format(" \\fI{}\\fR", roff(value_name(*option)));
    text += "\n" + roff(option->get_description()) + "\n";
  }
  return text;
}

std::string positionals(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional())
      text += " " + option->get_name(true) + (option->get_items_expected_max() > 1 ? "..." : "");
  }
  return text;
}

std::string man_command(const CLI::App& command) {
  std::string text = fmt::format(".SS \"assay {}{} [options]\"\n{}.\n", command.get_name(), roff(positionals(command)),
                                 roff(command.get_description()));
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) continue;
    text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(option->get_name(true)), roff(option->get_description()));
  }
  text += man_options(command);
  if (!command.get_footer().empty()) text += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command.get_footer()));
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    names.push_back(command->get_name());
    cases += bash_command(*command);
  }
  std::vector<std::string> general;
  for (const CLI::Option* option : options_of(app)) {
    for (const std::string& name : names_of(*option)) general.push_back(name);
  }
  return fmt::format(
      "# Completion of assay's command line for bash.\n"
      "_assay() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= options=\n"
      "  COMPREPLY=()\n"
      "  [ \"$COMP_CWORD\" -gt 1 ] && command=${{COMP_WORDS[1]}}\n"
      "  case \"$command\" in\n{}    *) options='{} {}' ;;\n  esac\n"
      "  case \"$word\" in\n"
      "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
      "    *) [ -z \"$command\" ] && COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) || COMPREPLY=($(compgen -f -- "
      "\"$word\")) ;;\n"
      "  esac\n"
      "}}\n"
      "complete -o filenames -F _assay assay\n",
      cases, words(names), words(general));
}

std::string zsh_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : commands_of(app)) {
    commands += fmt::format("    '{}:{}'\n", command->get_name(), zsh_text(command->get_description()));
    cases += fmt::format("    {})\n      _arguments \\\n", command->get_name());
    for (const CLI::Option* option : options_of(*command)) cases += zsh_option(*option);
    cases += "        '*:file:_files'\n      ;;\n";
  }
  return fmt::format(
      "#compdef assay\n# Completion of assay's command line for zsh.\n"
      "_assay() {{\n  local -a commands\n  commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  local command=${{words[2]}}\n  shift words\n  (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n}}\n_assay \"$@\"\n",
      commands, cases);
}

std::string manual_page(const CLI::App& app) {
  std::string text = fmt::format(
      ".TH ASSAY 1\n.SH NAME\nassay \\- what to change about a slow database\n.SH SYNOPSIS\n.B assay\n.I command\n"
      "[\\fIoptions\\fR]\n.SH DESCRIPTION\n{}\n",
      roff(app.get_description()));
  text += ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(app)) text += man_command(*command);
  text += ".SH OPTIONS OF ALL COMMANDS\n" + man_options(app);
  text +=
      ".SH EXIT STATUS\n"
      ".TP\n0\nDone; also for an empty log, with a warning.\n"
      ".TP\n1\nAn input could not be read or recognised (the report on the others is written), or a server could not "
      "be "
      "reached.\n"
      ".TP\n2\nWrong usage.\n"
      ".TP\n3\n\\fBassay check\\fR found what it was told to fail on.\n"
      ".SH ENVIRONMENT\n"
      ".TP\n\\fBPGHOST\\fR, \\fBPGPORT\\fR, \\fBPGUSER\\fR, \\fBPGPASSFILE\\fR …\n"
      "As libpq reads them. Passwords come from ~/.pgpass, never from the command line.\n"
      ".TP\n\\fBNO_COLOR\\fR\nNo colour, whatever the terminal can do.\n";
  return text;
}

}  // namespace assay
