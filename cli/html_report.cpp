// The HTML report: the markdown one, rendered by cmark-gfm into one self-contained page. Charts are drawn by Chart.js
// from the data that stands in the page; tables sort, and a search hides what does not match (cli/html/).
//
// Two walls against a hostile log. The markdown holds its texts in code only, and of HTML only what the markdown's
// writer uses itself may pass here: anything else is shown as text. And the page's policy runs no script but the two
// that carry its nonce, and asks the network for nothing.
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <fmt/format.h>
#include <xxhash.h>

#include <memory>
#include <regex>

#include "cli/html/resources.h"
#include "cli/report.h"

namespace assay {
namespace {

struct FreeParser {
  void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
};
struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};
using Parser = std::unique_ptr<cmark_parser, FreeParser>;
using Node = std::unique_ptr<cmark_node, FreeNode>;
using Iterator = std::unique_ptr<cmark_iter, FreeIterator>;

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

/// The tags that the markdown's writer uses.
bool is_own_markup(const std::string& html) {
  static const std::regex kOwn(
      R"(\s*(<a id="[a-z0-9-]+">|</a>|<a id="[a-z0-9-]+"></a>|</?details>|<details><summary>[^<>]*</summary>)\s*)");
  return std::regex_match(html, kOwn);
}

void replace_with_html(cmark_node* node, const std::string& html) {
  cmark_node* block = cmark_node_new(CMARK_NODE_HTML_BLOCK);
  cmark_node_set_literal(block, html.c_str());
  cmark_node_replace(node, block);
  cmark_node_free(node);
}

void check_html(cmark_node* node) {
  const std::string html = cmark_node_get_literal(node);
  if (!is_own_markup(html)) cmark_node_set_literal(node, escaped(html).c_str());
}

// Data in an attribute of an element without content: no script may be ended by it.
void place_chart(cmark_node* node) {
  replace_with_html(node,
                    fmt::format("<figure class=\"chart\" data-chart=\"{}\"><canvas role=\"img\"></canvas></figure>\n",
                                escaped(cmark_node_get_literal(node))));
}

std::vector<cmark_node*> nodes_of(cmark_node* document) {
  std::vector<cmark_node*> nodes;
  const Iterator iterator(cmark_iter_new(document));
  for (cmark_event_type event; (event = cmark_iter_next(iterator.get())) != CMARK_EVENT_DONE;) {
    if (event == CMARK_EVENT_ENTER) nodes.push_back(cmark_iter_get_node(iterator.get()));
  }
  return nodes;
}

Node parse(const std::string& markdown) {
  cmark_gfm_core_extensions_ensure_registered();
  const Parser parser(cmark_parser_new(CMARK_OPT_DEFAULT));
  cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension("table"));
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  return Node(cmark_parser_finish(parser.get()));
}

std::string render(const std::string& markdown) {
  const Node document = parse(markdown);
  for (cmark_node* node : nodes_of(document.get())) {
    const cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE) check_html(node);
    if (type == CMARK_NODE_CODE_BLOCK && cmark_node_get_fence_info(node) == kChartData) place_chart(node);
  }
  // Unsafe means: with HTML. What stands there has been checked above.
  const std::unique_ptr<char, decltype(&free)> html(cmark_render_html(document.get(), CMARK_OPT_UNSAFE, nullptr),
                                                    &free);
  return html.get();
}

}  // namespace

std::string to_html(const Report& report) {
  const std::string body = render(to_markdown(report, ChartStyle::kData));
  // Nobody who writes a log can know it beforehand, since it hangs on the whole report.
  const std::string nonce = fmt::format("{:016x}", XXH3_64bits(body.data(), body.size()));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src "
      "'nonce-{0}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
      "content=\"light dark\">\n<title>Assay report{1}</title>\n<style>\n{2}</style>\n</head>\n<body>\n"
      "<header><input id=\"search\" type=\"search\" placeholder=\"Search tables, indexes, statements\" "
      "aria-label=\"Search\"><button id=\"theme\" type=\"button\">Light or dark</button></header>\n<main>\n{3}</main>\n"
      "<script nonce=\"{0}\">{4}</script>\n<script nonce=\"{0}\">\n{5}</script>\n</body>\n</html>\n",
      nonce, report.database.empty() ? "" : ": " + escaped(report.database), kReportStyle, body, kChartScript,
      kReportScript);
}

}  // namespace assay
