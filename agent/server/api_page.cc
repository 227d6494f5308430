// SPDX-License-Identifier: Apache-2.0
#include "agent/server/api_page.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "google/protobuf/descriptor.h"

namespace microovn::agent {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kPackage[] = "microovn.v1";

constexpr char kTitle[] =
    "# API\n\nWritten by `agent/server:api_page_test`, which fails when this "
    "page is not what\nthe program says.\n\n";

bool IsForReaders(absl::string_view line) {
  return !absl::StrContains(line, "buf:lint:");
}

// The comment before a declaration, as one line.
template <typename Declaration>
std::string WordsOf(const Declaration& declaration) {
  google::protobuf::SourceLocation location;
  if (!declaration.GetSourceLocation(&location)) return "";
  // What is for the linter stands in lines of its own.
  std::string words = absl::StrJoin(
      absl::StrSplit(location.leading_comments, '\n', IsForReaders), "\n");
  absl::RemoveExtraAsciiWhitespace(&words);
  return absl::StrReplaceAll(words, {{"|", "\\|"}});
}

// Without the package, which is on the page's every line otherwise.
std::string ShortName(const std::string& full_name) {
  return absl::StrReplaceAll(full_name, {{absl::StrCat(kPackage, "."), ""}});
}

std::string TypeOf(const FieldDescriptor& field) {
  std::string type = field.type_name();
  if (field.message_type() != nullptr) type = field.message_type()->full_name();
  if (field.enum_type() != nullptr) type = field.enum_type()->full_name();
  return absl::StrCat(field.is_repeated() ? "repeated " : "", ShortName(type));
}

std::string CallersOf(const MethodDescriptor& method,
                      const std::vector<MethodRule>& rules) {
  const std::string name =
      absl::StrCat(method.service()->full_name(), "/", method.name());
  const auto rule =
      std::find_if(rules.begin(), rules.end(),
                   [&](const MethodRule& r) { return r.method == name; });
  if (rule == rules.end()) return "nobody";
  return absl::StrJoin(rule->roles, ", ", [](std::string* out, Role role) {
    absl::StrAppend(out, RoleName(role));
  });
}

std::string ServiceSection(const ServiceDescriptor& service,
                           const std::vector<MethodRule>& rules) {
  std::string text =
      absl::StrCat("\n## ", service.full_name(), "\n\n", WordsOf(service),
                   "\n\n| method | takes | returns | who may call |\n"
                   "|---|---|---|---|\n");
  std::string words;
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    absl::StrAppend(&text, "| `", method.name(), "` | ",
                    ShortName(method.input_type()->full_name()), " | ",
                    method.server_streaming() ? "stream of " : "",
                    ShortName(method.output_type()->full_name()), " | ",
                    CallersOf(method, rules), " |\n");
    absl::StrAppend(&words, "* `", method.name(), "`: ", WordsOf(method), "\n");
  }
  return absl::StrCat(text, "\n", words);
}

std::string EnumSection(const EnumDescriptor& type) {
  std::string text =
      absl::StrCat("\n### ", ShortName(type.full_name()), "\n\n", WordsOf(type),
                   "\n\n| value | number | meaning |\n|---|---|---|\n");
  for (int i = 0; i < type.value_count(); ++i) {
    absl::StrAppend(&text, "| `", type.value(i)->name(), "` | ",
                    type.value(i)->number(), " | ", WordsOf(*type.value(i)),
                    " |\n");
  }
  return text;
}

std::string MessageSection(const Descriptor& type) {
  if (type.options().map_entry()) return "";
  std::string text = absl::StrCat("\n### ", ShortName(type.full_name()), "\n\n",
                                  WordsOf(type), "\n");
  if (type.field_count() > 0) {
    absl::StrAppend(
        &text, "\n| field | type | number | meaning |\n|---|---|---|---|\n");
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    absl::StrAppend(&text, "| `", field.name(), "` | ", TypeOf(field), " | ",
                    field.number(), " | ", WordsOf(field), " |\n");
  }
  for (int i = 0; i < type.enum_type_count(); ++i) {
    absl::StrAppend(&text, EnumSection(*type.enum_type(i)));
  }
  for (int i = 0; i < type.nested_type_count(); ++i) {
    absl::StrAppend(&text, MessageSection(*type.nested_type(i)));
  }
  return text;
}

std::string TypesOf(const FileDescriptor& file) {
  std::string text;
  for (int i = 0; i < file.message_type_count(); ++i) {
    absl::StrAppend(&text, MessageSection(*file.message_type(i)));
  }
  for (int i = 0; i < file.enum_type_count(); ++i) {
    // Its values have a page of their own.
    if (file.enum_type(i)->name() == "Reason") continue;
    absl::StrAppend(&text, EnumSection(*file.enum_type(i)));
  }
  return text;
}

}  // namespace

std::string ApiPage(const google::protobuf::FileDescriptorSet& files,
                    const std::vector<MethodRule>& rules,
                    absl::string_view introduction) {
  google::protobuf::DescriptorPool pool;
  std::string services, types;
  // Imports come before who imports them.
  for (const auto& each : files.file()) {
    const FileDescriptor* const file = pool.BuildFile(each);
    CHECK(file != nullptr) << each.name();
    if (file->package() != kPackage) continue;
    for (int i = 0; i < file->service_count(); ++i) {
      absl::StrAppend(&services, ServiceSection(*file->service(i), rules));
    }
    absl::StrAppend(&types, TypesOf(*file));
  }
  return absl::StrCat(kTitle, introduction, services, "\n## Messages\n", types);
}

}  // namespace microovn::agent
