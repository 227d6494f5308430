// SPDX-License-Identifier: Apache-2.0
// microovn cluster token: list, revoke.
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

absl::StatusOr<v1::ListJoinTokensResponse> Tokens(Session& session) {
  v1::ListJoinTokensResponse all;
  v1::ListJoinTokensRequest request;
  // A page is never empty but for the last, so this ends.
  do {
    ASSIGN_OR_RETURN(const v1::ListJoinTokensResponse page,
                     session.Call(kListJoinTokens, request));
    all.MergeFrom(page);
    if (page.join_tokens().empty()) break;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

absl::StatusOr<int> TokenList(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::ListJoinTokensResponse tokens, Tokens(session));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, tokens));
  if (printed) return kExitDone;
  Table table{{"NAME", "TOKEN", "EXPIRES", "WRONG ATTEMPTS", "WORKER", "STATE"},
              {}};
  const absl::Time now = session.clock().Now();
  for (const v1::JoinToken& token : tokens.join_tokens()) {
    const absl::Time expiry = ToTime(token.expire_time());
    table.rows.push_back({Printable(token.member()),
                          Printable(LastSegment(token.name())), Rfc3339(expiry),
                          absl::StrCat(token.failed_attempts()),
                          token.worker() ? "yes" : "no",
                          token.locked()  ? "locked"
                          : expiry <= now ? "expired"
                                          : "valid"});
  }
  table.dispensable = {1, 3};
  PrintTable(session, table);
  return kExitDone;
}

// By the member's name or by the token's id; the name is what people know.
absl::StatusOr<int> TokenRevoke(Session& session,
                                const Invocation& invocation) {
  const std::string& wanted = invocation.words[0];
  ASSIGN_OR_RETURN(const v1::ListJoinTokensResponse tokens, Tokens(session));
  v1::DeleteJoinTokenRequest request;
  for (const v1::JoinToken& token : tokens.join_tokens()) {
    if (token.member() == wanted || LastSegment(token.name()) == wanted) {
      request.set_name(token.name());
    }
  }
  if (request.name().empty()) {
    return MakeError(
        absl::StatusCode::kNotFound,
        absl::StrCat("there is no join token for \"", Printable(wanted), "\""),
        {"TOKEN_UNKNOWN", "look with: microovn cluster token list", {}});
  }
  request.set_validate_only(FLAGS_dry_run);
  ASSIGN_OR_RETURN(const v1::DeleteJoinTokenResponse response,
                   session.Change(kDeleteJoinToken, request));
  if (FLAGS_dry_run) PrintPlan(session, response.plan());
  return kExitDone;
}

}  // namespace

Command TokenCommand() {
  Command list;
  list.name = "list";
  list.summary = "List join tokens that are not used up";
  list.flags = FormatFlags(MachineFormats());
  list.run = TokenList;
  Command revoke;
  revoke.name = "revoke";
  revoke.summary = "Revoke the join token of a name";
  revoke.arguments = "NAME";
  revoke.min_words = revoke.max_words = 1;
  revoke.word_kind = WordKind::kToken;
  revoke.flags = {DryRunFlag()};
  revoke.run = TokenRevoke;
  Command command;
  command.name = "token";
  command.summary = "Manage join tokens";
  command.children = {list, revoke};
  return command;
}

}  // namespace microovn::ctl
