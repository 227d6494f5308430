// SPDX-License-Identifier: Apache-2.0
// microovn cluster user: add, list, revoke.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/time/duration_proto.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/commands/user_bundle.h"
#include "ctl/commands/user_key.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

DEFINE_string(user_role, "", "What the user may do.");
DEFINE_string(user_ttl, "7d", "How long the certificate is valid.");
DEFINE_string(user_output, "",
              "Directory or file for certificate, key and cluster CA; - for "
              "the standard output.");
DEFINE_string(
    user_request, "",
    "File with a request (PKCS#10) for a key that the user has made.");

namespace microovn::ctl {
namespace {

constexpr size_t kLongestRequest = 16 << 10;

const std::vector<std::string>& ListFormats() {
  static const auto* const kFormats = new std::vector<std::string>{
      "table", "json", "yaml", "csv", "compact", "text", "rich"};
  return *kFormats;
}

// "8h", "30m", and days, which absl does not know: "90d".
absl::StatusOr<absl::Duration> TtlOf(absl::string_view text) {
  absl::string_view number = text;
  int days = 0;
  absl::Duration ttl;
  if (absl::ConsumeSuffix(&number, "d") && absl::SimpleAtoi(number, &days)) {
    ttl = absl::Hours(24) * days;
  } else if (!absl::ParseDuration(text, &ttl)) {
    return UsageError("--ttl takes a time such as 30m, 8h or 7d");
  }
  return ttl;
}

v1::User::Role RoleFor(const std::string& word) {
  if (word == "admin") return v1::User::ROLE_ADMIN;
  if (word == "operator") return v1::User::ROLE_OPERATOR;
  return v1::User::ROLE_VIEWER;
}

std::string RoleWord(v1::User::Role role) {
  switch (role) {
    case v1::User::ROLE_ADMIN:
      return "admin";
    case v1::User::ROLE_OPERATOR:
      return "operator";
    case v1::User::ROLE_VIEWER:
      return "viewer";
    default:
      return "unknown";
  }
}

std::string StateWord(v1::User::State state) {
  switch (state) {
    case v1::User::STATE_VALID:
      return "valid";
    case v1::User::STATE_EXPIRED:
      return "expired";
    case v1::User::STATE_REVOKED:
      return "revoked";
    case v1::User::STATE_SUPERSEDED:
      return "superseded";
    default:
      return "unknown";
  }
}

absl::StatusOr<v1::CreateUserRequest> Asked(const std::string& name) {
  if (FLAGS_user_role.empty()) {
    return UsageError(
        "say what the user may do: --role viewer, operator or "
        "admin");
  }
  v1::CreateUserRequest request;
  request.set_user_id(name);
  request.set_role(RoleFor(FLAGS_user_role));
  ASSIGN_OR_RETURN(const absl::Duration ttl, TtlOf(FLAGS_user_ttl));
  *request.mutable_ttl() = ToProto(ttl);
  request.set_validate_only(FLAGS_dry_run);
  return request;
}

absl::StatusOr<int> Add(Session& session, const Invocation& invocation) {
  const std::string& name = invocation.words[0];
  ASSIGN_OR_RETURN(v1::CreateUserRequest request, Asked(name));
  if (FLAGS_dry_run) {
    ASSIGN_OR_RETURN(const v1::CreateUserResponse planned,
                     session.Change(kCreateUser, request));
    PrintPlan(session, planned.plan());
    return kExitDone;
  }
  ASSIGN_OR_RETURN(
      const BundlePlace place,
      PlaceFor(FLAGS_user_output, session.terminal().out_is_terminal));
  UserBundle bundle;
  if (FLAGS_user_request.empty()) {
    ASSIGN_OR_RETURN(UserKey key, MakeUserKey(name));
    request.set_certificate_request_pem(key.request_pem);
    bundle.key_pem = std::move(key.key_pem);
  } else {
    ASSIGN_OR_RETURN(*request.mutable_certificate_request_pem(),
                     ReadFile(FLAGS_user_request, kLongestRequest));
  }
  ASSIGN_OR_RETURN(const v1::CreateUserResponse response,
                   session.Change(kCreateUser, request));
  bundle.certificate_pem = response.certificate_pem();
  bundle.ca_certificate_pem = response.ca_certificate_pem();
  const auto written = WriteBundle(place, bundle, session.out());
  if (!written.ok()) {
    return MakeError(
        written.status().code(),
        absl::StrCat("the certificate was issued and could not be written: ",
                     written.status().message()),
        {"", absl::StrCat("run: microovn cluster user revoke ", name), {}});
  }
  if (place.kind == BundlePlace::Kind::kStandardOutput) return kExitDone;
  PrintText(session,
            absl::StrCat(name, " is ", FLAGS_user_role, " until ",
                         Rfc3339(ToTime(response.user().expire_time())), "\n"));
  for (const std::string& path : *written) {
    session.out() << Printable(path) << "\n";
  }
  return kExitDone;
}

absl::StatusOr<v1::ListUsersResponse> Users(Session& session) {
  v1::ListUsersResponse all;
  v1::ListUsersRequest request;
  // A page is never empty but for the last, so this ends.
  do {
    ASSIGN_OR_RETURN(const v1::ListUsersResponse page,
                     session.Call(kListUsers, request));
    all.MergeFrom(page);
    if (page.users().empty()) break;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

absl::StatusOr<int> List(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::ListUsersResponse users, Users(session));
  const std::string format = ChosenFormat(session, ListFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, users));
  if (printed) return kExitDone;
  Table table{{"NAME", "ROLE", "EXPIRES", "STATE", "KEY"}, {}};
  for (const v1::User& user : users.users()) {
    table.rows.push_back({Printable(LastSegment(user.name())),
                          RoleWord(user.role()),
                          Rfc3339(ToTime(user.expire_time())),
                          StateWord(user.state()), user.spki_sha256()});
  }
  table.dispensable = {4};
  if (format == "table") {
    session.out() << RuledTable(table);
  } else if (format == "csv") {
    session.out() << CsvTable(table);
  } else if (format == "compact") {
    session.out() << CompactTable(table);
  } else {
    PrintTable(session, table);
  }
  return kExitDone;
}

absl::StatusOr<int> Revoke(Session& session, const Invocation& invocation) {
  v1::RevokeUserRequest request;
  request.set_name(absl::StrCat("users/", invocation.words[0]));
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::RevokeUserResponse response,
                   session.Change(kRevokeUser, request));
  if (FLAGS_dry_run) PrintPlan(session, response.plan());
  return kExitDone;
}

Command AddCommand() {
  Command add;
  add.name = "add";
  add.summary = "Give a person a certificate";
  add.arguments = "NAME";
  add.min_words = add.max_words = 1;
  add.flags = {
      {"role", "user_role", 0, "ROLE", {"viewer", "operator", "admin"}},
      {"ttl", "user_ttl", 0, "DURATION", {}, {"8h", "7d", "90d"}},
      {"output", "user_output", 'o', "DIR|FILE|-", {}},
      {"request", "user_request", 0, "FILE", {}},
      DryRunFlag()};
  add.details =
      "A viewer reads. An operator also runs services, settings, operations "
      "and\n"
      "workers. An administrator does everything that people do.\n"
      "The key is made here and goes into the output only: the agent gets a\n"
      "request for a certificate. With --request the user makes the key, and\n"
      "the output has none.";
  add.run = Add;
  return add;
}

}  // namespace

Command UserCommand() {
  Command list;
  list.name = "list";
  list.summary = "List people with certificates";
  list.flags = FormatFlags(ListFormats());
  list.run = List;
  Command revoke;
  revoke.name = "revoke";
  revoke.summary = "End what a person's certificate opens";
  revoke.arguments = "NAME";
  revoke.min_words = revoke.max_words = 1;
  revoke.word_kind = WordKind::kUser;
  revoke.flags = {DryRunFlag()};
  revoke.details =
      "It opens nothing from then on, and calls that are under way end within\n"
      "a second. The certificate cannot be made good again; the name can get\n"
      "another one.";
  revoke.run = Revoke;
  Command command;
  command.name = "user";
  command.summary = "Manage certificates for people";
  command.children = {AddCommand(), list, revoke};
  return command;
}

}  // namespace microovn::ctl
