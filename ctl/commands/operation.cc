// SPDX-License-Identifier: Apache-2.0
// microovn operation: list, show, wait, cancel.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/operation_follower.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/commands/plan_text.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/table.h"
#include "ctl/render/words.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;

// With or without "operations/".
absl::StatusOr<std::string> OperationName(const std::string& word) {
  constexpr size_t kLongest = 256;
  if (word.empty() || word.size() > kLongest || Printable(word) != word) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("\"", Shown(word, kLongest),
                     "\" is not an operation's name"),
        {"OPERATION_NOT_FOUND", "look with: microovn operation list", {}});
  }
  return absl::StartsWith(word, "operations/")
             ? word
             : absl::StrCat("operations/", word);
}

absl::StatusOr<Operation> Fetch(Session& session, const std::string& word) {
  google::longrunning::GetOperationRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), OperationName(word));
  return session.Call(kGetOperation, request);
}

absl::StatusOr<int> List(Session& session, const Invocation&) {
  google::longrunning::ListOperationsRequest request;
  request.set_name("operations");
  ASSIGN_OR_RETURN(const google::longrunning::ListOperationsResponse response,
                   session.Call(kListOperations, request));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, response));
  if (printed) return kExitDone;
  Table table{{"NAME", "KIND", "TARGET", "STATE", "CREATED"}, {}};
  for (const Operation& operation : response.operations()) {
    const v1::OperationMetadata metadata = MetadataOf(operation);
    table.rows.push_back(
        {Printable(operation.name()), Printable(metadata.kind()),
         Printable(metadata.target()), OperationState(operation),
         metadata.has_create_time() ? Rfc3339(ToTime(metadata.create_time()))
                                    : "-"});
  }
  table.dispensable = {4, 1};
  PrintTable(session, table);
  return kExitDone;
}

std::string OperationText(const Operation& operation) {
  const v1::OperationMetadata metadata = MetadataOf(operation);
  std::string text = absl::StrCat("Name: ", Printable(operation.name()),
                                  "\nKind: ", Printable(metadata.kind()),
                                  "\nTarget: ", Printable(metadata.target()),
                                  "\nState: ", OperationState(operation), "\n");
  if (operation.has_error()) {
    absl::StrAppend(&text, "Error: ", Printable(operation.error().message()),
                    "\n");
  }
  for (const v1::Step& step : metadata.plan().steps()) {
    absl::StrAppend(&text, "  [", StepWord(step.state()), "] ",
                    Printable(step.description()));
    if (!step.detail().empty()) {
      absl::StrAppend(&text, "  (", Printable(step.detail()), ")");
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

absl::StatusOr<int> Show(Session& session, const Invocation& invocation) {
  ASSIGN_OR_RETURN(const Operation operation,
                   Fetch(session, invocation.words[0]));
  const std::string format = ChosenFormat(session, MachineFormats());
  ASSIGN_OR_RETURN(const bool printed,
                   PrintForMachines(session, format, operation));
  if (!printed) PrintText(session, OperationText(operation), 4);
  return kExitDone;
}

absl::StatusOr<int> Wait(Session& session, const Invocation& invocation) {
  ASSIGN_OR_RETURN(const Operation operation,
                   Fetch(session, invocation.words[0]));
  RETURN_IF_ERROR(FollowOperation(session, operation).status());
  return kExitDone;
}

absl::StatusOr<int> Cancel(Session& session, const Invocation& invocation) {
  google::longrunning::CancelOperationRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), OperationName(invocation.words[0]));
  RETURN_IF_ERROR(session.Call(kCancelOperation, request).status());
  return kExitDone;
}

Command Leaf(const std::string& name, const std::string& summary,
             Command::Run run, WordKind kind = WordKind::kOperation) {
  Command command;
  command.name = name;
  command.summary = summary;
  command.arguments = "NAME";
  command.min_words = command.max_words = 1;
  command.word_kind = kind;
  command.run = std::move(run);
  return command;
}

}  // namespace

Command OperationCommand() {
  Command list;
  list.name = "list";
  list.summary = "List operations that run or ran";
  list.flags = FormatFlags(MachineFormats());
  list.run = List;
  Command show = Leaf("show", "Show an operation and its steps", Show);
  show.flags = FormatFlags(MachineFormats());
  Command command;
  command.name = "operation";
  command.summary = "Follow work that takes several steps";
  command.children = {list, show,
                      Leaf("wait", "Wait for the end of an operation", Wait,
                           WordKind::kRunningOperation),
                      Leaf("cancel", "End an operation that waits, and undo it",
                           Cancel, WordKind::kRunningOperation)};
  return command;
}

}  // namespace microovn::ctl
