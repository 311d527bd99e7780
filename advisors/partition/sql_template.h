// SQL with places to fill in, for texts that end up in front of a DBA and on a server: what is filled in is quoted by
// its caller and never looked at again for further places, so that a name cannot bring a place of its own.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace assay {

/// `text` with every "{name}" that `values` knows replaced, in one pass.
std::string filled(std::string_view text, const std::map<std::string, std::string, std::less<>>& values);

/// `DO $migration$ … $migration$;` with a tag that the body does not hold.
std::string do_block(const std::string& body);

/// schema.name, each quoted where it must be.
std::string qualified(const std::string& schema, const std::string& name);

/// 'schema.name'::regclass
std::string regclass_literal(const std::string& schema, const std::string& name);

/// `name` and `suffix` in at most 63 bytes: the name is cut, never the suffix, and no character of UTF-8 in two.
std::string fitted_name(std::string_view name, std::string_view suffix);

}  // namespace assay
