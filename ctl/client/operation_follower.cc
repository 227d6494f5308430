// SPDX-License-Identifier: Apache-2.0
#include "ctl/client/operation_follower.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/words.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;

// Short, so that Ctrl-C and changes of steps are seen soon.
constexpr absl::Duration kSlice = absl::Seconds(1);
constexpr absl::Duration kSliceDeadline = absl::Seconds(6);
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kPause = absl::Milliseconds(300);
// Nothing takes longer than this without a word.
constexpr absl::Duration kSilence = absl::Seconds(5);

// Prints what changed since the last look.
class Progress {
 public:
  explicit Progress(Session& session) : session_(session) {
    last_line_ = session.clock().Monotonic();
  }

  void Show(const Operation& operation) {
    if (!session_.terminal().err_is_terminal) return;
    v1::OperationMetadata metadata;
    if (!operation.metadata().UnpackTo(&metadata)) return;
    const v1::Plan& plan = metadata.plan();
    for (int i = 0; i < plan.steps_size(); ++i) {
      if (static_cast<size_t>(i) >= shown_.size()) shown_.push_back("");
      const std::string line = Line(plan.steps(i));
      if (line == shown_[i] || line.empty()) continue;
      shown_[i] = line;
      Print(line);
    }
    if (operation.done() ||
        session_.clock().Monotonic() - last_line_ < kSilence)
      return;
    Print(absl::StrCat("waiting for ", Waiting(plan), " (", operation.name(),
                       ")"));
  }

 private:
  std::string Line(const v1::Step& step) const {
    if (step.state() == v1::Step::STATE_PENDING ||
        step.state() == v1::Step::STATE_UNSPECIFIED) {
      return "";
    }
    std::string line =
        absl::StrCat(Mark(step.state()), " ", Printable(step.description()));
    if (step.members_size() > 0) {
      absl::StrAppend(&line, "  ",
                      Printable(absl::StrJoin(step.members(), " ")));
    }
    if (!step.detail().empty()) {
      absl::StrAppend(&line, "  (", Printable(step.detail()), ")");
    }
    return line;
  }

  std::string Mark(v1::Step::State state) const {
    if (!session_.terminal().unicode) {
      return absl::StrCat("[", StepWord(state), "]");
    }
    switch (state) {
      case v1::Step::STATE_DONE:
        return "✔";
      case v1::Step::STATE_FAILED:
        return "✖";
      case v1::Step::STATE_SKIPPED:
        return "-";
      default:
        return "●";
    }
  }

  static std::string Waiting(const v1::Plan& plan) {
    for (const v1::Step& step : plan.steps()) {
      if (step.state() == v1::Step::STATE_RUNNING) {
        return Printable(step.description());
      }
    }
    return "the operation to begin";
  }

  void Print(const std::string& line) {
    session_.err() << line << "\n" << std::flush;
    last_line_ = session_.clock().Monotonic();
  }

  Session& session_;
  std::vector<std::string> shown_;
  absl::Duration last_line_;
};

absl::Status Detached(Session& session, const std::string& name) {
  if (session.terminal().err_is_terminal) session.err() << "\n";
  return MakeError(
      absl::StatusCode::kCancelled,
      absl::StrCat("stopped waiting; ", name, " goes on"),
      {kReasonInterrupted,
       absl::StrCat("follow it with: microovn operation wait ", name),
       {}});
}

// One look that lasts up to a slice.
absl::StatusOr<Operation> Look(Session& session, const std::string& name,
                               bool* can_wait) {
  ASSIGN_OR_RETURN(Api* const api, session.Agent());
  if (*can_wait) {
    google::longrunning::WaitOperationRequest request;
    request.set_name(name);
    request.mutable_timeout()->set_seconds(absl::ToInt64Seconds(kSlice));
    auto operation = api->Call(kWaitOperation, request, kSliceDeadline);
    if (operation.status().code() != absl::StatusCode::kUnimplemented) {
      return operation;
    }
    *can_wait = false;
  }
  session.Sleep(kPause);
  google::longrunning::GetOperationRequest request;
  request.set_name(name);
  return api->Call(kGetOperation, request, kSliceDeadline);
}

bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

absl::Status StatusFromProto(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()),
                      status.message());
  for (const google::protobuf::Any& any : status.details()) {
    result.SetPayload(any.type_url(), absl::Cord(any.value()));
  }
  return result;
}

absl::StatusOr<Operation> FollowOperation(Session& session,
                                          Operation operation) {
  Progress progress(session);
  const std::string name = operation.name();
  bool can_wait = true;
  absl::Duration answered = session.clock().Monotonic();
  while (true) {
    progress.Show(operation);
    if (operation.done()) break;
    if (session.Interrupted()) return Detached(session, name);
    absl::StatusOr<Operation> next = Look(session, name, &can_wait);
    if (next.ok()) {
      answered = session.clock().Monotonic();
      operation = *std::move(next);
      continue;
    }
    if (session.Interrupted()) return Detached(session, name);
    if (!MayPass(next.status()) ||
        session.clock().Monotonic() - answered > kPatience) {
      return next.status();
    }
    session.Sleep(kPause);
  }
  if (operation.has_error()) return StatusFromProto(operation.error());
  return operation;
}

}  // namespace microovn::ctl
