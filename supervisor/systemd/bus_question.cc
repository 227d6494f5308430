// SPDX-License-Identifier: Apache-2.0
#include "supervisor/systemd/bus_question.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time/clock.h"

namespace microovn::supervisor {

bool IsSilence(int result) {
  return result == -ETIMEDOUT || result == -ENOTCONN || result == -ECONNRESET ||
         result == -EPIPE;
}

absl::Status LimitQuestion(sd_bus* bus, absl::Duration deadline) {
  const absl::Duration left = deadline - Clock::Real().Monotonic();
  if (left <= absl::ZeroDuration()) {
    return absl::UnavailableError("systemd does not answer in time");
  }
  // 0 would stand for the default of 25 seconds.
  const int64_t microseconds = absl::ToInt64Microseconds(left) + 1;
  sd_bus_set_method_call_timeout(bus, static_cast<uint64_t>(microseconds));
  return absl::OkStatus();
}

bool PropertyReader::MayAsk() {
  if (result_ >= 0 && !LimitQuestion(bus_, deadline_).ok()) {
    result_ = -ETIMEDOUT;
  }
  return result_ >= 0;
}

std::string PropertyReader::Text(const char* interface, const char* name) {
  if (!MayAsk()) return "";
  char* value = nullptr;
  result_ = sd_bus_get_property_string(bus_, kSystemd, path_.c_str(), interface,
                                       name, error_.get(), &value);
  std::string text = value == nullptr ? "" : value;
  free(value);
  return text;
}

uint32_t PropertyReader::Job() {
  uint32_t id = 0;
  if (!MayAsk()) return id;
  Message reply;
  result_ = sd_bus_get_property(bus_, kSystemd, path_.c_str(),
                                "org.freedesktop.systemd1.Unit", "Job",
                                error_.get(), reply.out(), "(uo)");
  if (result_ < 0) return id;
  const char* path = nullptr;
  result_ = sd_bus_message_read(reply.get(), "(uo)", &id, &path);
  return id;
}

}  // namespace microovn::supervisor
