// SPDX-License-Identifier: Apache-2.0
#include "agent/grpc_log/grpc_log.h"

#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "agent/grpc_log/line_limiter.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "grpc/support/log.h"

namespace microovn::agent {
namespace {

class Limited {
 public:
  std::optional<int> Admit(const gpr_log_func_args& line) {
    MutexLock lock(&mu_);
    return limiter_.Admit(line.file, line.line, Clock::Real().Monotonic());
  }

 private:
  Mutex mu_;
  LineLimiter limiter_ ABSL_GUARDED_BY(mu_);
};

// Called from gRPC's threads, with its locks held.
void Write(gpr_log_func_args* line) {
  // Never destroyed: gRPC may log until the process has ended.
  static auto* const limited = new Limited();
  // Its errors are this program's warnings: they are of one connection, which
  // is made again.
  if (line->severity != GPR_LOG_SEVERITY_ERROR) {
    google::LogMessage(line->file, line->line, google::GLOG_INFO).stream()
        << "gRPC: " << line->message;
    return;
  }
  const std::optional<int> left_out = limited->Admit(*line);
  if (!left_out.has_value()) return;
  google::LogMessage(line->file, line->line, google::GLOG_WARNING).stream()
      << "gRPC: " << line->message
      << (*left_out == 0
              ? std::string()
              : absl::StrCat(" (", *left_out,
                             " more of this kind were left out before)"));
}

}  // namespace

void TakeGrpcLog() { gpr_set_log_function(Write); }

}  // namespace microovn::agent
